import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

/// What an agent leads, and what follows from what it hears: pure, so that the cluster only carries out what it answers.
struct Share: Sendable {
    private let seat: Seat
    /// All that can be led from here, is led, or is being given back, by name.
    private var charges: [String: Charge] = [:]
    private var sight: Sight
    /// The newest record of the ledger that was seen.
    private var known = AuditHead.start
    /// What the last turn showed; nil before the first.
    private(set) var board: LeaseBoard?
    /// Whether it was told that the ledger does not answer.
    private var hasToldFault = false
    /// Why the first of what ended by itself with a reason did.
    private(set) var failure: MendflowFailure?
    /// Whether the ledger is not where it was, so that nothing can be done any more.
    private var isBroken = false

    /// Nothing yet; `pollInterval` is the time between two looks at n8n.
    init(_ seat: Seat, pollInterval: Period) {
        self.seat = seat
        sight = Sight(pollInterval: pollInterval)
    }

    /// Whether nothing is left to do, now and, where there will be nothing else, later.
    func isOver(isOpen: Bool) -> Bool {
        isBroken || !isOpen && charges.values.allSatisfy { ($0.led != nil) == $0.isDone }
    }

    /// Whether an instance is led from here; its loop looks at the files then.
    var isAnyLed: Bool { charges.contains { $0.key != LeaseBoard.desk && $0.value.loop != nil } }

    /// How long to wait for the next turn at most; `looking` is how often the files are to be looked at where no loop does.
    func rest(looking interval: Period?) -> Period {
        var longest = Period(milliseconds: seat.period.milliseconds / 4)
        if charges.values.contains(where: \.isLeftAlone) { longest = min(longest, pause) }
        if let interval, !isAnyLed { longest = min(longest, interval) }
        return longest
    }

    /// How long an instance is left alone that could not be led now: where there are others, they may have more luck.
    private var pause: Period { seat.isShared ? seat.period : .minutes(1) }

    /// What is asked of a turn; `seen` is what the loops saw of the ledger.
    func wish(seen: [AuditHead], now: Period) -> LeaseWish {
        LeaseWish(
            agent: seat.name, place: seat.place,
            instances: Set(charges.values.filter { $0.isWanted(at: now) }.map(\.name)),
            holds: charges.compactMapValues(\.held?.epoch), returns: charges.compactMapValues(\.returned),
            period: seat.period, knows: (seen + [known]).max { $0.sequence < $1.sequence } ?? known,
            blind: sight.blind, sees: sight.sees)
    }

    /// Changes all, in the order of their names.
    private mutating func each(_ change: (inout Charge) -> [ClusterEffect]) -> [ClusterEffect] {
        charges.keys.sorted().flatMap { change(&charges[$0, default: Charge($0)]) }
    }
}

// What there is to lead, and its loops.
extension Share {
    /// Calls the roll.
    mutating func call(_ roll: [String: Led], now: Period) -> [ClusterEffect] {
        for name in roll.keys where charges[name] == nil { charges[name] = Charge(name) }
        let effects = each { $0.call(roll[$0.name], now: now) }
        charges = charges.filter { !$0.value.isForgotten }
        return effects
    }

    /// Begins what is held and is not led yet.
    mutating func begin(at now: Period) -> [Charge.Beginning] {
        charges.keys.sorted().compactMap { charges[$0]?.begin(at: now) }
    }

    /// A loop has come to its end, by itself or not (nil); it saw the ledger up to a record.
    mutating func ended(_ name: String, _ ending: Cluster.Ending?, seen: AuditHead, now: Period) -> [ClusterEffect] {
        if case .done(let failure) = ending {
            self.failure = self.failure ?? failure
            // All of them work with one ledger.
            if failure?.kind == .displaced { isBroken = true }
        }
        saw(seen)
        let pause = pause
        return charges[name]?.ended(ending, now: now, pause: pause) ?? []
    }

