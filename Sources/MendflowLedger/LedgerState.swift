public import MendflowCore

/// What the entries of a ledger add up to, all of it or the part that was asked for: a pure state machine that holds every
/// rule of the ledger. Stores load it, apply entries to it, and keep what it answers; nothing else decides what may be
/// written.
///
/// - **Never twice.** A retry of an execution is reserved once, unless the intent before is void by proof, or was replaced
///   once by a re-send (semantics 28, 33).
/// - **States.** An intent goes from reserved to sending to an outcome, and on only where `IntentState.outcomes` says so.
/// - **Pause, alarm, epoch.** Nothing real is reserved, and nothing is sent, while acting is paused, while the database
///   seems to be another one, or in an epoch that is over.
/// - **Time** never goes back: an entry is dated no earlier than the one before. What budgets count by is the time that
///   the entry itself had, or one wrong clock would hold them for years.
public struct LedgerState: Sendable {
    /// The end of the ledger that this is the state of.
    public private(set) var head: LedgerHead
    var instances: [InstanceKey: InstanceLedger] = [:]
    var pauses: [String: Pause] = [:]
    var policies: [String: PolicyText] = [:]
    /// Names of the instances that this is the state of; what is written about others is passed over. Nil: all.
    let names: Set<String>?
    /// Whether there is no ledger.
    private var isMemoryless = false

    /// A pause, with who set it and why; of all instances where the name is empty.
    public struct Pause: Sendable, Hashable {
        /// The instance; nil for all.
        public var instance: String?
        /// Why, by whom, since when.
        public var reason: String, by: String, at: Timestamp
    }

    /// The state of a ledger without entries.
    public init() { self.init(head: .start, names: nil) }

    init(head: LedgerHead, names: Set<String>?) {
        self.head = head
        self.names = names
    }

    /// What stands for a ledger where there is none: a plan made with it cannot be applied.
    public static func memoryless(_ baseline: InstanceBaseline) -> LedgerState {
        var state = LedgerState()
        state.isMemoryless = true
        _ = state.instances[baseline.instance, default: InstanceLedger(baseline.instance)].begin(baseline)
        return state
    }

    /// Takes entries in, each in turn, and answers them sealed, with what they change. Nothing is changed where one is
    /// refused.
    public mutating func append(_ entries: [LedgerEntry]) throws(LedgerRefusal) -> LedgerAppend {
        var next = self
        var records: [SealedRecord] = []
        var changes: [LedgerCell.Change] = []
        for entry in entries {
            let number = next.head.sequence + 1
            changes += try next.apply(entry, number: number)
            let record = entry.record(after: next.head.at)
            let sealed = AuditChain.seal(record, after: next.head.chain)
            records.append(sealed)
            next.head = LedgerHead(AuditHead(sequence: number, hash: sealed.hash), at: record.at)
        }
        self = next
        return LedgerAppend(records: records, changes: changes, head: next.head)
    }

    /// Takes in a record that is in the ledger already and follows this state's head.
    ///
    /// - Throws: `LedgerFailure.corrupt` where it is no record of a ledger, `refused` where it is against the rules.
    @discardableResult
    public mutating func take(_ sealed: SealedRecord) throws(LedgerFailure) -> [LedgerCell.Change] {
        let (record, entry): (AuditRecord, LedgerEntry)
        do throws(CanonicalJSONError) {
            record = try CanonicalRecord(bytes: sealed.bytes).record
            entry = try LedgerEntry(record)
        } catch { throw .corrupt("record \(sealed.sequence): \(error.description)") }
        do throws(LedgerRefusal) {
            let isWanted = entry.event.mention.flatMap { names?.contains($0.instance.name) } ?? true
            let changes = isWanted ? try apply(entry, number: sealed.sequence) : []
            head = LedgerHead(AuditHead(sequence: sealed.sequence, hash: sealed.hash), at: record.at)
            return changes
        } catch { throw .refused(error) }
    }

