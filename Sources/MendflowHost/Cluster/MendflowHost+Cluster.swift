import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowNotify
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

extension MendflowHost {
    /// The right to act on the ledger: this agent's alone, or shared with others by leases, where nobody has all of it.
    func right(
        to errand: Errand
    ) async throws(MendflowFailure) -> (hold: any LedgerHold, leases: (any LeaseTable)?) {
        let (ledgers, path) = (workspace.environment.ledgers, workspace.ledgerPath)
        return try await workspace.ledger { () throws(LedgerFailure) in
            guard let leases = try ledgers.leases(of: path) else { return (try lock(), nil) }
            if !errand.goesOn { try await refuseOthers(leases, errand) }
            return (SharedLedger(), leases)
        }
    }

    private func lock() throws(LedgerFailure) -> any LedgerHold {
        try workspace.environment.ledgers.lock(workspace.ledgerPath)
    }

    /// What is not shared needs an instance that nobody leads.
    private func refuseOthers(_ leases: any LeaseTable, _ errand: Errand) async throws(LedgerFailure) {
        let board = try await leases.board()
        for lease in instances(of: errand).compactMap({ board.held($0.name) }) {
            throw .locked("\(workspace.ledgerPath): '\(lease.instance)' is led by \(lease.holder)")
        }
    }

    /// Leads what is this agent's share until the host is stopped, or until everything is done; answers what kept it from it.
    func share(
        _ leases: any LeaseTable, from seat: Seat, _ errand: Errand, _ loop: InstanceLoop, _ meters: Meters?
    ) async -> MendflowFailure? {
        let (workspace, log) = (workspace, log)
        let reaches: @Sendable (Configuration.Instance) async -> Bool = { await workspace.reaches($0) }
        let cluster = Cluster(
            leases, seat, roster(errand, isShared: true, meters, loop.hints), clock: clock, log: log,
            status: errand.goesOn ? status : nil,
            doubted: { await MendflowHost.pause(workspace, $0, leases, log) },
            pollInterval: workspace.configuration.pollInterval,
            reaches: errand.goesOn ? reaches : nil
        ) { [self] name, led, holding in
            guard let instance = led.instance else {
                await NoticeDesk(workspace.with(workspace.environment.leased(holding)), log: log).run()
                return .done(nil)
            }
            return await lead(instance, errand, loop) { (loop, instance) throws(MendflowFailure) in
                try await loop.run(instance, under: holding)
            }
        }
        let failure = await untilStopped { await self.watching { await cluster.run() } }
        await cluster.leave()
        return failure
    }
}

extension MendflowHost {
    /// Looks for changes of policies as well while nothing is led from here, so that a take-over begins with those in force; and at
    /// what the place of the ledger promises.
    private func watching(_ work: @escaping @Sendable () async -> MendflowFailure?) async -> MendflowFailure? {
        let (watch, clock, pause) = (watch, clock, workspace.configuration.pollInterval)
        let keeper = workspace.environment.ledgers.keeper(of: workspace.ledgerPath)
        let promises = keeper.map { PromiseWatch(keeper: $0, clock: clock, log: log) }
        return await withTaskGroup(of: MendflowFailure?.self) { group in
            group.addTask { await work() }
            group.addTask {
                while (try? await clock.sleep(for: pause)) != nil { _ = await watch.fresh(for: LeaseBoard.desk) }
                return nil
            }
            if let promises {
                group.addTask {
                    await promises.run()
                    return nil
                }
            }
            let failure = await group.next() ?? nil
            group.cancelAll()
            return failure
        }
    }

    /// A ledger that may have lost something does not know what was sent: nothing more is, anywhere, until a person has seen to it.
    /// False where that could not be put on record.
    private static func pause(
        _ workspace: Workspace, _ doubt: LedgerDoubt, _ leases: any LeaseTable, _ log: any EventSink
    ) async -> Bool {
        let (now, user) = (workspace.clock.now(), workspace.user)
        log.emit(AgentEvent(at: now, .error, "ledger.older", doubt.description))
        do throws(LedgerFailure) {
            let store = try await workspace.environment.ledgers.open(workspace.ledgerPath, .append)
            let reason = "\(doubt); docs/operating-at-scale.md says what to do before `mendflow resume --force`"
            let pause = LedgerEntry(.paused(instance: nil, reason: reason, by: user, isDoubt: true), at: now)
            try await Ledger(store, LedgerScope(instances: [])).append([pause])
            try await leases.settleDoubt()
            return true
        } catch {
            log.emit(AgentEvent(at: now, .error, "ledger.failed", "\(error)"))
            return false
        }
    }
}

/// Nobody holds a ledger as a whole that is shared.
private struct SharedLedger: LedgerHold {
    var marks: SendMarks? { nil }
    func beginMarks(at head: AuditHead) throws(LedgerFailure) {}
    func mark(_ intent: IntentID) throws(LedgerFailure) {}
}
