public import MendflowCore
public import MendflowLedger

extension HostStatus.Values {
    /// The agents that share a ledger.
    public struct Fleet: Sendable, Hashable {
        /// This agent.
        public var here: AgentName
        /// Who leads what, and who is there.
        public var board: LeaseBoard
        /// When the board was asked for, in the clock's monotonic time.
        public var at: Period

        /// The lease of an instance, where it holds still, as far as can be told without asking again.
        public func held(_ instance: String, now: Period) -> Lease? {
            board.leases[instance].flatMap { $0.isHeld(at: board.now + (now - at)) ? $0 : nil }
        }
    }
}

extension HostStatus {
    /// Who leads what, as a turn at the leases has shown that was asked for then, in monotonic time.
    public func led(_ board: LeaseBoard, from here: AgentName, at time: Period) {
        known.fleet = Values.Fleet(here: here, board: board, at: time)
        for instance in known.instances {
            let holder = board.held(instance.name)?.holder
            switch instance.phase {
            case .ended: break
            case .elsewhere where holder == here: enter(.starting, instance.name)
            case .elsewhere(holder): break
            default: if holder != here { leave(instance.name, to: holder) }
            }
        }
    }

    /// An instance is led from here no more, whoever does now.
    public func lost(_ name: String) { leave(name, to: nil) }

    /// What was seen of it is somebody else's to tell from now on.
    private func leave(_ name: String, to leader: AgentName?) {
        enter(.elsewhere(leader), name)
        change(name) { ($0.lastTick, $0.lastRead) = (nil, nil) }
        looks.forget(name)
    }
}
