public import MendflowCore

extension Explanation {
    /// Something that was done, and why: as it was decided then, and not as it would be now.
    public struct Done: Sendable, Hashable {
        /// The number of the decision's record in the ledger.
        public var record: Int64
        /// The execution, and the moment at which it was judged.
        public var execution: ExecutionID, at: ServerTime
        /// The policy, where one decided; the literal request.
        public var policy: String?, request: String?
        /// The action with its class and risk as they were found; nil where its policies cannot be made again.
        public var action: ProposedAction?
        /// The policy's conditions on what was seen then; nil as above, or where it has none.
        public var tree: ConditionTree?
        /// For a tag of `on_exhausted`: why the chain counted as exhausted.
        public var exhaustion: String?

        /// Makes one of what is on record.
        public init(record: Int64, execution: ExecutionID, at: ServerTime, policy: String?, request: String?) {
            self.record = record
            self.execution = execution
            self.at = at
            self.policy = policy
            self.request = request
        }

        /// Adds what the policies of then say of what was seen then.
        public mutating func trace(
            _ decisions: [Decision], in snapshots: [Snapshot], _ view: LedgerView, tables: JudgementTables
        ) {
            for decision in decisions {
                guard case .act(let action) = decision.verdict, action.request == request,
                    let policy = decision.policy,
                    let snapshot = snapshots.first(where: { $0.executions[execution] != nil }),
                    let row = snapshot.executions[execution]
                else { continue }
                self.action = action
                let given = Set(policy.onExhausted.tags).subtracting(policy.tags)
                if action.draft.action == .tag, !given.isDisjoint(with: action.draft.tags) {
                    exhaustion = Done.exhaustion(decisions)
                }
                let subject = Subject(
                    snapshot: snapshot, view: view, tables: tables,
                    chain: Chains(snapshot, view).chain(of: execution), row: row)
                tree = policy.match.map { ConditionTree.trace($0, subject) }
                return
            }
        }

        /// Why a chain counted as exhausted, by what else was decided about its newest run.
        private static func exhaustion(_ decisions: [Decision]) -> String {
            for decision in decisions {
                if case .held(.ownerGone, let why) = decision.verdict { return why }
            }
            return "its retries are used up, or its time is"
        }
    }
}
