import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

/// Leads the instances whose leases this agent holds: takes turns at the leases, begins the loop of an instance when its lease is
/// taken, and ends it when the lease is lost or has to be given back, or when the instance is gone or another one by its name.
actor Cluster {
    /// Leads one instance until the task is cancelled, or for as long as there is something to do for it.
    typealias Work = @Sendable (_ instance: String, Led, LeaseHolding) async -> Ending

    /// How the work for an instance ended by itself.
    enum Ending: Sendable {
        /// It is done, or can never be done from here; with the reason.
        case done(MendflowFailure?)
        /// It could not be begun now. Others may have more luck, and this agent later.
        case notNow
    }

    private let table: any LeaseTable
    private let seat: Seat
    private let clock: any AgentClock
    private let log: any EventSink
    /// Told who leads what; nil where nobody asks.
    private let status: HostStatus?
    private let work: Work
    private let roster: Roster
    /// The instances that can be led from here, as they are now.
    private var instances: [String: Led] = [:]
    /// The leases that are held, and the epochs of those that are given back.
    private var holds: [String: Held] = [:], returns: [String: Int64] = [:]
    private var loops: [String: Loop] = [:]
    /// Instances whose loops have ended by themselves: as they are they are not led from here any more.
    private var ended: [String: Led] = [:]
    /// Instances that are left to others until then, in monotonic time.
    private var leftAlone: [String: Period] = [:]
    private var failure: MendflowFailure?
    /// The newest record of the ledger that was seen.
    private var known = AuditHead.start
    /// Told where the ledger may have lost something; nothing is led until it has come back.
    private let doubted: @Sendable (LedgerDoubt) async -> Bool
    private var hasToldFault = false
    /// Asks an instance's n8n whether it can be reached from here; nil where nobody else could lead it.
    private let reaches: (@Sendable (Configuration.Instance) async -> Bool)?
    private var sight: Sight
    /// Whether the ledger is not where it was, so that nothing can be done any more.
    private var isBroken = false
    /// What the last turn showed; nil before the first.
    private var board: LeaseBoard?
    /// When the files were looked at last where no loop does, in monotonic time.
    private var lookedAt: Period
    /// Ends the rest between two turns; set while it rests.
    private var waker: AsyncStream<Never>.Continuation?
    private var isWoken = false

    /// A lease, and until when it lasts at least, in monotonic time.
    private struct Held {
        var epoch: Int64
        var until: Period
    }

    private struct Loop {
        var holding: LeaseHolding
        var led: Led
        /// Ends the loop.
        var end: AsyncStream<Never>.Continuation
        /// When it began, in monotonic time.
        var since: Period
        /// Whether it comes to its end so that another agent can lead.
        var isHandedOn = false
    }

    init(
        _ table: any LeaseTable, _ seat: Seat, _ roster: Roster, clock: any AgentClock, log: any EventSink,
        status: HostStatus?, doubted: @escaping @Sendable (LedgerDoubt) async -> Bool = { _ in false },
        pollInterval: Period = .seconds(30), reaches: (@Sendable (Configuration.Instance) async -> Bool)? = nil,
        work: @escaping Work
    ) {
        self.reaches = reaches
        sight = Sight(pollInterval: pollInterval)
        self.doubted = doubted
        self.table = table
        self.seat = seat
        self.roster = roster
        lookedAt = clock.monotonic()
        self.clock = clock
        self.log = log
        self.status = status
        self.work = work
    }

    /// Leads what is this agent's share until the task is cancelled or all work has ended by itself; answers why it ended.
    func run() async -> MendflowFailure? {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.hearReturns() }
            group.addTask { await self.hearChanges() }
            await call()
            while !Task.isCancelled, !isOver {
                await turn()
                for name in await unseen() { group.addTask { await self.probe(name) } }
                // Where the loop of an older lease has not come to its end yet, that is waited for.
                for (name, held) in holds.sorted(by: { $0.key < $1.key }) where loops[name] == nil {
                    guard let led = instances[name] else { continue }
                    let holding = LeaseHolding(name, held.epoch, of: seat, until: held.until, clock: clock)
                    let (ending, end) = AsyncStream<Never>.makeStream()
                    loops[name] = Loop(holding: holding, led: led, end: end, since: clock.monotonic())
                    group.addTask { await self.lead(name, led, holding, until: ending) }
                }
                await rest()
                await look()
                await call()
            }
            group.cancelAll()
        }
        return failure
    }

    /// Whether nothing is left to do, now and later.
    private var isOver: Bool { isBroken || !roster.isOpen && Set(ended.keys) == Set(instances.keys) }

    /// Gives everything back, and takes its leave: others need not wait until the leases end.
    func leave() async {
        for (name, held) in holds { returns[name] = held.epoch }
        holds = [:]
        var wish = self.wish
        wish.isLeaving = true
        guard await answer(to: wish) != nil else {
            return say(.warning, "lease.kept", "could not be given back; others wait until the leases have ended")
        }
        returns = [:]
    }

    private var wanted: Set<String> {
        let now = clock.monotonic()
        return Set(instances.keys).subtracting(ended.keys).subtracting(leftAlone.filter { $0.value > now }.keys)
    }

    private var wish: LeaseWish {
        let seen = loops.values.map(\.holding.seen) + [known]
        let known = seen.max { $0.sequence < $1.sequence } ?? known
        return LeaseWish(
            agent: seat.name, place: seat.place, instances: wanted,
            holds: holds.mapValues(\.epoch), returns: returns, period: seat.period, knows: known,
            blind: sight.blind, sees: sight.sees)
    }
}

