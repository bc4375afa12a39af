import MendflowCore
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Synchronization

// What is judged in the moment in which it happens, by the database's own record.
extension SeedWorld {
    /// A change of a process is there: it leads still, by the database's clock.
    func sees(_ request: HTTPRequest, arriveOf process: Int, under lease: String) {
        guard let database, !watched.withLock({ $0.hasLost }) else { return }
        let board = database.board
        guard let held = board.held(lease), SharedWorld.process(held.holder) == process else {
            let leader = board.held(lease).map { "\($0.holder) does" } ?? "nobody does"
            return record.accuse(
                "led",
                "\(request.method.name) \(request.url) was sent by process \(process), which does not lead; \(leader)")
        }
    }

    /// Something was committed.
    func sees(_ commit: SimulatedDatabase.Commit, of process: Int) {
        switch commit {
        case .turn(let before, let after): seesTurn(before, after)
        case .append(let entries, let head, let board):
            guard process > 0 else { return }
            watched.withLock { $0.written[process] = head.chain }
            for entry in entries { seesEntry(entry, process, board) }
        }
    }

    private func seesEntry(_ entry: LedgerEntry, _ process: Int, _ board: LeaseBoard) {
        if case .paused(nil, _, _, _, _) = entry.event { record.notePaused(clock.monotonic()) }
        var lease = entry.event.instance?.name
        if case .notified = entry.event { lease = LeaseBoard.desk }
        guard let lease, !watched.withLock({ $0.hasLost }) else { return }
        guard let held = board.held(lease), SharedWorld.process(held.holder) == process else {
            return record.accuse(
                "fenced", "process \(process) wrote \("\(entry.event)".prefix(60)) and does not lead '\(lease)'")
        }
    }

    /// Leases change hands as they may, and no other way.
    private func seesTurn(_ before: LeaseBoard, _ after: LeaseBoard) {
        for (name, lease) in after.leases {
            guard let old = before.leases[name], old != lease else { continue }
            let isOver = !old.isHeld(at: before.now)
            let fault: String? =
                if lease.epoch < old.epoch {
                    "is epoch \(lease.epoch) again after \(old.epoch)"
                } else if lease.epoch == old.epoch {
                    lease.holder != old.holder
                        ? "is \(lease.holder)'s and \(old.holder)'s under one epoch"
                        : isOver && lease.ends > old.ends ? "was prolonged after its end" : nil
                } else {
                    lease.holder != old.holder && !isOver ? "was taken from \(old.holder), who held it" : nil
                }
            if let fault { record.accuse("one-leader", "the lease of '\(name)' \(fault)") }
        }
    }
}

extension SharedWorld {
    /// The process that calls itself so.
    static func process(_ name: AgentName) -> Int? {
        name.text.split(separator: "-").first.flatMap { Int($0.dropFirst()) }
    }
}

/// What is remembered of hosts that share a database while a world lives.
struct SharedMemory: Sendable {
    /// Since when nobody leads what is to be led.
    var leaderlessSince: [String: Period] = [:]
    /// What each process wrote last, as it was acknowledged or not.
    var written: [Int: AuditHead] = [:]
    /// Whether the database has lost something that it had acknowledged.
    var hasLost = false
    /// Until when a loss has to be found, and by which processes.
    var losses: [(until: Period, processes: Set<Int>, pauses: Int)] = []
    /// Whether the database is slow, or refuses or loses much.
    var isAiling = false
    /// When its clock jumped ahead last.
    var jumpedAt = Period(milliseconds: .min / 2)
    var isInPeaceSince: Period?
}

extension SeedWorld {
    /// Looks every two seconds who leads, for as long as the world lives.
    func watchLeaders() async {
        while !Task.isCancelled {
            await pass(.seconds(2))
            guard let database, let shared = plan.shared else { return }
            let now = clock.monotonic()
            noteHealth(now, database)
            let board = database.board
            lookForLeaders(board, now)
            lookForLosses(now, database)
            lookForShares(board, now, shared)
        }
    }

    private func noteHealth(_ now: Period, _ database: SimulatedDatabase) {
        let isAiling = watched.withLock { $0.isAiling }
        machines.withLock { machines in
            for index in machines.places.indices {
                let place = machines.places[index]
                let isWell =
                    place.host != nil && !place.life.isDead && !place.life.isFrozen && database.answers(index)
                    && !isAiling
                machines.places[index].isWellSince = isWell ? place.isWellSince ?? now : nil
            }
        }
    }

    /// How long a machine has been well; nil where none is.
    private func wellness(_ now: Period) -> Period? {
        machines.withLock { $0.places.compactMap(\.isWellSince).min() }.map { now - $0 }
    }

    /// Nobody waits for a leader for longer than two periods where somebody is well.
    private func lookForLeaders(_ board: LeaseBoard, _ now: Period) {
        let limit = SharedWorld.period + SharedWorld.period + .seconds(8)
        for name in ["main"] + SharedWorld.others + (plan.tellsPeople ? [LeaseBoard.desk] : []) {
            guard board.held(name) == nil else {
                watched.withLock { $0.leaderlessSince[name] = nil }
                continue
            }
            let since = watched.withLock { memory in
                let since = memory.leaderlessSince[name] ?? now
                memory.leaderlessSince[name] = since
                return since
            }
            guard let well = wellness(now), well > limit, now - since > limit else { continue }
            record.accuse("taken-over", "nobody has led '\(name)' since \(since), and it is \(now)")
            watched.withLock { $0.leaderlessSince[name] = now }
        }
    }

    /// In peace nobody leads two more than another. Who was cut off from an n8n is not preferred for five minutes after.
    private func lookForShares(_ board: LeaseBoard, _ now: Period, _ shared: SharedWorld) {
        guard let since = watched.withLock({ $0.isInPeaceSince }), now - since > .minutes(8) else { return }
        let present = board.present.map(\.name)
        let loads = present.map { name in board.leases.values.count { $0.holder == name && $0.isHeld(at: board.now) } }
        guard present.count >= shared.hosts, let most = loads.max(), let least = loads.min(), most > least + 1 else {
            return
        }
        record.accuse("shared-evenly", "at \(now) \(present) lead \(loads)")
        watched.withLock { $0.isInPeaceSince = now }
    }

    /// A loss that a living agent knows of is found within a lease period.
    private func lookForLosses(_ now: Period, _ database: SimulatedDatabase) {
        let due = watched.withLock { memory in
            defer { memory.losses.removeAll { $0.until <= now } }
            return memory.losses.filter { $0.until <= now }
        }
        for loss in due {
            // Who was not well in between may have heard nothing.
            let knows = machines.withLock { machines in
                machines.places.contains { place in
                    loss.processes.contains(place.number)
                        && place.isWellSince.map { now - $0 > SharedWorld.lossIsFoundWithin } ?? false
                }
            }
            guard knows, record.contents.pauses.count <= loss.pauses else { continue }
            record.accuse("loss-found", "at \(now) nobody has found that the database has lost records")
        }
    }
}

extension SharedWorld {
    /// How long it takes at most until a loss is found.
    static let lossIsFoundWithin = Period.seconds(25)
}
