public import MendflowCore

/// What a decision about an execution rested on and may change meanwhile, in words, so that it can be told later what is otherwise.
public struct SeenFacts: Sendable, Hashable {
    /// What was seen, by what it is called.
    public var words: [String: String]
    /// Those of them that are guards which let nothing through: of others it does not matter what else they let through.
    private var full: Set<String> = []
    /// Those of them that are guards.
    private var guards: Set<String> = []

    /// Makes facts of words that were kept.
    public init(_ words: [String: String] = [:]) { self.words = words }

    /// What a row alone tells.
    public init(of row: Execution) {
        words = ["status": row.status.rawValue, "ended": row.endedAt?.rfc3339 ?? "not yet"]
    }

    /// What was seen of an execution, and what the guards of a policy leave for it; nil where it is not there.
    public init?(
        of execution: ExecutionID, for policy: String, in snapshot: Snapshot, _ view: LedgerView, _ planner: Planner,
        _ plan: Plan
    ) {
        guard let row = snapshot.executions[execution] else { return nil }
        self.init(of: row)
        let chain = Chains(snapshot, view).chain(of: execution)
        let subject = Subject(snapshot: snapshot, view: view, tables: planner.set.tables, chain: chain, row: row)
        words["retries by anybody"] = "\(subject.retriesMade)"
        words["newest run"] = (chain.live.last?.id ?? chain.newestLeaf?.row?.id ?? execution).text
        if let tags = snapshot.tags[execution] {
            words["tags"] = tags.isEmpty ? "none" : tags.map(\.name).sorted().joined(separator: ", ")
        }
        if let workflow = snapshot.workflows?[row.workflow] { words["workflow"] = SeenFacts.words(workflow) }
        guard let policy = planner.set.policies.first(where: { $0.name == policy }) else { return }
        for balance in planner.balances(of: policy, for: subject, beside: plan) {
            let title = balance.title
            words[title] = balance.standing
            guards.insert(title)
            if balance.isFull { full.insert(title) }
        }
    }

    private static func words(_ workflow: WorkflowInfo) -> String {
        let state = workflow.isArchived ? "archived" : workflow.active ? "switched on" : "switched off"
        return state + (workflow.publishedVersion.map { ", version \($0)" } ?? "")
    }

    /// What is otherwise later, each as `status: error -> success`; of guards only what lets nothing through any more.
    public func changes(to later: SeenFacts) -> [String] {
        words.keys.sorted().compactMap { name in
            guard let was = words[name], let now = later.words[name], was != now else { return nil }
            guard !later.guards.contains(name) || later.full.contains(name) else { return nil }
            return "\(name): \(was) -> \(now)"
        }
    }
}
