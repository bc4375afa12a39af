import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowText
import MendflowWorkspace
import Synchronization

/// What a host has once its start is on record: nothing was asked of n8n before.
struct HostStart: Sendable {
    /// The right to the ledger, and to be one of several on it.
    let hold: any LedgerHold, leases: (any LeaseTable)?, seat: Seat?
    let loop: InstanceLoop
    /// Those that nobody else leads, with what they are called.
    let runs: [(name: String, run: InstanceRun)]
    let meters: Meters?, service: AgentService?
}

extension MendflowHost {
    /// Everything up to the record of the start; nil where the host is told to stop before. A database that goes away meanwhile is
    /// waited for, and all of it is done anew.
    func start(_ errand: Errand) async throws(MendflowFailure) -> HostStart? {
        while try await isLedgerReached(errand) {
            do throws(MendflowFailure) { return try await startOnce(errand) } catch {
                guard error.cause == .ledgerAway, errand.goesOn else { throw error }
                // One that answers who asks, and not who writes, is not asked without end and without a word.
                log.emit(
                    AgentEvent(at: clock.now(), .error, "ledger.failed", "\(error.message); the start is tried again"))
                try? await clock.sleep(for: MendflowHost.retried)
            }
        }
        return nil
    }

    private func startOnce(_ errand: Errand) async throws(MendflowFailure) -> HostStart {
        try await DuplicateInstances.refuse(workspace)
        let (hold, leases) = try await right(to: errand)
        let seat = leases.map { _ in Seat(workspace) }
        try await verify()
        announce(errand)
        let path = workspace.ledgerPath
        try await pauseIfOlder(hold)
        let marks = try await workspace.ledger { () throws(LedgerFailure) in
            try await EarlierMarks.believed(hold.marks, in: try workspace.environment.ledgers.open(path, .read))
        }
        let isServed = errand.isServed && workspace.configuration.service != nil
        let meters = isServed ? AgentService.meters(workspace) : nil
        let metered = meters.map { workspace.with($0.metered(workspace.environment)) } ?? workspace
        let hints = HintReceivers(workspace)
        let loop = InstanceLoop(
            workspace: metered, asked: asked, log: log, watch: watch, work: errand.work,
            // Who shares the ledger has to know whether it reaches what it leads.
            status: isServed || leases != nil && errand.goesOn ? status : nil,
            hints: isServed ? hints : nil, standing: StandingLedger(workspace), bell: bell)
        let runs = leases == nil ? try await runs(errand, loop, hold, marks) : []
        var service: AgentService?
        if let meters {
            service = try await AgentService.start(workspace, status, meters, hints, inForce, log)
        }
        do throws(MendflowFailure) {
            let record = try await AgentRecords.started(
                workspace, asked, applying: errand.plan, replaying: errand.replay, unconfirmed: try await unconfirmed(),
                agent: seat?.name, clock.now())
            await watch.began(at: record)
        } catch {
            await service?.close()
            throw error
        }
        await beginMarks(hold)
        return HostStart(
            hold: hold, leases: leases, seat: seat, loop: loop, runs: runs, meters: meters, service: service)
    }

    private func runs(
        _ errand: Errand, _ loop: InstanceLoop, _ hold: any LedgerHold, _ marks: SendMarks?
    ) async throws(MendflowFailure) -> [(name: String, run: InstanceRun)] {
        var runs: [(name: String, run: InstanceRun)] = []
        for instance in instances(of: errand) {
            do throws(MendflowFailure) {
                runs.append((instance.name, try await loop.run(instance, hold, marks)))
            } catch {
                // One of many that come and go is tried again, and keeps none of the others from being looked after.
                guard comesAndGoes(errand) else { throw error }
            }
        }
        return runs
    }

    /// How long is waited between two tries to reach the ledger, and how long in all by what does not go on.
    private static let (retried, patience) = (Period.seconds(2), Period.seconds(30))

