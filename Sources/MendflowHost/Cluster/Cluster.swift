import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

/// Leads the instances whose leases this agent holds: takes turns at the leases, begins the loop of an instance when its lease is
/// taken, and ends it when the lease is lost or has to be given back, or when the instance is gone or another one by its name.
///
/// What follows from what is `Share`'s to say; here is what asks, begins, ends and waits.
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

    private let leases: TableSeat
    private let roster: Roster
    private let duties: Duties
    private let clock: any AgentClock
    private let log: any EventSink
    /// Told who leads what; nil where nobody asks.
    private let status: HostStatus?
    private var share: Share
    private var running: [String: Running] = [:]
    private var pace: Pace

    /// What is done for instances, and for all of them.
    private struct Duties {
        let work: Work
        /// Asks an instance's n8n whether it can be reached from here; nil where nobody else could lead it.
        let reaches: (@Sendable (Configuration.Instance) async -> Bool)?
        /// Told where the ledger may have lost something; nothing is led until it has come back.
        let doubted: @Sendable (LedgerDoubt) async -> Bool
    }

    /// A loop that has begun.
    private struct Running {
        var holding: LeaseHolding
        /// Ends the loop.
        var end: AsyncStream<Never>.Continuation
    }

    /// When the cluster does what nothing else gives rise to.
    private struct Pace {
        /// Ends the rest between two turns; set while it rests.
        var waker: AsyncStream<Never>.Continuation?
        var isWoken = false
        /// When the files were looked at last where no loop does, in monotonic time.
        var lookedAt: Period
    }

    init(
        _ table: any LeaseTable, _ seat: Seat, _ roster: Roster, clock: any AgentClock, log: any EventSink,
        status: HostStatus?, doubted: @escaping @Sendable (LedgerDoubt) async -> Bool = { _ in false },
        pollInterval: Period = .seconds(30), reaches: (@Sendable (Configuration.Instance) async -> Bool)? = nil,
        work: @escaping Work
    ) {
        leases = TableSeat(table: table, seat: seat, clock: clock)
        duties = Duties(work: work, reaches: reaches, doubted: doubted)
        share = Share(seat, pollInterval: pollInterval)
        pace = Pace(lookedAt: clock.monotonic())
        self.roster = roster
        self.clock = clock
        self.log = log
        self.status = status
    }

    /// Leads what is this agent's share until the task is cancelled or all work has ended by itself; answers why it ended.
    func run() async -> MendflowFailure? {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.hearReturns() }
            group.addTask { await self.hearChanges() }
            await call()
            while !Task.isCancelled, !share.isOver(isOpen: roster.isOpen) {
                await turn()
                for name in await unseen() { group.addTask { await self.probe(name) } }
                for next in share.begin(at: clock.monotonic()) {
                    let holding = LeaseHolding(
                        next.name, next.lease.epoch, of: leases.seat, until: next.lease.until, clock: clock)
                    let (ending, end) = AsyncStream<Never>.makeStream()
                    running[next.name] = Running(holding: holding, end: end)
                    group.addTask { await self.lead(next.name, next.led, holding, until: ending) }
                }
                await rest()
                await look()
                await call()
            }
            group.cancelAll()
        }
        return share.failure
    }

    /// Gives everything back, and takes its leave: others need not wait until the leases end.
    func leave() async {
        share.giveAllBack()
        var wish = self.wish
        wish.isLeaving = true
        guard await answer(to: wish) == nil else { return }
        perform([
            .say(.warning, "lease.kept", "could not be given back; others wait until the leases have ended")
        ])
    }

    private var wish: LeaseWish {
        share.wish(seen: running.values.map(\.holding.seen), now: clock.monotonic())
    }
}

// Leading.
extension Cluster {
    /// Leads an instance until its work has ended, or has to.
    private func lead(_ name: String, _ led: Led, _ holding: LeaseHolding, until ending: AsyncStream<Never>) async {
        let work = duties.work
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
        running[name] = nil
        perform(share.ended(name, Task.isCancelled ? nil : end, seen: holding.seen, now: clock.monotonic()))
        wake()
    }

