public import MendflowCore
import MendflowText

/// Makes decisions again from what a ledger holds and nothing else, to be compared with what was recorded.
public struct DecisionReplay {
    /// A decision that was made again.
    public struct Made: Sendable {
        /// The number of its record.
        public var number: Int64
        /// What was recorded.
        public var recorded: DecidedExecution
        /// The slices of snapshots that it was made from, one for each pass.
        public var slices: [Snapshot]
        /// What planning says now.
        public var again: [Decision]
        /// A digest of the configuration by which it was made; nil where that is not on record.
        public var terms: String?
        /// Whether it was made where only some actions were done that somebody had chosen: the others took of the same
        /// caps, and are on no record.
        public var isOfChoice = false

        /// Whether it is the same: the parts with their words, requests and times. Of what was chosen by somebody the caps are not
        /// compared.
        public var isSame: Bool {
            let parts = again.map(DecidedExecution.Part.init)
            guard isOfChoice, parts.count == recorded.parts.count else { return parts == recorded.parts }
            return zip(parts, recorded.parts).allSatisfy { one, other in
                one == other
                    || one.isGranted && other.isGranted && one.request == other.request
                        && one.verdict.policy == other.verdict.policy
            }
        }
    }

    private let records: [SealedRecord]
    let entries: [LedgerEntry]
    private let reader: EvidenceReader
    /// What stands for the records before them, and the newest segment of those; nil where these are all.
    private let base: (state: LedgerState, segment: LedgerSegment)?
    /// What cannot be made again for that reason.
    let leaning: LeaningDecisions
    /// The ledger as it was when a planning was made of it, by the number of its last entry.
    typealias States = [Int64: LedgerState]

    /// Reads all records of a ledger that are there, the first one first. Where some were sealed before them, `base` is what the
    /// ledger keeps of those, and `segment` the newest that was sealed.
    ///
    /// - Throws: `corrupt` or `refused` where they are none.
    public init(
        _ records: [SealedRecord], behind segment: LedgerSegment? = nil, base: [LedgerCell] = []
    ) throws(LedgerFailure) {
        var entries: [LedgerEntry] = []
        for record in records { entries.append(try record.entry()) }
        self.records = records
        self.entries = entries
        let reader = EvidenceReader(entries.compactMap(\.planning))
        self.reader = reader
        self.base = try segment.map { (segment) throws(LedgerFailure) in
            (try LedgerFold(base, after: segment).state, segment)
        }
        leaning = segment.map { LeaningDecisions(entries, behind: $0.last, reader) } ?? LeaningDecisions()
    }

    /// The list of the policies that a planning was made with.
    func list(of planning: Planning) -> EvidencePiece? { reader.piece(planning.policies) }

    /// The texts of all policies that were ever in force, by version.
    public var policyTexts: [String: String] {
        var texts = (base?.state.policies ?? [:]).mapValues(\.text)
        for entry in entries { if case .policy(let policy) = entry.event { texts[policy.version] = policy.text } }
        return texts
    }

    /// The ledger as it was at some of its records. Each costs a copy of what changes after it, so only those are kept that
    /// are asked for.
    func states(at heads: Set<Int64>) throws(LedgerFailure) -> States {
        var state = base?.state ?? LedgerState()
        var states: States = [state.head.sequence: state]
        let last = heads.max() ?? 0
        for record in records.prefix(while: { $0.sequence <= last }) {
            try state.follow(record)
            if heads.contains(record.sequence) { states[record.sequence] = state }
        }
        return states
    }

    /// The number of the last record that was sealed; 0 where these are all.
    public var floor: Int64 { base?.segment.last ?? 0 }

    /// How many decisions cannot be made again, because records that they lean on were sealed.
    public var leaningCount: Int { leaning.decisions.count }

    /// The number of an entry.
    func number(_ index: Int) -> Int64 { floor + Int64(index) + 1 }

    /// Every decision that has evidence, made again by the policies that were in force; but for those that lean on sealed records.
    ///
    /// - Parameter policies: finds those of an instance by their list (`PolicySet.evidence`), the texts of which are in the
    ///   ledger.
    /// - Throws: `corrupt` where the evidence is not whole.
    public func all(policies: (InstanceKey, EvidencePiece) -> PolicySet?) throws(LedgerFailure) -> [Made] {
        var made: [Made] = []
        let states = try states(at: Set(entries.compactMap(\.planning?.head)))
        var plannings: [InstanceKey: PlanningReplay] = [:]
        var isOfChoice = begunOfChoice
        for (index, entry) in entries.enumerated()
        where !leaning.plannings.contains(index) && !leaning.decisions.contains(index) {
            let number = number(index)
            switch entry.event {
            case .planned(let key, let planning):
                guard let list = reader.piece(planning.policies), let set = policies(key, list) else {
                    throw .corrupt("record \(number): its policies are not known")
                }
                plannings[key] = try replay(planning, of: key, at: index, set, states)
            case .decided(let decided) where decided.evidence != nil:
                guard var again = try plannings[decided.instance]?.made(decided, number: number) else {
                    throw .corrupt("record \(number): a decision without its planning")
                }
                again.isOfChoice = isOfChoice
                made.append(again)
            case .lifecycle(.started(let started)): isOfChoice = started.errand != nil
            default: break
            }
        }
        return made
    }