    /// Waits until the place of the ledger answers: a database is restarted now and then, also while an agent starts. False
    /// where the host is told to stop before. What else is wrong with it is told by whoever needs it.
    private func isLedgerReached(_ errand: Errand) async throws(MendflowFailure) -> Bool {
        // A file is there, or it is not.
        guard !workspace.isLedgerFile else { return true }
        let (path, ledgers, began) = (workspace.ledgerPath, workspace.environment.ledgers, clock.monotonic())
        var isTold = false
        func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
            log.emit(AgentEvent(at: clock.now(), level, name, message))
        }
        while !wasStopped.withLock({ $0 }), !Task.isCancelled {
            do throws(LedgerFailure) { _ = try await ledgers.open(path, .read) } catch {
                if case .away = error {
                    if !isTold { say(.error, "ledger.unreachable", "\(error); it is tried again until it answers") }
                    isTold = true
                    guard errand.goesOn || clock.monotonic() - began < MendflowHost.patience else {
                        throw MendflowFailure(ledger: error)
                    }
                    try? await clock.sleep(for: MendflowHost.retried)
                    continue
                }
            }
            if isTold { say(.info, "ledger.reached", "the ledger answers") }
            return true
        }
        say(.info, "stopped", "mendflow stopped, before its ledger could be reached")
        return false
    }

    /// What stands in the ledger is built on: that it is what was written, every record and all that is kept beside them,
    /// is asked once, before anything is.
    private func verify() async throws(MendflowFailure) {
        let path = workspace.ledgerPath
        let found = try await workspace.ledger { () throws(LedgerFailure) in
            try await workspace.environment.ledgers.open(path, .read).verify(expecting: nil)
        }
        if let fault = found.fault {
            let message = "\(path): \(fault). Nothing is done on such a ledger; docs/operating.md says what to do"
            throw MendflowFailure(.broken, message)
        }
        let message =
            "\(found.count.words("record", "records")) and all that is kept beside them are as they were written"
        log.emit(AgentEvent(at: clock.now(), .debug, "ledger.verified", message))
    }

    /// A ledger that does not know the last agent of this machine does not know what that one has sent: nothing more is
    /// sent until a person has seen to it.
    private func pauseIfOlder(_ hold: any LedgerHold) async throws(MendflowFailure) {
        let (path, ledgers) = (workspace.ledgerPath, workspace.environment.ledgers)
        try await workspace.ledger { () throws(LedgerFailure) in
            guard try await EarlierMarks.areUnknown(hold.marks, in: try ledgers.open(path, .read)) else { return }
            let number = hold.marks?.start.sequence ?? 0
            let reason =
                "this ledger does not know record \(number), with which the last agent on this machine began: an older copy? "
                + "docs/operating.md says what to do before `mendflow resume --force`"
            log.emit(AgentEvent(at: clock.now(), .error, "ledger.older", reason))
            let entry = LedgerEntry(
                .paused(instance: nil, reason: reason, by: workspace.user, isDoubt: true), at: clock.now())
            try await Ledger(try ledgers.open(path, .append), LedgerScope(instances: [])).append([entry])
        }
    }

    /// What held the last agent back and is lost by starting with the files as they are, for an agent that does not start sees
    /// nothing; but it is said.
    private func unconfirmed() async throws(MendflowFailure) -> [ReloadLoss] {
        guard let store = try await workspace.openLedgerReading() else { return [] }
        let last = try await workspace.ledger { () throws(LedgerFailure) in
            try await LastReading.read(store, try await store.load(LedgerScope(instances: [])).head.chain)
        }
        let losses = last?.losses(in: workspace) ?? []
        for loss in losses {
            let message = "let go by this start, with nobody's word: \(loss.words)"
            log.emit(AgentEvent(at: clock.now(), .error, "reload.unconfirmed", message))
        }
        return losses
    }

    /// Has requests marked that are about to leave. Without marks a request of an agent that was killed counts as sent.
    private func beginMarks(_ hold: any LedgerHold) async {
        do throws(LedgerFailure) {
            let store = try await workspace.environment.ledgers.open(workspace.ledgerPath, .read)
            try hold.beginMarks(at: try await store.load(LedgerScope(instances: [])).head.chain)
        } catch {
            let message = "\(error); where this process is killed, what it was about to send counts as sent"
            log.emit(AgentEvent(at: clock.now(), .warning, "sends.unmarked", message))
        }
    }

    /// The first line says which policies can act.
    private func announce(_ errand: Errand) {
        for instance in workspace.configuration.instances {
            let mode = workspace.mode(instance, asked: asked)
            let (acting, dryRun) = workspace.policies(of: instance, mode: mode)
            let why = mode == .enforce ? "none is in mode enforce" : "the mode here is \(mode.rawValue)"
            let message =
                acting.isEmpty
                ? "no policy can act: \(why)" : "\(acting.count) of \(acting.count + dryRun.count) policies can act"
            log.emit(
                AgentEvent(
                    at: clock.now(), .info, "started", instance: instance.name, message,
                    fields: [.init("mode", mode.rawValue), .init("acting", acting.joined(separator: ","))]))
            if let why = idleness(of: instance, mode, errand) {
                log.emit(AgentEvent(at: clock.now(), .warning, "idle", instance: instance.name, why))
            }
        }
        if let message = workspace.environment.files.exposure(workspace.ledgerPath) {
            log.emit(AgentEvent(at: clock.now(), .warning, "ledger.exposed", message))
        }
    }

    /// Why nothing can come of a run for an instance, which ends well all the same; nil where something can, or where it is said
    /// otherwise.
    private func idleness(of instance: Configuration.Instance, _ mode: Mode, _ errand: Errand) -> String? {
        guard case .everything = errand.work else { return nil }
        guard mode != .off else {
            return errand.goesOn ? nil : "nothing is looked at or sent: its mode is off"
        }
        let all = workspace.policies.filter { $0.instances?.contains(instance.name) ?? true }
        guard all.allSatisfy({ $0.mode == .off }) else { return nil }
        let why = all.isEmpty ? "no policy is for it" : "the mode of every policy for it is off"
        return "nothing is decided but what a replay is for: \(why)"
    }
}