    private func perform(_ effects: [ClusterEffect]) {
        for effect in effects {
            switch effect {
            case .end(let name): running[name]?.end.finish()
            case .cut(let name):
                running[name]?.holding.end()
                running[name]?.end.finish()
            case .prolong(let name, let until): running[name]?.holding.prolong(until: until)
            case .say(let level, let event, let message, let instance):
                // Who shares with nobody has no leases to tell of.
                guard leases.seat.isShared else { continue }
                log.emit(AgentEvent(at: clock.now(), level, event, instance: instance, message))
            }
        }
    }

    /// Calls the roll.
    private func call() async {
        let roll = await roster.present()
        perform(share.call(roll, now: clock.monotonic()))
    }

    /// Looks at the files where no loop does.
    private func look() async {
        guard let look = roster.look, !share.isAnyLed, pace.lookedAt + roster.interval <= clock.monotonic() else {
            return
        }
        await look()
        pace.lookedAt = clock.monotonic()
    }

    /// Waits for the next turn's time, or until there is something to take or to give back.
    private func rest() async {
        let clock = clock
        let rest = share.rest(looking: roster.look == nil ? nil : roster.interval)
        if !pace.isWoken {
            let (wake, waker) = AsyncStream<Never>.makeStream()
            pace.waker = waker
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await clock.sleep(for: rest) }
                group.addTask { for await _ in wake {} }
                await group.next()
                group.cancelAll()
            }
            pace.waker = nil
        }
        pace.isWoken = false
    }

    private func wake() {
        pace.isWoken = true
        pace.waker?.finish()
    }

    private func hearReturns() async { for await _ in leases.table.returns() { wake() } }

    private func hearChanges() async {
        for await _ in roster.changes {
            share.tryAgain()
            wake()
        }
    }
}

// Turns.
extension Cluster {
    private func turn() async {
        let before = clock.monotonic()
        let wish = wish
        guard let turn = await answer(to: wish), await isBeyondDoubt(turn.board, wish) else { return await expire() }
        let until = before + leases.seat.period
        perform(share.took(turn, as: wish, until: until))
        if leases.seat.isShared { await status?.led(turn.board, from: leases.seat.name, at: before) }
    }

    /// Whether the ledger holds what was seen in it before. Where it does not, that is put on record first, by which all acting
    /// is paused, and only then is anything led.
    private func isBeyondDoubt(_ board: LeaseBoard, _ wish: LeaseWish) async -> Bool {
        if let doubt = board.doubt {
            perform(share.doubted(knowing: wish.knows))
            guard await duties.doubted(doubt) else { return false }
        }
        share.takes(board)
        return true
    }

    /// The answer to a wish; nil where there is none.
    private func answer(to wish: LeaseWish) async -> LeaseTurn? {
        do throws(TableSeat.Fault) {
            let turn = try await leases.turn(wish)
            perform(share.heard(nil))
            return turn
        } catch {
            perform(share.heard(error))
            return nil
        }
    }

    /// Ends what is led under leases that may be over.
    private func expire() async {
        for name in share.overdue(at: clock.monotonic()) {
            perform(share.lapse(name))
            await status?.lost(name)
        }
    }
}

// Who reaches which n8n.
extension Cluster {
    /// How long an n8n is waited for that may not be reached.
    private static let patience = Period.seconds(20)

    /// The instances whose n8n is to be asked now whether it is reached from here.
    private func unseen() async -> [String] {
        guard duties.reaches != nil, share.board != nil else { return [] }
        let now = clock.monotonic()
        let told = await status?.values.instances ?? []
        return share.unseen(told, now: now)
    }

    private func probe(_ name: String) async {
        guard let reaches = duties.reaches, let instance = share.instance(name) else { return }
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
        share.note(name, isReached: isReached, now: clock.monotonic())
    }
}