    private mutating func apply(
        _ entry: LedgerEntry, number: Int64
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        let time = entry.at
        switch entry.event {
        case .reserved(let reservation): return try reserve(reservation, IntentID(number), at: time)
        case .sending(let intent, let watermark, _):
            try refuseWhilePaused(intent.instance)
            return [
                .set(
                    try change(intent) { (found) throws(LedgerRefusal) in
                        guard found.state == .reserved else { throw .wrongState(found.id, found.state) }
                        found.state = .sending
                        found.sendingAt = time
                        found.watermark = watermark
                    })
            ]
        case .outcome(let intent, let settlement): return [.set(try settle(intent, settlement, at: time))]
        case .resolved(let intent, let ran, let who, let reason):
            guard let found = instances[intent.instance]?.intent(intent.id) else { throw .missing(intent.id) }
            guard found.state == .unresolved else { throw .wrongState(found.id, found.state) }
            let settlement = Settlement(ran ? .applied : .void, .resolved(by: who, reason: reason))
            return [.set(try settle(intent, settlement, at: time))]
        case .latched(let key, let latch, let shadow):
            return instances[key, default: InstanceLedger(key)].take(latch, shadow: shadow)
        case .owned(let key, let root, let policy, let shadow):
            return [instances[key, default: InstanceLedger(key)].own(root, policy, shadow: shadow, at: time)]
        case .decided(let decided):
            return [instances[decided.instance, default: InstanceLedger(decided.instance)].take(decided, at: time)]
        case .tick(let key, let patch): return instances[key, default: InstanceLedger(key)].take(patch, at: time)
        case .suspended(let key, let action, let reason):
            return [instances[key, default: InstanceLedger(key)].suspend(action, reason, at: time)]
        case .restored(let key, let action):
            return [instances[key, default: InstanceLedger(key)].suspend(action, nil, at: time)]
        case .learnedTag(let key, let name, let id):
            return [instances[key, default: InstanceLedger(key)].learn(name, id, at: time)]
        case .alarmed(let key, let reason, _):
            return instances[key, default: InstanceLedger(key)].raiseAlarm(reason, at: time)
        case .began(let baseline, _): return try begin(baseline)
        case .paused(let name, let reason, let who):
            return [pause(Pause(instance: name, reason: reason, by: who, at: time))]
        case .resumed(let name, _): return resume(name)
        case .policy(let text): return keep(text, at: time)
        case .gap, .lifecycle: return []
        }
    }
}

/// Entries that were taken in: sealed, with what they change, and the new end of the ledger.
public struct LedgerAppend: Sendable {
    /// The entries, sealed, in their order.
    public var records: [SealedRecord]
    /// What they do to cells, in their order.
    public var changes: [LedgerCell.Change]
    /// The new end.
    public var head: LedgerHead
}

extension LedgerState {
    private mutating func reserve(
        _ reservation: Reservation, _ id: IntentID, at time: Timestamp
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        let draft = reservation.draft
        if !draft.isShadow { try refuseWhilePaused(draft.instance) }
        var changes: [LedgerCell.Change] = []
        if let replaced = reservation.supersedes {
            let settlement = Settlement(.superseded, .sentAgain)
            changes.append(.set(try settle(IntentRef(replaced, draft), settlement, at: time)))
        }
        let intent = Intent(id: id, draft: draft, state: draft.isShadow ? .shadow : .reserved, reservedAt: time)
        if let exclusive = LedgerCell.exclusive(intent),
            instances[draft.instance]?.holds(exclusive, of: draft.execution) == true
        {
            throw .alreadyIntended(draft.execution)
        }
        instances[draft.instance, default: InstanceLedger(draft.instance)].add(intent)
        return changes + [.set(.of(intent))]
    }

    private mutating func settle(
        _ intent: IntentRef, _ settlement: Settlement, at time: Timestamp
    ) throws(LedgerRefusal) -> LedgerCell {
        let earlier = instances[intent.instance]
        return try change(intent) { (found) throws(LedgerRefusal) in
            guard found.state.outcomes.contains(settlement.state) else { throw .wrongState(found.id, found.state) }
            found.settle(settlement, at: time)
            // One re-send, and no more.
            if settlement.state == .superseded, let exclusive = LedgerCell.exclusive(found),
                earlier?.holds(exclusive, of: found.draft.execution) == true
            {
                throw .alreadyIntended(found.draft.execution)
            }
        }
    }