    /// What could not be led before may be now.
    mutating func tryAgain() { for name in charges.keys { charges[name]?.tryAgain() } }

    /// Everything that is held is given back.
    mutating func giveAllBack() { for name in charges.keys { charges[name]?.giveBack() } }
}

// Turns.
extension Share {
    /// A turn was taken as it was wished; its leases last at least until then.
    mutating func took(_ turn: LeaseTurn, as wish: LeaseWish, until: Period) -> [ClusterEffect] {
        var effects = each { charge in
            charge.settle(wish.returns[charge.name])
            guard let held = charge.held, turn.held[charge.name]?.epoch != held.epoch else { return [] }
            return charge.lost(to: turn.board.held(charge.name)?.holder)
        }
        for (name, lease) in turn.held.sorted(by: { $0.key < $1.key }) {
            effects += charges[name, default: Charge(name)].took(lease, until: until)
        }
        // Brought to its end first, and given back then.
        if let surplus = turn.surplus { effects += handOn(surplus) }
        board = turn.board
        return effects
    }

    private mutating func handOn(_ name: String) -> [ClusterEffect] {
        charges[name]?.handOn(isBlind: sight.blind.contains(name)) ?? []
    }

    /// A turn was taken, or was not for this reason, which is said once.
    mutating func heard(_ fault: TableSeat.Fault?) -> [ClusterEffect] {
        defer { hasToldFault = fault != nil }
        guard let fault else { return hasToldFault ? [.say(.info, "lease.back", "the ledger answers again")] : [] }
        return hasToldFault
            ? [] : [.say(.error, "lease.failed", "\(fault); what is led goes on until its leases end")]
    }

    /// The ledger may have lost something: what the loops know of it is not so any more. What was known is, until it was seen to.
    mutating func doubted(knowing head: AuditHead) -> [ClusterEffect] {
        known = head
        return each { $0.loop == nil ? [] : [.cut($0.name)] }
    }

    /// The ledger ends where the board says: also earlier than was known, where it may have lost something and that was seen to.
    mutating func takes(_ board: LeaseBoard) {
        if board.doubt != nil { known = board.head } else { saw(board.head) }
    }

    /// A loop saw the ledger up to a record.
    private mutating func saw(_ head: AuditHead) { if head.sequence > known.sequence { known = head } }

    /// What is held under leases that may be over.
    func overdue(at now: Period) -> [String] {
        charges.values.filter { $0.held.map { $0.until <= now } ?? false }.map(\.name).sorted()
    }

    /// The lease of one that is overdue counts as over.
    mutating func lapse(_ name: String) -> [ClusterEffect] { charges[name]?.lapsed() ?? [] }
}

// Who reaches which n8n.
extension Share {
    /// The instances whose n8n is to be asked now whether it is reached from here, by what their loops told.
    mutating func unseen(_ told: [HostStatus.Instance], now: Period) -> [String] {
        guard let board else { return [] }
        let told = Dictionary(told.map { ($0.name, $0) }) { first, _ in first }
        var read: [String: Period] = [:]
        for (name, charge) in charges where name != LeaseBoard.desk {
            guard let loop = charge.loop else { continue }
            read[name] = max(loop.since, told[name]?.lastRead?.monotonic ?? loop.since)
            // It answers, and wants to be left alone.
            if case .resting(_, isAsked: true) = told[name]?.phase { read[name] = now }
        }
        let names = Set(charges.values.filter { $0.led != nil }.map(\.name)).subtracting([LeaseBoard.desk])
        return sight.look(at: board, from: seat.name, names, read: read, now: now)
    }

    /// The instance of this name; nil where it is gone.
    func instance(_ name: String) -> Configuration.Instance? { charges[name]?.led?.instance }

    /// An n8n was reached, or was not.
    mutating func note(_ name: String, isReached: Bool, now: Period) {
        sight.note(name, isReached: isReached, now: now)
    }
}
