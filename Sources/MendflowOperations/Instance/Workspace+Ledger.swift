import MendflowCore
import MendflowCycle
import MendflowEnvironment
package import MendflowLedger
import MendflowPolicy
package import MendflowWorkspace

extension Workspace {
    /// Opens the ledger to write.
    package func openLedger(create: Bool = false) async throws(MendflowFailure) -> any LedgerStore {
        do throws(LedgerFailure) {
            return try await environment.ledgers.open(ledgerPath, create ? .create : .append)
        } catch {
            throw await failure(error)
        }
    }

    /// What a failure of this workspace's ledger means for a command.
    func failure(_ error: LedgerFailure) async -> MendflowFailure {
        guard case .missing(let what) = error, what == ledgerPath else { return MendflowFailure(ledger: error) }
        return await missingLedger()
    }

    /// That the ledger's file is not there; but not while an agent works on another one, which is said instead.
    package func missingLedger() async -> MendflowFailure {
        await AgentElsewhere.read(self)?.failure() ?? MendflowFailure(ledger: .missing(ledgerPath))
    }

    /// That there is no ledger, and how one is made: but not while an agent works on another one, which is said instead.
    func noLedger(
        _ words: String = "there is no ledger", remedy: String? = "`mendflow init` makes one"
    ) async -> MendflowFailure {
        await AgentElsewhere.read(self)?.failure()
            ?? MendflowFailure(.failed, words + (remedy.map { ": \($0)" } ?? ""))
    }

    /// Opens the ledger to read; nil where there is none.
    package func openLedgerReading() async throws(MendflowFailure) -> (any LedgerStore)? {
        do throws(LedgerFailure) { return try await environment.ledgers.open(ledgerPath, .read) } catch .missing {
            return nil
        } catch {
            throw MendflowFailure(ledger: error)
        }
    }

    /// Reads a part of the ledger; nil where there is none.
    package func readLedger(_ scope: LedgerScope) async throws(MendflowFailure) -> LedgerState? {
        guard let store = try await openLedgerReading() else { return nil }
        return try await ledger { () throws(LedgerFailure) in try await store.load(scope) }
    }

    /// Does something with the ledger; its failure is the command's.
    @discardableResult
    package func ledger<T>(
        _ work: () async throws(LedgerFailure) -> T
    ) async throws(MendflowFailure) -> T {
        do throws(LedgerFailure) { return try await work() } catch { throw await failure(error) }
    }

    /// What the agent reads of the ledger, of all instances; nil where there is none.
    package func recentLedger() async throws(MendflowFailure) -> LedgerState? {
        try await readLedger(LedgerScope(since: ledgerStart()))
    }

    /// How far back the ledger is read, as the agent does.
    func ledgerStart(_ instance: String? = nil) -> AgentTime {
        let windows = configuration.instances.filter { instance == nil || $0.name == instance }
            .map { policySet($0).longestWindow }
        return LedgerHorizon.start(at: clock.now(), lookBack: lookBack, windows.max() ?? .zero)
    }
}

extension MendflowFailure {
    /// There is a ledger, and it does not know an instance.
    package static func noBaseline(of instance: String) -> MendflowFailure {
        MendflowFailure(
            .failed, "the ledger has no baseline of instance '\(instance)': `mendflow init --name \(instance)` makes it"
        )
    }

    /// What a ledger's failure means for a command.
    package init(ledger failure: LedgerFailure) {
        switch failure {
        case .missing(let what):
            self.init(
                .failed,
                "\(what) is not there; `mendflow init` makes a new one. If there was one, put it back instead: "
                    + "a new one knows nothing of what was done")
        case .locked: self.init(.held, failure.description)
        case .displaced: self.init(.displaced, failure.description)
        case .away:
            self.init(.failed, failure.description, cause: .ledgerAway)
        default: self.init(.failed, failure.description)
        }
    }
}
