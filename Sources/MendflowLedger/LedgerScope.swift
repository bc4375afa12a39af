public import MendflowCore
import MendflowText

/// Which part of a ledger is wanted: it grows for years, and of the many chains that are long over nothing is read.
///
/// What stands (baselines, last ticks, pauses, alarms, suspensions, learned tags), every open ask and every intent that is open or
/// unresolved comes in any case, with the whole of its chain, for the instances that are wanted.
public struct LedgerScope: Sendable, Hashable {
    /// Names of instances, their chains in the newest epoch that began; nil for all.
    public var instances: Set<String>?
    /// Chains about which anything was written since then come whole; nil for none.
    public var since: AgentTime?
    /// Executions whose chains come whole, however old they are.
    public var chains: Set<ExecutionID>
    /// Versions of policies whose texts are wanted.
    public var policies: Set<String>
    /// Intents that are wanted, of any instance and epoch; their instances are wanted with them.
    public var intents: Set<IntentID>

    /// Makes a scope; what stands and what is open, unless told otherwise.
    public init(
        instances: Set<String>? = nil, since: AgentTime? = nil, chains: Set<ExecutionID> = [],
        policies: Set<String> = [], intents: Set<IntentID> = []
    ) {
        self.instances = instances
        self.since = since
        self.chains = chains
        self.policies = policies
        self.intents = intents
    }

    /// One instance with everything since a time, and some chains.
    public static func instance(
        _ name: String, since: AgentTime, chains: Set<ExecutionID> = []
    ) -> LedgerScope { LedgerScope(instances: [name], since: since, chains: chains) }
}

/// Cells, as a store finds them: all of it in one moment's state of the store.
public protocol LedgerCells {
    /// Cells of some tables, of one instance in all epochs, or of everything where none is named.
    func cells(of tables: Set<LedgerCell.Table>, instance: String?) throws(LedgerFailure) -> [LedgerCell]
    /// The cells with these keys, as far as there are any.
    func cells(_ keys: Set<LedgerCell.Key>) throws(LedgerFailure) -> [LedgerCell]
    /// The cells that hold one of these texts as what no two may hold.
    func cells(holding exclusives: Set<String>) throws(LedgerFailure) -> [LedgerCell]
    /// Cells about executions of one instance that were changed since a time.
    func cells(of instance: InstanceKey, since: AgentTime) throws(LedgerFailure) -> [LedgerCell]
    /// Cells about some executions of one instance, or that link to one of them.
    func cells(of instance: InstanceKey, about: Set<ExecutionID>) throws(LedgerFailure) -> [LedgerCell]
    /// Intents that are open or unresolved and asks that nobody answered, of one instance in all epochs, or of all.
    func openIntents(instance: String?) throws(LedgerFailure) -> [LedgerCell]
    /// The instances that entries of these numbers are about.
    func instances(ofEntries numbers: Set<Int64>) throws(LedgerFailure) -> [Int64: InstanceKey]
}

extension LedgerCells {
    /// Loads what a scope wants.
    public func state(_ scope: LedgerScope, head: LedgerHead) throws(LedgerFailure) -> LedgerState {
        // An intent has the number of the entry that reserved it.
        let places = scope.intents.isEmpty ? [:] : try places(of: Set(scope.intents.map(\.number)))
        let names = scope.instances?.union(places.values.map(\.name))
        var state = LedgerState(head: head, names: names)
        try state.load(try cells(of: [.pause, .channel, .segment], instance: nil))
        for name in names.map({ $0.sorted() as [String?] }) ?? [nil] {
            try state.load(try cells(of: LedgerScope.standing, instance: name))
            try state.load(try openIntents(instance: name))
        }
        var keys = Set(scope.policies.map { LedgerCell.Key(.policy, nil, $0) })
        keys.formUnion(places.map { LedgerCell.Key(.intent, $0.value, String($0.key)) })
        if !keys.isEmpty { try state.load(try cells(keys)) }
        for key in state.newestEpochs { try loadChains(of: key, scope, into: &state) }
        return state
    }

    /// Whose intents some are, by their numbers: by the entries that reserved them, and where those were sealed by their cells.
    private func places(of numbers: Set<Int64>) throws(LedgerFailure) -> [Int64: InstanceKey] {
        var found = try instances(ofEntries: numbers)
        let sealed = numbers.subtracting(found.keys)
        guard !sealed.isEmpty else { return found }
        let keys = try cells(of: [.baseline], instance: nil).compactMap(\.key.instanceKey)
        let wanted = keys.flatMap { key in sealed.map { LedgerCell.Key(.intent, key, String($0)) } }
        for cell in try cells(Set(wanted)) { found[Int64(cell.key.name) ?? 0] = cell.key.instanceKey }
        return found
    }

    /// Loads chains whole: what is about one of their runs, and what is about those that it leads to.
    private func loadChains(
        of key: InstanceKey, _ scope: LedgerScope, into state: inout LedgerState
    ) throws(LedgerFailure) {
        var known: Set<ExecutionID> = []
        var next = scope.chains.union(state.intents(of: key).flatMap(\.chain))
        for ask in state.approvals(of: key) where ask.state == .open { next.formUnion(ask.chain) }
        if let time = scope.since { next.formUnion(try cells(of: key, since: time).flatMap(\.chain)) }
        while !next.isEmpty {
            known.formUnion(next)
            let found = try cells(of: key, about: next)
            try state.load(found)
            next = Set(found.flatMap(\.chain)).subtracting(known)
        }
    }
}

extension LedgerScope {
    fileprivate static let standing: Set<LedgerCell.Table> =
        [
            .baseline, .origin, .tick, .marks, .live, .suspension, .alarm, .tag, .replay, .standing, .absence,
            .incident,
            .setting,
        ]
}

extension LedgerState {
    /// Every instance in its newest epoch, which is the first where nothing stands.
    fileprivate var newestEpochs: [InstanceKey] {
        var newest = Dictionary((names ?? []).map { ($0, 1) }) { first, _ in first }
        for key in instances.keys { newest[key.name] = max(newest[key.name] ?? 1, key.epoch) }
        return newest.sorted { $0.key < $1.key }.map { InstanceKey(name: $0.key, epoch: $0.value) }
    }

    fileprivate func intents(of key: InstanceKey) -> [Intent] { instances[key]?.withShadow.intents ?? [] }
}

extension Approval {
    /// Runs of the chain that it is about.
    var chain: [ExecutionID] { [ask.draft.execution, ask.draft.root] }
}

extension Intent {
    /// Runs of its chain.
    fileprivate var chain: [ExecutionID] { [draft.execution, draft.root] + [child].compactMap { $0 } }
}

extension LedgerCell {
    /// Runs of the chain that a cell is about.
    fileprivate var chain: [ExecutionID] {
        var ids = [subject, link].compactMap { $0 }
        if key.table == .intent, case .object(let members) = value, case .text(let root)? = members["root"] {
            ids.append(ExecutionID(root))
        }
        return ids
    }
}