// Leading.
extension Cluster {
    /// Leads an instance until its work has ended, or has to.
    private func lead(_ name: String, _ led: Led, _ holding: LeaseHolding, until ending: AsyncStream<Never>) async {
        let work = work
        let end = await withTaskGroup(of: Ending?.self) { group in
            group.addTask { await work(name, led, holding) }
            group.addTask {
                for await _ in ending {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        switch end {
        case _ where Task.isCancelled: break
        case nil: break
        case .done(let failure):
            self.failure = self.failure ?? failure
            ended[name] = led
            // All of them work with one ledger.
            if failure?.kind == .displaced { isBroken = true }
        case .notNow: leftAlone[name] = clock.monotonic() + pause
        }
        loops[name] = nil
        if holding.seen.sequence > known.sequence { known = holding.seen }
        // Nothing of it goes on, so that another may begin at once. A later lease has not begun yet, and goes on.
        if holds[name]?.epoch == holding.epoch {
            holds[name] = nil
            returns[name] = holding.epoch
            say(.info, "lease.returned", "it is given back", name)
        }
        wake()
    }

    /// How long an instance is left alone that could not be led now: where there are others, they may have more luck.
    private var pause: Period { seat.isShared ? seat.period : .minutes(1) }

    /// Waits for the next turn's time, or until there is something to take or to give back.
    private func rest() async {
        let clock = clock
        var longest = Period(milliseconds: seat.period.milliseconds / 4)
        if !leftAlone.isEmpty { longest = min(longest, pause) }
        if roster.look != nil, !isAnyLed { longest = min(longest, roster.interval) }
        let rest = longest
        if !isWoken {
            let (wake, waker) = AsyncStream<Never>.makeStream()
            self.waker = waker
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await clock.sleep(for: rest) }
                group.addTask { for await _ in wake {} }
                await group.next()
                group.cancelAll()
            }
            self.waker = nil
        }
        isWoken = false
    }

    private func wake() {
        isWoken = true
        waker?.finish()
    }

    private func hearReturns() async { for await _ in table.returns() { wake() } }

    private func hearChanges() async {
        for await _ in roster.changes {
            // What could not be led before may be now.
            leftAlone = [:]
            wake()
        }
    }

    private func say(_ level: AgentEvent.Level, _ name: String, _ message: String, _ instance: String? = nil) {
        // Who shares with nobody has no leases to tell of.
        guard seat.isShared else { return }
        log.emit(AgentEvent(at: clock.now(), level, name, instance: instance, message))
    }

    private func tellOnce(_ message: String) {
        guard !hasToldFault else { return }
        hasToldFault = true
        say(.error, "lease.failed", "\(message); what is led goes on until its leases end")
    }
}

// What there is to lead.
extension Cluster {
    /// Calls the roll: loops of what is gone, or is another one by the same name, come to their end.
    private func call() async {
        instances = await roster.present()
        for (name, loop) in loops where instances[name] != loop.led { loop.end.finish() }
        ended = ended.filter { instances[$0.key] == $0.value }
        leftAlone = leftAlone.filter { instances[$0.key] != nil && $0.value > clock.monotonic() }
        // Taken, and gone before it was begun.
        for (name, held) in holds where instances[name] == nil && loops[name] == nil {
            holds[name] = nil
            returns[name] = held.epoch
        }
    }

    /// Whether an instance is led from here; its loop looks at the files then.
    private var isAnyLed: Bool { loops.keys.contains { $0 != LeaseBoard.desk } }

