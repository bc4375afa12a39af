public import MendflowCore

/// What the entries of a ledger add up to, all of it or the part that was asked for: a pure state machine that holds every
/// rule of the ledger. Stores load it, apply entries to it, and keep what it answers; nothing else decides what may be
/// written.
///
/// - **Never twice.** A retry of an execution is reserved once, unless the intent before is void by proof, or was replaced
///   once by a re-send (semantics 28, 33).
/// - **States.** An intent goes from reserved to sending to an outcome, and on only where `IntentState.outcomes` says so.
///   An unresolved one is superseded by the reservation that replaces it, and in no other way.
/// - **Pause, alarm, epoch.** Nothing real is reserved, and nothing is sent, while acting is paused, while the database
///   seems to be another one, or in an epoch that is over. Epochs begin one after the other, from 1.
/// - **Time** never goes back: an entry is dated no earlier than the one before. What budgets count by is the time that
///   the entry itself had, or one wrong clock would hold them for years.
public struct LedgerState: Sendable {
    /// The end of the ledger that this is the state of.
    public private(set) var head: LedgerHead
    var instances: [InstanceKey: InstanceLedger] = [:]
    var pauses: [String: Pause] = [:]
    var policies: [String: PolicyText] = [:]
    var channels: [String: ChannelStanding] = [:]
    /// What was sealed, by the last record of each.
    var sealed: [Int64: LedgerSegment] = [:]
    /// Names of the instances that this is the state of; what is written about others is passed over. Nil: all.
    let names: Set<String>?
    /// Whether there is no ledger.
    public private(set) var isMemoryless = false

    /// A pause, with who set it and why; of all instances where the name is empty.
    public struct Pause: Sendable, Hashable {
        /// The instance; nil for all.
        public var instance: String?
        /// Why (empty where nobody said), by whom, since when.
        public var reason: String, by: String, at: AgentTime
        /// When it ends by itself; nil where it does not.
        public var until: AgentTime?
        /// Whether it is there because the ledger may not know all that was sent; only a word about that very thing lifts it.
        public var isDoubt = false

        /// Whether it holds at a time.
        public func holds(at time: AgentTime) -> Bool { until.map { time < $0 } ?? true }

        /// Whether it holds longer than another one.
        public func outlasts(_ other: Pause) -> Bool {
            guard let end = other.until else { return false }
            return until.map { $0 > end } ?? true
        }

        /// The reason, or who set it where none was given, and until when.
        public var words: String {
            let why = reason.isEmpty ? "by \(by)" : reason
            return until.map { "\(why) (until \($0.rfc3339))" } ?? why
        }
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
        _ = state.instances[baseline.instance, default: InstanceLedger(baseline.instance)]
            .begin(baseline, at: LedgerHead.start.at)
        return state
    }

    /// The same without what dry-run has written: what was only shown hides nothing of what would be done.
    public var withoutDryRun: LedgerState {
        var state = self
        state.instances = instances.mapValues(\.withoutDryRun)
        return state
    }

    /// Forgets what was done before a time to chains that are not among some, as loading a part of a stored ledger anew does.
    package mutating func forget(before time: AgentTime, but chains: Set<ExecutionID>) {
        for key in instances.keys { instances[key]?.forget(before: time, but: chains) }
    }

    /// Takes entries in, each in turn, and answers them sealed, with what they change. Nothing is changed where one is
    /// refused.
    public mutating func append(_ entries: [LedgerEntry]) throws(LedgerRefusal) -> LedgerAppend {
        // One entry is judged before it changes anything, so that nothing has to be kept for going back.
        guard entries.count > 1 else { return try add(entries) }
        var next = self
        let done = try next.add(entries)
        self = next
        return done
    }

