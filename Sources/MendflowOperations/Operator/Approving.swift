public import MendflowCore
public import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace

/// `approve` and `decline`: what a person says to what they are asked.
public enum Approving {
    /// An ask, with where it is seen.
    public struct Item: Sendable, Hashable {
        /// What was asked, and how it stands.
        public var approval: Approval
        /// Where n8n shows the execution; nil where the instance is not in the configuration any more.
        public var link: String?
    }

    /// What came of some answers.
    public struct Outcome: Sendable, Hashable {
        /// The asks that were answered, as they stand now.
        public var answered: [Item] = []
        /// Those that were not, and why.
        public var refused: [Refused] = []
        /// Within which time the agent that runs looks, unless n8n keeps it waiting; nil where none runs.
        public var looksWithin: Period?
        /// The pauses under which nothing is sent now, by the names of the instances; of several that which holds longest.
        public var paused: [String: LedgerState.Pause] = [:]
    }

    /// An ask that was not answered.
    public struct Refused: Sendable, Hashable {
        /// Its number, and why.
        public var id: ApprovalID, why: String
    }

    /// The asks that wait for an answer, the oldest first; of one instance or policy where one is named.
    ///
    /// - Throws: `usage` where nothing bears that name; a policy that is gone may have asked something, and of files with errors
    ///   nobody knows which policies they have.
    public static func open(
        _ workspace: Workspace, instance: String? = nil, policy: String? = nil
    ) async throws(MendflowFailure) -> [Item] {
        if let instance { _ = try workspace.instance(instance) }
        guard let ledger = try await workspace.readLedger(LedgerScope()) else {
            throw await workspace.missingLedger()
        }
        let asks = open(ledger, workspace)
        if let policy, !asks.contains(where: { $0.approval.ask.draft.policy == policy }),
            !workspace.findings.hasErrors
        {
            try workspace.refuseUnknown(policy: policy)
        }
        return asks.filter { item in
            let draft = item.approval.ask.draft
            return instance.map { $0 == draft.instance.name } ?? true && policy.map { $0 == draft.policy } ?? true
        }
    }

    /// The same of a ledger that was read; those of an earlier epoch are of another database.
    static func open(_ ledger: LedgerState, _ workspace: Workspace) -> [Item] {
        let now = workspace.clock.now()
        return ledger.approvals().filter { approval in
            let key = approval.ask.draft.instance
            let epoch = ledger.baseline(of: key.name)?.instance.epoch
            return approval.isOpen(at: now) && epoch.map { $0 == key.epoch } ?? true
        }.map { item($0, workspace) }
    }

    private static func item(_ approval: Approval, _ workspace: Workspace) -> Item {
        let draft = approval.ask.draft
        let url = workspace.configuration.instances.first { $0.name == draft.instance.name }?.address
        return Item(
            approval: approval, link: url.map { ExecutionLink.text($0, draft.workflow, draft.execution) })
    }

    /// Answers some asks, each by itself: whether an answer counts is for the ledger to say.
    public static func answer(
        _ workspace: Workspace, _ ids: [ApprovalID], isYes: Bool, note: String
    ) async throws(MendflowFailure) -> Outcome {
        let store = try await workspace.openLedger()
        var outcome = Outcome()
        outcome.looksWithin = workspace.nextLook
        for id in ids {
            let answer = ApprovalAnswer(isYes: isYes, by: workspace.user, note: note)
            do throws(LedgerFailure) {
                let approval = try await put(answer, to: id, store, at: workspace.clock.now())
                outcome.answered.append(item(approval, workspace))
            } catch .refused(let refusal) {
                var why = refusal.description
                if case .noApproval = refusal { why += try await meant(by: id, workspace) }
                outcome.refused.append(Refused(id: id, why: why))
            } catch { throw MendflowFailure(ledger: error) }
        }
        let now = workspace.clock.now()
        let pauses = try await workspace.readLedger(LedgerScope(instances: []))?.allPauses(at: now) ?? []
        for name in Set(outcome.answered.map(\.approval.ask.draft.instance.name)) {
            outcome.paused[name] = pauses.filter { $0.instance == nil || $0.instance == name }
                .max { $1.outlasts($0) }
        }
        return outcome
    }