    private mutating func change(
        _ reference: IntentRef, _ change: (inout Intent) throws(LedgerRefusal) -> Void
    ) throws(LedgerRefusal) -> LedgerCell {
        guard var intent = instances[reference.instance]?.intent(reference.id),
            intent.draft.execution == reference.execution
        else { throw .missing(reference.id) }
        try change(&intent)
        instances[reference.instance]?.replace(intent)
        return .of(intent)
    }

    /// The kill switch, an alarm and the epoch are looked at wherever something would be let out.
    private func refuseWhilePaused(_ key: InstanceKey) throws(LedgerRefusal) {
        if let alarm = instances[key]?.alarm { throw .paused(alarm) }
        if let pause = pauses[key.name] ?? pauses[""] { throw .paused(pause.reason) }
        if let newest = baseline(of: key.name)?.instance.epoch, newest > key.epoch {
            throw .paused("epoch \(newest) began; this agent still works in epoch \(key.epoch)")
        }
    }

    private mutating func begin(_ baseline: InstanceBaseline) throws(LedgerRefusal) -> [LedgerCell.Change] {
        let key = baseline.instance
        if let present = self.baseline(of: key.name), key.epoch != present.instance.epoch + 1 {
            throw .wrongEpoch(key)
        }
        return instances[key, default: InstanceLedger(key)].begin(baseline)
    }

    private mutating func pause(_ pause: Pause) -> LedgerCell.Change {
        pauses[pause.instance ?? ""] = pause
        return .set(.of(pause))
    }

    private mutating func resume(_ name: String?) -> [LedgerCell.Change] {
        pauses[name ?? ""] = nil
        return [.remove(LedgerCell.Key(.pause, nil, name ?? ""))]
    }

    private mutating func keep(_ text: PolicyText, at time: Timestamp) -> [LedgerCell.Change] {
        guard policies[text.version] == nil else { return [] }
        policies[text.version] = text
        return [.set(.of(text, at: time))]
    }
}

extension LedgerState {
    /// The newest epoch's baseline of an instance; nil before `init`.
    public func baseline(of name: String) -> InstanceBaseline? {
        instances.values.filter { $0.key.name == name }.compactMap(\.baseline)
            .max { $0.instance.epoch < $1.instance.epoch }
    }

    /// The state of the last tick; nil before the first.
    public func tick(of key: InstanceKey) -> TickState? { instances[key]?.tick }

    /// One intent, as far as it was loaded.
    public func intent(_ id: IntentID) -> Intent? { instances.values.lazy.compactMap { $0.intent(id) }.first }

    /// Intents in some states, oldest first; of all instances and epochs where none is named.
    public func intents(in states: Set<IntentState>, of key: InstanceKey? = nil) -> [Intent] {
        instances.values.filter { key == nil || $0.key == key }
            .flatMap { $0.withShadow.intents.filter { states.contains($0.state) } }.sorted { $0.id < $1.id }
    }

    /// The pauses, that of all instances first.
    public var allPauses: [Pause] { pauses.values.sorted { ($0.instance ?? "") < ($1.instance ?? "") } }

    /// A policy's text by its version, as far as it was loaded.
    public func policy(version: String) -> PolicyText? { policies[version] }

    /// What planning may know of the past of an instance: the only fold of the ledger. `shadow` takes in what dry-run has
    /// written, whose verdicts come before the real ones; of two owners of a chain the later counts.
    public func view(of key: InstanceKey, shadow: Bool) -> LedgerView {
        guard let instance = instances[key] else {
            var view = LedgerView()
            view.paused = (pauses[""] ?? pauses[key.name])?.reason
            return view
        }
        var view = shadow ? instance.withShadow : instance.real
        view.suspended = instance.suspended
        view.learnedTags = instance.learnedTags
        view.alarm = instance.alarm
        // The reason of all comes before that of the one.
        view.paused = (pauses[""] ?? pauses[key.name])?.reason
        view.isMemoryless = isMemoryless
        return view
    }
}