    private mutating func add(_ entries: [LedgerEntry]) throws(LedgerRefusal) -> LedgerAppend {
        var done = LedgerAppend(records: [], changes: [], head: head)
        for entry in entries {
            done.changes += try apply(entry, number: head.sequence + 1)
            let record = entry.record(after: head.at)
            let sealed = AuditChain.seal(record, after: head.chain)
            done.records.append(LedgerAppend.Record(sealed: sealed, columns: RecordColumns(record)))
            head = LedgerHead(AuditHead(sequence: sealed.sequence, hash: sealed.hash), at: record.at)
        }
        done.head = head
        return done
    }

    /// Takes in entries that a store took in behind this state's head, which is at `end` since then; false where some of
    /// them speak of what this part of the ledger does not hold. The others are taken in all the same.
    mutating func follow(_ entries: [LedgerEntry], to end: LedgerHead) -> Bool {
        var isWhole = true
        for (index, entry) in entries.enumerated() where isWanted(entry) {
            do throws(LedgerRefusal) { _ = try apply(entry, number: head.sequence + 1 + Int64(index)) } catch {
                isWhole = false
            }
        }
        head = end
        return isWhole
    }

    /// Takes in a record that is in the ledger already and follows this state's head.
    ///
    /// - Throws: `corrupt` where it is no record of a ledger or does not follow, `refused` where it is against the rules,
    ///   or speaks of what this part of the ledger does not hold. Nothing is changed then.
    @discardableResult
    public mutating func follow(_ sealed: SealedRecord) throws(LedgerFailure) -> [LedgerCell.Change] {
        let record: AuditRecord
        do throws(CanonicalJSONError) { record = try CanonicalRecord(bytes: sealed.bytes).record } catch {
            throw .corrupt("record \(sealed.sequence): \(error.description)")
        }
        return try follow(record, sealed)
    }

    mutating func follow(_ record: AuditRecord, _ sealed: SealedRecord) throws(LedgerFailure) -> [LedgerCell.Change] {
        guard sealed.sequence == head.sequence + 1, sealed.previous == head.chain.hash else {
            throw .corrupt("record \(sealed.sequence): it does not follow record \(head.sequence) as it was read")
        }
        guard record.at >= head.at, record.clock == nil || record.at == head.at else {
            throw .corrupt("record \(sealed.sequence): its time does not follow from the record before")
        }
        let entry: LedgerEntry
        do throws(CanonicalJSONError) { entry = try LedgerEntry(record) } catch {
            throw .corrupt("record \(sealed.sequence): \(error.description)")
        }
        do throws(LedgerRefusal) {
            let changes = isWanted(entry) ? try apply(entry, number: sealed.sequence) : []
            head = LedgerHead(AuditHead(sequence: sealed.sequence, hash: sealed.hash), at: record.at)
            return changes
        } catch { throw .refused(error) }
    }

    private func isWanted(_ entry: LedgerEntry) -> Bool {
        guard let names, let instance = entry.event.instance else { return true }
        return names.contains(instance.name)
    }
}

/// Entries that were taken in: sealed, with what they change, and the new end of the ledger.
public struct LedgerAppend: Sendable {
    /// An entry as it is sealed, and what it is found by.
    public struct Record: Sendable {
        /// The sealed record.
        public var sealed: SealedRecord
        /// What it is found by.
        public var columns: RecordColumns

        /// Makes one.
        public init(sealed: SealedRecord, columns: RecordColumns) {
            self.sealed = sealed
            self.columns = columns
        }
    }
    /// The entries, in their order.
    public var records: [Record]
    /// What they do to cells, in their order.
    public var changes: [LedgerCell.Change]
    /// The new end.
    public var head: LedgerHead
}

extension LedgerState {
    /// The newest epoch's baseline of an instance; nil before `init`.
    public func baseline(of name: String) -> InstanceBaseline? {
        instances.values.filter { $0.key.name == name }.compactMap(\.baseline)
            .max { $0.instance.epoch < $1.instance.epoch }
    }