    /// Whether the agent that worked when the last record was sealed was started for some actions alone.
    private var begunOfChoice: Bool {
        let started = base?.segment.carried.compactMap { try? $0.entry().event }.compactMap { event in
            if case .lifecycle(.started(let started)) = event { started } else { nil }
        }
        return started?.last.map { $0.errand != nil } ?? false
    }

    /// The newest decisions to do something really to one of some executions, up to a moment where one is given, oldest
    /// first, made again.
    ///
    /// - Parameter policies: as above; where it finds none, `again` and `slices` are empty.
    /// - Throws: `corrupt` where the evidence is not whole.
    public func acted(
        on executions: Set<ExecutionID>, of key: InstanceKey, last count: Int, until time: ServerTime? = nil,
        policies: (EvidencePiece) -> PolicySet?
    ) throws(LedgerFailure) -> [Made] {
        let acted = entries.indices.reversed().lazy.filter { index in
            guard case .decided(let decided) = entries[index].event else { return false }
            return decided.instance == key && !decided.isShadow && executions.contains(decided.execution)
                && time.map { decided.now <= $0 } ?? true && !reserved(decided, at: index).isEmpty
        }.prefix(count).reversed()
        let plannings = acted.map { index in
            entries[..<index].lastIndex { $0.planning != nil && $0.event.instance == key }
        }
        let states = try states(at: Set(plannings.compactMap { $0.flatMap { entries[$0].planning?.head } }))
        var made: [Made] = []
        for (index, start) in zip(acted, plannings) {
            guard case .decided(let decided) = entries[index].event else { continue }
            var one = try again(decided, at: index, plannedAt: start, policies, states)
            one.recorded.parts = reserved(decided, at: index)
            made.append(one)
        }
        return made
    }

    /// The parts of a decision to act that were reserved, and so may have been sent: who applies a plan leaves some out.
    func reserved(_ decided: DecidedExecution, at index: Int) -> [DecidedExecution.Part] {
        let due = decided.parts.filter { $0.label == "act" }
        guard !due.isEmpty else { return [] }
        let rest = entries[(index + 1)...]
        let end = rest.firstIndex { $0.planning != nil && $0.event.instance == decided.instance } ?? rest.endIndex
        let requests = Set(
            rest[..<end].compactMap { entry -> String? in
                guard case .reserved(let one) = entry.event, !one.draft.isShadow else { return nil }
                return one.draft.instance == decided.instance ? one.request : nil
            })
        return due.filter { $0.request.map(requests.contains) ?? false }
    }

    private func again(
        _ decided: DecidedExecution, at index: Int, plannedAt start: Int?, _ policies: (EvidencePiece) -> PolicySet?,
        _ states: States
    ) throws(LedgerFailure) -> Made {
        let number = number(index)
        guard let start, let planning = entries[start].planning, decided.evidence != nil,
            !leaning.plannings.contains(start), let list = reader.piece(planning.policies), let set = policies(list)
        else { return Made(number: number, recorded: decided, slices: [], again: []) }
        var replay = try replay(planning, of: decided.instance, at: start, set, states)
        return try replay.made(decided, number: number)
    }

    func replay(
        _ planning: Planning, of key: InstanceKey, at index: Int, _ policies: PolicySet, _ states: States
    ) throws(LedgerFailure) -> PlanningReplay {
        let end = index - planning.between
        guard var state = states[planning.head], (0...end).contains(end - planning.reconciled) else {
            throw .corrupt("record \(number(index)): it was planned behind record \(planning.head), which is not there")
        }
        // What was reconciled in the same step was known; what others wrote meanwhile was not.
        for number in end - planning.reconciled..<end {
            do throws(LedgerRefusal) { _ = try state.apply(entries[number], number: self.number(number)) } catch {
                throw .refused(error)
            }
        }
        return PlanningReplay(planning, key, state, policies, followed: following(index, key), reader)
    }

    /// What a planning decided and reserved: the entries up to the next planning, or the end of the tick.
    private func following(_ index: Int, _ key: InstanceKey) -> [LedgerEvent] {
        entries[(index + 1)...].lazy.map(\.event).filter { $0.instance == key }.prefix { event in
            switch event {
            case .planned, .tick: false
            default: true
            }
        }.map { $0 }
    }
}

extension LedgerEntry {
    /// The planning that it is; nil where it is something else.
    var planning: Planning? { if case .planned(_, let planning) = event { planning } else { nil } }
}

extension DecidedExecution.Part {
    /// Whether nothing but caps, which others share, can speak against it.
    fileprivate var isGranted: Bool { verdict.phase == .act || verdict.phase == .capped }
}
