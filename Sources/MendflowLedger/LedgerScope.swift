public import MendflowCore

/// Which part of a ledger is wanted: it grows for years, and of the many chains that are long over nothing is read.
///
/// What stands (baselines, last ticks, pauses, alarms, suspensions, learned tags) and every intent that is open or
/// unresolved comes in any case, for the instances that are wanted.
public struct LedgerScope: Sendable, Hashable {
    /// Names of instances, each in its newest epoch; nil for all.
    public var instances: Set<String>?
    /// Chains about which anything was written since then come whole, and so do intents that were reserved since; nil for
    /// none.
    public var since: Timestamp?
    /// Executions whose chains come whole, however old they are.
    public var chains: Set<ExecutionID>
    /// Versions of policies whose texts are wanted.
    public var policies: Set<String>
    /// Intents that are wanted, of any instance and epoch.
    public var intents: Set<IntentID>

    /// Makes a scope; what stands and what is open, unless told otherwise.
    public init(
        instances: Set<String>? = nil, since: Timestamp? = nil, chains: Set<ExecutionID> = [],
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
        _ name: String, since: Timestamp, chains: Set<ExecutionID> = []
    ) -> LedgerScope { LedgerScope(instances: [name], since: since, chains: chains) }
}

/// Cells, as a store finds them: all of it in one moment's state of the store.
public protocol LedgerCells {
    /// Cells of some tables, of one instance in all epochs, or of everything where none is named.
    func cells(of tables: Set<LedgerCell.Table>, instance: String?) throws(LedgerFailure) -> [LedgerCell]
    /// Cells about executions of one instance that were changed since a time.
    func cells(of instance: InstanceKey, since: Timestamp) throws(LedgerFailure) -> [LedgerCell]
    /// Cells about some executions of one instance, or that link to one of them.
    func cells(of instance: InstanceKey, about: Set<ExecutionID>) throws(LedgerFailure) -> [LedgerCell]
    /// Intents that are open or unresolved, of one instance in all epochs, or of all.
    func openIntents(instance: String?) throws(LedgerFailure) -> [LedgerCell]
    /// The cells of some names in a table, of any instance.
    func cells(of table: LedgerCell.Table, named names: Set<String>) throws(LedgerFailure) -> [LedgerCell]
}

extension LedgerCells {
    /// Loads what a scope wants.
    public func state(_ scope: LedgerScope, head: LedgerHead) throws(LedgerFailure) -> LedgerState {
        var state = LedgerState(head: head, names: scope.intents.isEmpty ? scope.instances : nil)
        let names: [String?] = scope.instances.map { $0.sorted() } ?? [nil]
        try state.load(try cells(of: [.pause], instance: nil))
        for name in names {
            try state.load(try cells(of: LedgerScope.standing, instance: name))
            try state.load(try openIntents(instance: name))
        }
        if !scope.policies.isEmpty { try state.load(try cells(of: .policy, named: scope.policies)) }
        if !scope.intents.isEmpty {
            try state.load(try cells(of: .intent, named: Set(scope.intents.map(\.description))))
        }
        guard scope.since != nil || !scope.chains.isEmpty else { return state }
        for key in state.newestEpochs { try loadChains(of: key, scope, into: &state) }
        return state
    }

    /// Loads chains whole: what is about one of their runs, and what is about those that it leads to.
    private func loadChains(
        of key: InstanceKey, _ scope: LedgerScope, into state: inout LedgerState
    ) throws(LedgerFailure) {
        var known: Set<ExecutionID> = []
        var found = try scope.since.map { (time) throws(LedgerFailure) in try cells(of: key, since: time) } ?? []
        found += state.openCells(of: key)
        var next = scope.chains
        while true {
            next.formUnion(found.flatMap(\.chain))
            next.subtract(known)
            guard !next.isEmpty else { return }
            known.formUnion(next)
            found = try cells(of: key, about: next)
            try state.load(found)
            next = []
        }
    }

    /// Loads all that the rules need to judge some entries.
    public func state(judging entries: [LedgerEntry], head: LedgerHead) throws(LedgerFailure) -> LedgerState {
        var state = LedgerState(head: head, names: nil)
        try state.load(try cells(of: [.pause], instance: nil))
        var subjects: [InstanceKey: Set<ExecutionID>] = [:]
        var intents: Set<String> = [], policies: Set<String> = []
        var tables: Set<LedgerCell.Table> = [.baseline, .alarm]
        for entry in entries {
            guard let mention = entry.event.mention else {
                if case .policy(let text) = entry.event { policies.insert(text.version) }
                continue
            }
            subjects[mention.instance, default: []].formUnion(mention.executions)
            intents.formUnion(mention.intents.map(\.description))
            if case .tick = entry.event { tables.formUnion([.tick, .marks]) }
        }
        for name in Set(subjects.keys.map(\.name)).sorted() { try state.load(try cells(of: tables, instance: name)) }
        for (key, executions) in subjects.sorted(by: { ($0.key.name, $0.key.epoch) < ($1.key.name, $1.key.epoch) })
        where !executions.isEmpty {
            try state.load(try cells(of: key, about: executions))
        }
        if !intents.isEmpty { try state.load(try cells(of: .intent, named: intents)) }
        if !policies.isEmpty { try state.load(try cells(of: .policy, named: policies)) }
        return state
    }
}

extension LedgerScope {
    fileprivate static let standing: Set<LedgerCell.Table> =
        [.baseline, .origin, .tick, .marks, .live, .suspension, .alarm, .tag]
}

extension LedgerState {
    /// Takes in cells as a store keeps them.
    public mutating func load(_ cells: [LedgerCell]) throws(LedgerFailure) {
        for cell in cells { try load(cell) }
    }

    /// Every instance in its newest epoch.
    var newestEpochs: [InstanceKey] {
        Dictionary(grouping: instances.keys, by: \.name).values.compactMap { keys in keys.max { $0.epoch < $1.epoch } }
            .sorted { $0.name < $1.name }
    }

    fileprivate func openCells(of key: InstanceKey) -> [LedgerCell] {
        instances[key]?.withShadow.intents.map { .of($0) } ?? []
    }
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

/// What an event speaks of.
struct Mention {
    var instance: InstanceKey
    var executions: [ExecutionID] = []
    var intents: [IntentID] = []
}

extension LedgerEvent {
    var mention: Mention? {
        switch self {
        case .reserved(let reservation):
            Mention(
                instance: reservation.draft.instance, executions: [reservation.draft.execution],
                intents: [reservation.supersedes].compactMap { $0 })
        case .sending(let intent, _, _), .outcome(let intent, _), .resolved(let intent, _, _, _):
            Mention(instance: intent.instance, executions: [intent.execution], intents: [intent.id])
        case .latched(let key, let latch, _): Mention(instance: key, executions: [latch.execution])
        case .owned(let key, let root, _, _): Mention(instance: key, executions: [root])
        case .decided(let decided): Mention(instance: decided.instance)
        case .tick(let key, _), .gap(let key, _, _), .suspended(let key, _, _), .restored(let key, _),
            .learnedTag(let key, _, _), .alarmed(let key, _, _):
            Mention(instance: key)
        case .began(let baseline, _): Mention(instance: baseline.instance)
        case .paused, .resumed, .policy, .lifecycle: nil
        }
    }
}
