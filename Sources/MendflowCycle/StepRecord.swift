import MendflowCore
import MendflowLedger

/// What a step is to write down, as it grows: entries in their order, and what they reserve.
struct StepRecord {
    private(set) var entries: [LedgerEntry] = []
    private(set) var actions: [PlannedAction] = []
    var remarks: [Remark] = []
    /// Executions about which something else was decided than the ledger holds.
    private(set) var decided: Set<ExecutionID> = []
    /// The only actions that are done; nil for all.
    private let chosen: Set<ChosenAction>?
    /// The replay whose actions alone are done; nil for all.
    private let onlyReplay: String?
    private let instance: InstanceKey
    private let agentNow: AgentTime
    /// The end of the ledger before the step, and how many entries planning knew beside.
    private let head: Int64
    private var reconciled = 0
    /// Evidence that this step writes.
    private var written: Set<EvidenceHash> = []

    init(_ input: Cycle.Input, instance: InstanceKey) {
        self.instance = instance
        agentNow = input.agentNow
        chosen = input.chosen
        onlyReplay = input.onlyReplay
        head = input.ledger.head.chain.sequence
    }

    /// Takes in what reconciling found, and lets the ledger's state take it in: planning goes by what holds after it.
    mutating func append(_ events: [LedgerEvent], to state: inout LedgerState) {
        for event in events {
            let entry = LedgerEntry(event, at: agentNow)
            do throws(LedgerRefusal) {
                _ = try state.append([entry])
                entries.append(entry)
                reconciled += 1
            } catch {
                // The view and the rules disagree, which is a fault of ours; nothing else must wait for it.
                remarks.append(Remark(.error, "ledger.refused", "\(error)"))
            }
        }
    }

    /// Takes in latches, changes of decisions, and what is due.
    mutating func append(_ decided: Decided, acts: Bool, _ input: Cycle.Input) {
        let all = input.recordsDecisions ? records(of: decided, acts: acts, input.ledger) : []
        // What nobody chose is not done, so that it must not stand there as if it had been.
        let executions = chosen.map { Set($0.map(\.execution)) } ?? onlyReplay.map { decided.plan.executions(of: $0) }
        let decisions = executions.map { executions in all.filter { executions.contains($0.execution) } } ?? all
        // Those of exhaustion were taken in before it was decided what follows from them.
        for latch in decided.plan.latches where !latch.isExhausted {
            add(.latched(instance, latch, shadow: false))
        }
        for decision in decisions {
            self.decided.insert(decision.execution)
            add(.decided(decision))
        }
        for action in decided.plan.actions { reserve(action, decided, isShadow: !acts, input.refused) }
        for action in decided.dryRunPlan.actions { reserve(action, decided, isShadow: true, input.refused) }
    }

    /// The decisions that have changed, behind what all of them were made from.
    private mutating func records(of decided: Decided, acts: Bool, _ ledger: LedgerState) -> [DecidedExecution] {
        var decisions = DecisionRecords(decided, acts: acts, instance) { [written, instance] hash in
            written.contains(hash) || ledger.holds(hash, of: instance)
        }
        if let planning = decisions.planning(at: place) {
            written.formUnion(planning.pieces.map(\.hash))
            add(.planned(instance, planning))
        }
        return decisions.all
    }

    /// Takes in what follows from what was decided.
    mutating func append(_ events: [LedgerEvent]) { for event in events { add(event) } }

    /// Takes in the end of the tick. What cannot be read for long is on record by itself, and that it can be again, so that
    /// people are told of it; not where n8n's database is another one, of which they are told otherwise.
    mutating func append(_ tick: TickState, before: TickState?, isOfOther: Bool) {
        if !isOfOther {
            let (old, new) = (before?.gap.flatMap { $0.isTold ? $0 : nil }, tick.gap.flatMap { $0.isTold ? $0 : nil })
            let goesOn = old.flatMap { old in tick.gap.map { $0.goesOn(from: old) } } ?? false
            if let old, !goesOn {
                add(.gap(instance, execution: nil, .readAgain(since: old.since, ofData: old.part.isData)))
            }
            if var new, !goesOn {
                new.isTold = false
                add(.gap(instance, execution: nil, .unread(new)))
            }
        }
        add(.tick(instance, TickPatch(from: before, to: tick)))
    }

    private mutating func add(_ event: LedgerEvent) { entries.append(LedgerEntry(event, at: agentNow)) }

    /// Where a planning would stand that is written now.
    private var place: Planning.Place {
        Planning.Place(head: head, reconciled: reconciled, between: entries.count - reconciled)
    }

    private mutating func reserve(
        _ action: ProposedAction, _ decided: Decided, isShadow: Bool, _ refused: Set<ExecutionID>
    ) {
        let draft = action.draft
        guard !refused.contains(draft.execution), chosen?.contains(ChosenAction(action)) ?? true,
            onlyReplay == nil || draft.policy == onlyReplay
        else { return }
        var planned = PlannedAction(
            action: action, judged: decided.snapshot.executions[draft.execution], isShadow: isShadow,
            entry: entries.count)
        planned.action.draft.isShadow = isShadow
        actions.append(planned)
        add(.reserved(Reservation(action, isShadow: isShadow)))
        remarks.append(
            Remark(
                .info, isShadow ? "action.would" : "action.reserved",
                "\(isShadow ? "would send" : "will send") \(action.request)", action.fields))
        // A replay comes and goes: the policies go on with the chain as before.
        let isReplay = Replay.number(in: draft.policy) != nil
        if draft.action == .retry, !isReplay, decided.view.owners[draft.root] == nil {
            add(.owned(instance, root: draft.root, policy: draft.policy, shadow: isShadow))
        }
    }
}

extension ProposedAction {
    /// What log lines say of an action.
    package var fields: [(String, String)] {
        var fields = [
            ("action", draft.action.rawValue), ("execution", draft.execution.text), ("policy", draft.policy),
            ("attempt", "\(draft.attempt)/\(attempts)"),
        ]
        if let classification { fields.append(("error_class", classification.errorClass.rawValue)) }
        if !draft.tags.isEmpty { fields.append(("tags", draft.tags.joined(separator: ","))) }
        return fields
    }
}

extension Plan {
    /// The executions about which it decides for a policy.
    fileprivate func executions(of policy: String) -> Set<ExecutionID> {
        Set(decisions.filter { $0.policy?.name == policy }.map(\.execution))
    }
}
