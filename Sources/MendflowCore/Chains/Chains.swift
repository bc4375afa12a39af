/// The chains of a set of rows.
public struct Chains: Sendable {
    /// Chains of more than one run, by root.
    public private(set) var trees: [ExecutionID: Chain] = [:]
    /// The root of every run that is not its own root.
    public private(set) var roots: [ExecutionID: ExecutionID] = [:]
    private let rows: ExecutionTable
    /// Retries that succeeded without running a node.
    private let ranNothing: Set<ExecutionID>
    /// Runs that went to their end although n8n calls them failed.
    private let outcomeUnknown: Set<ExecutionID>

    /// Builds the chains of a snapshot's rows, and of children that the ledger knows though no row shows them.
    public init(_ snapshot: Snapshot, _ view: LedgerView) { self.init(rows: snapshot.executions, view) }

    /// Builds the chains of rows, and of children that the ledger knows though no row shows them (any more).
    public init(rows: ExecutionTable, _ view: LedgerView) { self.init(rows: rows, view, view.knownChildren) }

    /// The same where the children that the ledger knows were put together before.
    init(rows: ExecutionTable, _ view: LedgerView, _ knownChildren: [ExecutionID: Set<ExecutionID>]) {
        self.rows = rows
        ranNothing = view.ranNothing
        outcomeUnknown = view.outcomeUnknown
        var shown: [ExecutionID: ExecutionID] = [:]
        for (id, row) in rows.notable {
            // What ran nothing neither heals what it retried nor counts as a try.
            guard let parent = row.retryOf, parent < id, !ranNothing.contains(id) else { continue }
            shown[id] = parent
        }
        var parents = shown
        for (parent, children) in knownChildren {
            for child in children where parent < child && shown[child] == nil && !ranNothing.contains(child) {
                parents[child] = parents[child].map { min($0, parent) } ?? parent
            }
        }
        var members: [ExecutionID: [ExecutionID]] = [:]
        for (child, parent) in parents {
            // A parent's id is lower than its child's, so this ends.
            var root = parent
            while let next = parents[root] { root = next }
            roots[child] = root
            members[root, default: []].append(child)
        }
        let withChildren = Set(parents.values)
        for (root, children) in members {
            trees[root] = Chain(
                root: root,
                nodes: ([root] + children.sorted()).map {
                    node($0, parent: parents[$0], hasChildren: withChildren.contains($0))
                })
        }
    }

    /// The root of a run's chain.
    public func root(of id: ExecutionID) -> ExecutionID { roots[id] ?? id }

    /// The chain that a run belongs to; a chain of itself where it was never retried.
    public func chain(of id: ExecutionID) -> Chain {
        let root = root(of: id)
        if let tree = trees[root] { return tree }
        return Chain(root: root, nodes: [node(root, parent: nil, hasChildren: false)])
    }

    private func node(_ id: ExecutionID, parent: ExecutionID?, hasChildren: Bool) -> Chain.Node {
        let row = rows[id]
        // n8n also names a retry that it calls failed itself, where that went to its end (n8n facts 3.7).
        let namesSuccess = row?.retrySuccess.map(mayBeSuccess) ?? false
        return Chain.Node(id: id, parent: parent, row: row, hasChildren: hasChildren, namesSuccess: namesSuccess)
    }

    /// Whether nothing is known against a success that n8n names.
    private func mayBeSuccess(_ named: ExecutionID) -> Bool {
        !ranNothing.contains(named) && !outcomeUnknown.contains(named) && rows[named]?.status.isFailed != true
    }
}

extension LedgerView {
    /// Known children by parent: those that were seen, and those that n8n named in its answers to our retries.
    var knownChildren: [ExecutionID: Set<ExecutionID>] {
        var known = children
        for intent in intents {
            if let child = intent.child { known[intent.draft.execution, default: []].insert(child) }
        }
        return known
    }
}
