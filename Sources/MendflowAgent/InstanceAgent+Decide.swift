import MendflowCore

extension InstanceAgent {
    /// The snapshot of what the book knows at the moment of a tick: what its plan was made from.
    func snapshot(_ report: TickReport) -> Snapshot {
        Snapshot(
            instance: instance, now: report.now, completeness: report.completeness, baseline: baseline.since,
            executions: book.executions, firstSeen: book.firstSeen, lastSeenWaiting: book.lastSeenWaiting,
            seenLive: book.seenLive, details: book.details, tags: tags, workflows: book.workflows,
            newestSuccess: book.newestSuccess, highest: book.highest, coveredFrom: progress.coverage.coveredFrom,
            listedFrom: progress.coverage.listedFrom,
            runTimes: book.durations.compactMapValues { RunTimes($0.periods) },
            lookBack: configuration.lookBack, gapsLeft: report.gapsLeft, unreadableTags: Set(unreadableTags.keys),
            accountedFrom: report.accountedFrom, hidesWaiting: capabilities?.hidesWaiting ?? false)
    }

    /// Plans, fetches what the plan needs, plans again, records what changed, and reserves what is due.
    func decide(_ report: inout TickReport) async {
        guard let view = view() else {
            report.ledgerFailed = true
            return
        }
        let enforced = Planner(policies)
        let dryRun = Planner(policies, pass: .dryRun)
        let dryRunView = policies.policies.contains { $0.mode == .dryRun } ? shadowView() : nil
        forgetUnreadable(report.now)
        var fetching = FactFetching(begun: clock.monotonic())
        if tagsReadAt.map({ $0 + configuration.workflowRefresh <= report.now }) ?? true {
            tags = [:]
            tagsReadAt = report.now
        }
        for _ in 0..<8 {
            let snapshot = snapshot(report)
            report.plan = enforced.plan(snapshot, view)
            if let dryRunView { report.dryRunPlan = dryRun.plan(snapshot, dryRunView) }
            let needs = Array(Set(report.plan.needs + report.dryRunPlan.needs)).sorted()
            guard !needs.isEmpty, await fetch(needs, &fetching, &report) else { break }
        }
        sayHeldBulkStops(report.plan.heldBulkStops)
        record(&report, view, dryRunView)
    }

    /// Says why runs are stopped one by one where one request was asked for; again when the reason changes.
    private func sayHeldBulkStops(_ held: [HeldBulkStop]) {
        for stop in held where heldBulkSaid[stop.policy] != stop.why {
            emit(.info, "bulk_stop.held", "one request for all is held: \(stop.why)", [("policy", stop.policy)])
        }
        heldBulkSaid = Dictionary(held.map { ($0.policy, $0.why) }) { _, last in last }
    }

    /// Dry-run policies count on shadow counters, also in an agent that acts.
    func shadowView(also rows: [Execution] = []) -> LedgerView? {
        do {
            return try read(shadow: true, also: rows)
        } catch {
            emit(.error, "ledger.failed", "\(error)")
            return nil
        }
    }

    /// Writes transitions and latches down, and reserves what is due: one transaction.
    func record(_ report: inout TickReport, _ view: LedgerView, _ dryRunView: LedgerView?) {
        let shadow = writer == nil
        var changes: [LedgerChange] = []
        var audit: [AuditRecord] = []
        for latch in report.plan.latches {
            changes.append(.latch(instance, latch, shadow: shadow && latch.kind == .exhausted))
            audit.append(.latched(latch, instance: instance, at: report.now))
        }
        for latch in report.dryRunPlan.latches where latch.kind == .exhausted {
            changes.append(.latch(instance, latch, shadow: true))
        }
        let snapshot = snapshot(report)
        let lineage = Lineage(rows: book.executions, knownChildren: view.children)
        // In dry-run both passes write the same verdicts: apart, each would take the other's for a transition.
        let (first, second) = (report.plan.decisions, report.dryRunPlan.decisions)
        recordTransitions(
            shadow ? first + second : first, view.verdicts, shadow: shadow, lineage, snapshot, &changes, &audit)
        if let dryRunView, !shadow {
            recordTransitions(second, dryRunView.verdicts, shadow: true, lineage, snapshot, &changes, &audit)
        }
        reserve(&report, changes, audit, view)
    }

    /// All decisions about one execution are compared together with what was recorded of it last.
    private func recordTransitions(
        _ all: [Decision], _ recorded: [ExecutionID: LedgerView.RecordedVerdict], shadow: Bool, _ lineage: Lineage,
        _ snapshot: Snapshot, _ changes: inout [LedgerChange], _ audit: inout [AuditRecord]
    ) {
        let worthy = Dictionary(grouping: all.filter(\.isWorthRecording), by: \.execution)
        for (execution, decisions) in worthy.sorted(by: { $0.key < $1.key }) {
            let verdict = LedgerView.RecordedVerdict(
                policy: decisions[0].policy?.name ?? "", key: decisions.map(\.transitionKey).joined(separator: ";"))
            guard recorded[execution] != verdict else { continue }
            changes.append(.verdict(instance, execution, verdict, shadow: shadow))
            audit += decisions.map { .decision($0, lineage.chain(of: execution), snapshot) }
        }
    }