    /// Looks at the files where no loop does.
    private func look() async {
        guard let look = roster.look, !isAnyLed, lookedAt + roster.interval <= clock.monotonic() else { return }
        await look()
        lookedAt = clock.monotonic()
    }
}

// Turns.
extension Cluster {
    private func turn() async {
        let before = clock.monotonic()
        let wish = wish
        guard let turn = await answer(to: wish), await isBeyondDoubt(turn.board, wish) else { return await expire() }
        for (name, epoch) in wish.returns where returns[name] == epoch { returns[name] = nil }
        let until = before + seat.period
        for (name, held) in holds where turn.held[name]?.epoch != held.epoch { lose(name, turn.board) }
        // What came to its end while the turn was taken is given back at the next one.
        for (name, lease) in turn.held.sorted(by: { $0.key < $1.key }) where returns[name] != lease.epoch {
            if holds[name] == nil { say(.info, "lease.taken", "led from here from now on, lease \(lease.epoch)", name) }
            holds[name] = Held(epoch: lease.epoch, until: until)
            guard let loop = loops[name] else { continue }
            if loop.holding.epoch == lease.epoch { loop.holding.prolong(until: until) } else { loop.end.finish() }
        }
        // Brought to its end first, and given back then.
        if let surplus = turn.surplus { handOn(surplus) }
        board = turn.board
        if seat.isShared { await status?.led(turn.board, from: seat.name, at: before) }
    }

    /// Whether the ledger holds what was seen in it before. Where it does not, that is put on record first, by which all acting
    /// is paused, and only then is anything led.
    private func isBeyondDoubt(_ board: LeaseBoard, _ wish: LeaseWish) async -> Bool {
        if let doubt = board.doubt {
            known = wish.knows
            // What they know of the ledger is not so any more.
            for loop in loops.values {
                loop.holding.end()
                loop.end.finish()
            }
            guard await doubted(doubt) else { return false }
            known = .start
        }
        if board.doubt != nil || board.head.sequence > known.sequence { known = board.head }
        return true
    }

    /// Asks for a turn, and waits no longer than leaves time for another.
    private func answer(to wish: LeaseWish) async -> LeaseTurn? {
        let (table, clock, patience) = (table, clock, Period(milliseconds: seat.period.milliseconds / 3))
        let answer = await withTaskGroup(of: Result<LeaseTurn, LedgerFailure>?.self) { group in
            group.addTask {
                do throws(LedgerFailure) { return .success(try await table.turn(wish)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await clock.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        switch answer {
        case .success(let turn):
            if hasToldFault { say(.info, "lease.back", "the ledger answers again") }
            hasToldFault = false
            return turn
        case .failure(let failure): tellOnce("\(failure)")
        case nil: tellOnce("the ledger does not answer")
        }
        return nil
    }

    /// Ends what is led under leases that may be over.
    private func expire() async {
        let now = clock.monotonic()
        for (name, held) in holds where held.until <= now {
            holds[name] = nil
            loops[name]?.holding.end()
            loops[name]?.end.finish()
            say(.warning, "lease.over", "the lease has ended, and whether it goes on cannot be told", name)
            await status?.lost(name)
        }
    }

    private func lose(_ name: String, _ board: LeaseBoard) {
        holds[name] = nil
        loops[name]?.holding.end()
        loops[name]?.end.finish()
        let by = board.held(name).map { "; \($0.holder) leads it now" } ?? ""
        say(.warning, "lease.lost", "the lease is over\(by)", name)
    }
}

// Who reaches which n8n.
extension Cluster {
    /// How long an n8n is waited for that may not be reached.
    private static let patience = Period.seconds(20)

    /// The instances whose n8n is to be asked now whether it is reached from here.
    private func unseen() async -> [String] {
        guard reaches != nil, let board else { return [] }
        let now = clock.monotonic()
        let told = Dictionary(await status?.values.instances.map { ($0.name, $0) } ?? []) { first, _ in first }
        var read: [String: Period] = [:]
        for (name, loop) in loops where name != LeaseBoard.desk {
            read[name] = max(loop.since, told[name]?.lastRead?.monotonic ?? loop.since)
            // It answers, and wants to be left alone.
            if case .resting(_, isAsked: true) = told[name]?.phase { read[name] = now }
        }
        let names = Set(instances.keys).subtracting([LeaseBoard.desk])
        return sight.look(at: board, from: seat.name, names, read: read, now: now)
    }

    private func probe(_ name: String) async {
        guard let reaches, let instance = instances[name]?.instance else { return }
        let clock = clock
        let isReached = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await reaches(instance) }
            group.addTask {
                try? await clock.sleep(for: Cluster.patience)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
        guard !Task.isCancelled else { return }
        sight.note(name, isReached: isReached, now: clock.monotonic())
    }

    private func handOn(_ name: String) {
        if sight.blind.contains(name), loops[name]?.isHandedOn == false {
            say(
                .warning, "lease.blind", "n8n is not reached from here, and is from another agent: it is handed on",
                name)
        }
        loops[name]?.isHandedOn = true
        loops[name]?.end.finish()
    }
}
