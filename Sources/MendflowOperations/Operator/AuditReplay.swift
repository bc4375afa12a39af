import MendflowCore
import MendflowEnvironment
public import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace

/// `audit replay`: makes every recorded decision again, from its evidence and the policies that were in force.
public struct AuditReplay: Sendable {
    /// A decision that comes out otherwise.
    public struct Difference: Sendable {
        /// The number of its record, and the execution that it is about.
        public var number: Int64, execution: String
        /// What was recorded, and what comes out now.
        public var recorded: [DecidedExecution.Part], again: [DecidedExecution.Part]
    }
    /// How many decisions were made again, and how many of them come out otherwise.
    public var made = 0, differences: [Difference] = []
    /// Those that come out otherwise, and were made by another `mendflow.yaml`: its limits, protections and error classes are in no
    /// record, so that nothing is wrong with them.
    public var byOtherTerms: [Difference] = []
    /// How many could not be made again because they lean on records that were sealed, and the newest of those segments.
    public var leaning = 0, segment: LedgerSegment?

    /// Makes every decision of the ledger again.
    ///
    /// - Throws: where the ledger is broken, or what a decision was made from is not whole.
    public static func run(
        _ workspace: Workspace, segments folder: String? = nil
    ) async throws(MendflowFailure) -> AuditReplay {
        guard let store = try await workspace.openLedgerReading() else {
            throw await workspace.noLedger()
        }
        do throws(LedgerFailure) {
            return try await all(
                in: SegmentedStore.open(store, segments: folder, workspace.environment.files), workspace)
        } catch .corrupt(let what) {
            throw MendflowFailure(
                .broken, "\(what): the ledger is not as it was written; `mendflow audit verify` says where")
        } catch { throw await workspace.failure(error) }
    }

    private static func all(
        in store: any LedgerStore, _ workspace: Workspace
    ) async throws(LedgerFailure) -> AuditReplay {
        let replay = try await DecisionReplay.read(store)
        let texts = replay.policyTexts
        var sets: [String: PolicySet] = [:]
        let all = try replay.all { key, list in
            // Limits and protections are an instance's own.
            let name = "\(key.name) \(list.hash)"
            if let known = sets[name] { return known }
            let instance = workspace.configuration.instances.first { $0.name == key.name }
            let found = instance.flatMap { workspace.policySet($0, recordedAs: list, texts: texts) }
            sets[name] = found
            return found
        }
        var result = AuditReplay()
        result.made = all.count
        result.leaning = replay.leaningCount
        if replay.floor > 0 { result.segment = try await store.load(LedgerScope(instances: [])).newestSegment }
        for made in all where !made.isSame {
            let difference = Difference(
                number: made.number, execution: made.recorded.execution.text, recorded: made.recorded.parts,
                again: made.again.map(DecidedExecution.Part.init))
            if made.terms ?? workspace.terms == workspace.terms {
                result.differences.append(difference)
            } else {
                result.byOtherTerms.append(difference)
            }
        }
        return result
    }
}