    private func reserve(
        _ report: inout TickReport, _ changes: [LedgerChange], _ audit: [AuditRecord], _ view: LedgerView
    ) {
        var actions = report.plan.actions.map { Reservation(action: $0, isShadow: writer == nil) }
        actions += report.dryRunPlan.actions.map { Reservation(action: $0, isShadow: true) }
        while true {
            let batch = Reservation.changes(actions, view: view, at: report.now)
            do throws(LedgerFailure) {
                let all = changes + batch.changes
                let ids = all.isEmpty ? [] : try ledger.commit(all, audit: audit + batch.audit, at: clock.now())
                start(actions, ids, &report)
                return
            } catch .alreadyIntended(let execution) {
                // The ledger knows more than the view: its word is final, and the others must not wait for this one.
                emit(.error, "action.refused", "the ledger holds an intent for execution \(execution) already")
                let left = actions.filter { $0.action.draft.execution != execution }
                guard left.count < actions.count else {
                    report.ledgerFailed = true
                    return
                }
                actions = left
            } catch .paused {
                actions = actions.filter(\.isShadow)
                guard !batch.changes.isEmpty else { return }
            } catch {
                emit(.error, "ledger.failed", "\(error)")
                report.ledgerFailed = true
                return
            }
        }
    }

    private func start(_ actions: [Reservation], _ ids: [IntentID], _ report: inout TickReport) {
        for (id, item) in zip(ids, actions) {
            let intent = Intent(
                id: id, draft: item.action.draft, state: item.isShadow ? .shadow : .reserved, reservedAt: report.now)
            emit(
                .info, item.isShadow ? "action.would" : "action.reserved",
                "\(item.isShadow ? "would send" : "will send") \(item.action.request)", item.action.fields)
            if item.action.draft.action == .delete {
                old[item.action.draft.execution] =
                    old[item.action.draft.execution] ?? book.executions[item.action.draft.execution]
            }
            if !item.isShadow { report.started.append(TickReport.Started(intent: intent, action: item.action)) }
        }
    }
}

/// An action on its way into the ledger.
private struct Reservation {
    var action: ProposedAction
    var isShadow: Bool

    init(action: ProposedAction, isShadow: Bool) {
        self.action = action
        self.isShadow = isShadow
        self.action.draft.isShadow = isShadow
    }

    static func changes(
        _ actions: [Reservation], view: LedgerView, at now: Timestamp
    ) -> (changes: [LedgerChange], audit: [AuditRecord]) {
        var changes: [LedgerChange] = []
        var audit: [AuditRecord] = []
        for (position, item) in actions.enumerated() {
            let draft = item.action.draft
            if let replaced = item.action.supersedes, !item.isShadow {
                changes.append(.settle(replaced, Settlement(.superseded, note: "sent again, as the policy allows")))
            }
            changes.append(.reserve(draft))
            audit.append(.reserved(item.action, position: position, at: now))
            if draft.action == .retry, view.owners[draft.root] == nil {
                changes.append(.own(draft.instance, root: draft.root, policy: draft.policy, shadow: item.isShadow))
            }
        }
        return (changes, audit)
    }
}

extension Decision {
    /// Rows that nobody wants are counted per tick, not recorded one by one.
    var isWorthRecording: Bool {
        switch verdict {
        case .held(.noPolicy, _), .held(.beforeBaseline, _), .held(.factPending, _): false
        // These hold everything at once: the tick's record says so.
        case .held(.incompletePoll, _), .held(.paused, _), .held(.epochAlarm, _): false
        default: true
        }
    }

    /// What is compared with the last record, so that only transitions are written.
    var transitionKey: String { "\(policy?.version ?? "")|\(status.rawValue)|\(phase)" }

    /// What caps hold for the moment waits in one line, whichever of them is full just now.
    private var phase: String {
        guard case .wait(_, _, let reason) = verdict else { return verdict.label }
        switch reason {
        case .maxActions, .instanceLimit, .rateLimit, .maxInFlight, .cooldown: return "capped"
        default: return verdict.label
        }
    }
}

extension ProposedAction {
    /// What log lines say of an action.
    var fields: [(String, String)] {
        var fields = [
            ("action", draft.action.rawValue), ("execution", draft.execution.text), ("policy", draft.policy),
            ("attempt", "\(draft.attempt)/\(attempts)"),
        ]
        if let classification { fields.append(("error_class", classification.errorClass.rawValue)) }
        if !draft.tags.isEmpty { fields.append(("tags", draft.tags.joined(separator: ","))) }
        return fields
    }
}