    /// The newest epochs' baselines, by instance.
    public var baselines: [String: InstanceBaseline] {
        Dictionary(instances.values.compactMap(\.baseline).map { ($0.instance.name, $0) }) { one, other in
            one.instance.epoch > other.instance.epoch ? one : other
        }
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

    /// The pauses that hold at a time, that of all instances first; without a time all that were not lifted.
    public func allPauses(at time: AgentTime = AgentTime(milliseconds: .min)) -> [Pause] {
        pauses.values.filter { $0.holds(at: time) }.sorted { ($0.instance ?? "") < ($1.instance ?? "") }
    }

    /// The pauses of an instance, and those of all, that have ended by themselves and of which that is not written down yet.
    public func endedPauses(of name: String, at time: AgentTime) -> [Pause] {
        [pauses[""], pauses[name]].compactMap(\.self).filter { !$0.holds(at: time) }
    }

    /// The replays of an instance, the oldest first.
    public func replays(of key: InstanceKey) -> [Replay] {
        (instances[key]?.real.replays.values.map { $0 } ?? []).sorted { one, other in
            (Replay.number(in: one.name) ?? 0) < (Replay.number(in: other.name) ?? 0)
        }
    }

    /// The newest asks for approval of an instance, the oldest first; of all instances and epochs where none is named.
    public func approvals(of key: InstanceKey? = nil) -> [Approval] {
        instances.values.filter { key == nil || $0.key == key }.flatMap { $0.real.approvals.values }
            .sorted { $0.id < $1.id }
    }

    /// The policies of an instance that went back to dry-run by themselves at least once, by name.
    public func standings(of key: InstanceKey) -> [PolicyStanding] {
        (instances[key]?.real.standings.values.map { $0 } ?? []).sorted {
            $0.demotion.policy < $1.demotion.policy
        }
    }

    /// The workflows of an instance that did not run as a policy wants them to, those that only dry-run knows of included.
    public func absences(of key: InstanceKey) -> [AbsenceKey: Absence] { instances[key]?.withShadow.absences ?? [:] }

    /// The incidents of an instance that go on, by key.
    public func incidents(of key: InstanceKey) -> [String: Incident] { instances[key]?.real.incidents ?? [:] }

    /// Whether a piece of evidence stands in the ledger, as far as it was loaded.
    public func holds(_ evidence: EvidenceHash, of key: InstanceKey) -> Bool {
        instances[key]?.evidence[evidence] != nil
    }

    /// A policy's text by its version, as far as it was loaded.
    public func policy(version: String) -> PolicyText? { policies[version] }

    /// The pause of an instance at a time. That of all comes before that of the one.
    func pause(on name: String, at time: AgentTime) -> Pause? {
        [pauses[""], pauses[name]].lazy.compactMap(\.self).first { $0.holds(at: time) }
    }

    /// What planning may know of the past of an instance: the only fold of the ledger. `shadow` takes in what dry-run has
    /// written, whose verdicts come before the real ones; of two owners of a chain the later counts. `time` is the agent's,
    /// by which pauses end, and which no request is dated behind; without one every pause is shown that was not lifted.
    public func view(of key: InstanceKey, shadow: Bool, at time: AgentTime = AgentTime(milliseconds: .min))
        -> LedgerView
    {
        let instance = instances[key] ?? InstanceLedger(key)
        var view = shadow ? instance.withShadow : instance.real
        // No entry's own time is later than the head's, so mostly there is nothing to correct.
        let isSetBack = instance.tick?.setBack != nil || head.at > time
        if time.milliseconds > .min, isSetBack { view.correctTimes(by: instance.tick?.setBack, at: time) }
        view.suspended = instance.suspended
        view.learnedTags = instance.learnedTags
        view.alarm = instance.alarm
        let pause = pause(on: key.name, at: time)
        (view.paused, view.isInDoubt) = (pause?.words, pause?.isDoubt ?? false)
        view.isMemoryless = isMemoryless
        view.asksNobody = shadow
        return view
    }
}