    /// What asks about the execution that bears the number, which is what messages and n8n show; empty where nothing does.
    private static func meant(by id: ApprovalID, _ workspace: Workspace) async throws(MendflowFailure) -> String {
        guard let ledger = try await workspace.readLedger(LedgerScope()) else { return "" }
        let execution = ExecutionID(id.description)
        let asks = open(ledger, workspace).map(\.approval).filter { $0.ask.draft.execution == execution }
        guard !asks.isEmpty else { return "" }
        let numbers = asks.map(\.id.description).joined(separator: ", ")
        return "; \(execution) is an execution, and its \(asks.count == 1 ? "ask is" : "asks are") \(numbers)"
    }

    private static func put(
        _ answer: ApprovalAnswer, to id: ApprovalID, _ store: any LedgerStore, at now: AgentTime
    ) async throws(LedgerFailure) -> Approval {
        // The ask's number is that of the record in which it stands.
        let record = try await store.records(after: id.number - 1, limit: 1).first
        guard let record, record.sequence == id.number, case .approvalAsked(let ask) = try record.entry().event else {
            throw .refused(.noApproval(id))
        }
        let reference = ApprovalRef(
            id: id, instance: ask.draft.instance, topic: ask.topic, root: ask.draft.root)
        let ledger = try await Ledger(
            store, LedgerScope(instances: [ask.draft.instance.name], chains: [ask.draft.execution]))
        try await ledger.append([LedgerEntry(.approvalAnswered(reference, answer), at: now)])
        guard let approval = await ledger.state.approvals(of: ask.draft.instance).first(where: { $0.id == id }) else {
            throw .refused(.noApproval(id))
        }
        return approval
    }
}

/// `promote`: lets a policy act again that went back to dry-run by itself.
public enum Promoting {
    /// Promotes a policy on every instance on which it is held, or on one.
    ///
    /// - Throws: where it is held on none, there is none of that name, or nobody says why.
    public static func run(
        _ workspace: Workspace, policy: String, instance: String?, reason: String?
    ) async throws(MendflowFailure) -> [PolicyStanding] {
        if let instance { _ = try workspace.instance(instance) }
        try await refuseUnknown(policy, workspace)
        guard let reason else {
            throw MendflowFailure(.usage, "--reason TEXT is missing: why it may act again, for the record")
        }
        let store = try await workspace.openLedger()
        let (user, now) = (workspace.user, workspace.clock.now())
        let names = instance.map { [$0] } ?? workspace.instanceNames
        let done = try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(store, LedgerScope())
            return try await ledger.append { (state) throws(LedgerFailure) in
                held(state, policy, names).map { key, standing in
                    let promotion = Promotion(
                        policy: policy, version: standing.demotion.version, by: user, reason: reason)
                    return LedgerEntry(.promoted(key, promotion), at: now)
                }
            }.before
        }
        let promoted = held(done, policy, names)
        guard !promoted.isEmpty else {
            throw MendflowFailure(
                .failed, "'\(policy)' did not go back to dry-run by itself; `mendflow status` shows those that did")
        }
        return promoted.map(\.standing)
    }

    /// Refuses a name that no policy bears, in the files or on record.
    private static func refuseUnknown(_ policy: String, _ workspace: Workspace) async throws(MendflowFailure) {
        let ledger = try await workspace.readLedger(LedgerScope())
        let recorded = workspace.instanceNames.flatMap { name in
            ledger?.baseline(of: name).flatMap { ledger?.standings(of: $0.instance) } ?? []
        }
        guard !recorded.contains(where: { $0.demotion.policy == policy }) else { return }
        try workspace.refuseUnknown(policy: policy)
    }

    /// Where a policy is held, with what was measured.
    private static func held(
        _ state: LedgerState, _ policy: String, _ names: [String]
    ) -> [(key: InstanceKey, standing: PolicyStanding)] {
        names.compactMap { name -> (key: InstanceKey, standing: PolicyStanding)? in
            guard let key = state.baseline(of: name)?.instance,
                let standing = state.standings(of: key).first(where: { $0.demotion.policy == policy }),
                standing.promotion == nil
            else { return nil }
            return (key, standing)
        }
    }
}
