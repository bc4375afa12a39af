/// Looks for what did not happen, for the policies that ask for it: a pure function of what was seen.
///
/// Whatever speaks against it keeps it untold (`AbsenceDoubt`): a run that was not seen may have been there.
package struct AbsenceWatch: Sendable {
    /// What was found of each workflow that a policy looks at, in order.
    package private(set) var findings: [AbsenceFinding] = []
    /// When workflows were last seen switched off that are on now: a run is missed only from then on.
    private var lastOff: [WorkflowID: ServerTime] = [:]
    /// Until when all of it holds where nothing is seen.
    package private(set) var holdsUntil: ServerTime
    private let snapshot: Snapshot
    private let alarm: String?

    /// Looks at what was seen; `since` is what was found before. `view` holds what dry-run has written, too.
    package init(
        _ policies: PolicySet, _ snapshot: Snapshot, _ view: LedgerView, acts: Bool, since previous: AbsenceWatch? = nil
    ) {
        self.snapshot = snapshot
        alarm = view.alarm
        holdsUntil = snapshot.now + .days(1)
        noteSwitches(previous)
        guard let workflows = snapshot.workflows else { return }
        let runs = RecentRuns(snapshot, view)
        for policy in policies.absencePolicies {
            let sought = workflows.keys.filter { MatchIndex.sees($0, policy, workflows) }
            for id in sought.sorted() {
                guard let info = workflows[id], let wanted = policy.absence else { continue }
                let isShadow = !acts || policy.mode != .enforce
                var finding = AbsenceFinding(
                    key: AbsenceKey(policy.name, id), workflowName: info.name, within: wanted.within,
                    isShadow: isShadow, standing: .untold(.notRead))
                judge(&finding, policy, info, runs.newest(of: policy, info))
                findings.append(finding)
            }
        }
    }

    /// Whether it still holds: nothing was seen since, and no run is missed now that was not before.
    package func holds(_ now: Snapshot, _ view: LedgerView) -> Bool {
        now.now >= snapshot.now && now.now < holdsUntil && view.alarm == alarm && now.workflows == snapshot.workflows
            && now.coverage == snapshot.coverage && now.completeness == snapshot.completeness
            && now.clockOffset == snapshot.clockOffset && now.executions == snapshot.executions
    }

    private mutating func noteSwitches(_ previous: AbsenceWatch?) {
        guard let previous else { return }
        lastOff = previous.lastOff
        for (id, info) in previous.snapshot.workflows ?? [:] where !info.isSwitchedOn {
            lastOff[id] = previous.snapshot.now
        }
    }

    private mutating func judge(
        _ finding: inout AbsenceFinding, _ policy: Policy, _ info: WorkflowInfo, _ newest: RecentRuns.Newest?
    ) {
        finding.last = newest?.run
        if case .live(let row)? = newest {
            finding.ranAt = row.startedAt ?? row.createdAt
            finding.standing = .ran(row.id, until: nil)
            return
        }
        if case .ended(let row, let end)? = newest, end + finding.within > snapshot.now {
            holdsUntil = min(holdsUntil, end + finding.within)
            finding.ranAt = row.startedAt ?? end
            finding.standing = .ran(row.id, until: end + finding.within)
            return
        }
        if let doubt = doubt(finding, policy, info, newest) {
            finding.standing = .untold(doubt)
        } else if case .ended(let row, let end)? = newest {
            finding.standing = .absent(
                Absence(
                    finding.key, version: policy.version, workflowName: info.name, within: finding.within,
                    since: end + finding.within, last: row.id, lastStatus: row.status, lastEnded: end,
                    isShadow: finding.isShadow))
        } else {
            finding.standing = .untold(.neverSeen)
        }
    }

    /// What speaks against telling that there was no run.
    private mutating func doubt(
        _ finding: AbsenceFinding, _ policy: Policy, _ info: WorkflowInfo, _ newest: RecentRuns.Newest?
    ) -> AbsenceDoubt? {
        if alarm != nil { return .epochAlarm }
        if snapshot.clockOffset.isDisputed { return .clockDisputed }
        if !policy.namesSwitch {
            if !info.isSwitchedOn { return .switchedOff }
            if let off = lastOff[info.id], off + finding.within > snapshot.now {
                holdsUntil = min(holdsUntil, off + finding.within)
                return .switchedOnLately
            }
        }
        if isAmbiguous(policy, info) { return .ambiguousWorkflow }
        if policy.counts(.success), !keepsSuccesses(info, newest) { return .keepsNoSuccesses }
        if policy.counts(.error), info.savesFailures == false { return .keepsNoFailures }
        if snapshot.coverage.lookBack < finding.within { return .beyondLookBack }
        if snapshot.completeness != .complete || snapshot.coverage.rowsKnownFrom != nil { return .notRead }
        return mayHideRuns(policy, newest) ? .mayBeHidden : nil
    }

    private func isAmbiguous(_ policy: Policy, _ info: WorkflowInfo) -> Bool {
        guard policy.match?.names(.workflowName, info.name) == true else { return false }
        return snapshot.workflows?.values.contains { $0.id != info.id && $0.name == info.name } ?? true
    }

    /// Whether its successes would be seen. What n8n's default is nobody is told: a success that was kept tells it.
    private func keepsSuccesses(_ info: WorkflowInfo, _ newest: RecentRuns.Newest?) -> Bool {
        if let saves = info.savesSuccesses { return saves }
        if case .ended(let row, _)? = newest, row.status == .success { return true }
        return snapshot.newestSuccess[info.id] != nil || snapshot.seesDefaultSuccesses
    }

    /// Whether a waiting run may be there that no list shows: where this server hides them, every id since has to be known.
    private func mayHideRuns(_ policy: Policy, _ newest: RecentRuns.Newest?) -> Bool {
        guard snapshot.coverage.hidesWaiting, policy.counts(.waiting) else { return false }
        guard snapshot.coverage.unknownIDs == 0, case .ended(let row, _)? = newest else { return true }
        return snapshot.coverage.mayHide(row.id)
    }
}

extension AbsenceWatch {
    /// What begins and ends by what was found; `open` are the absences that the ledger holds. Nothing is concluded while the
    /// database may be another one, or where the workflows cannot be read.
    package func changes(_ open: [AbsenceKey: Absence], _ policies: PolicySet) -> (
        ended: [AbsenceEnd], began: [Absence]
    ) {
        guard alarm == nil, let workflows = snapshot.workflows else { return ([], []) }
        var (ended, began): ([AbsenceEnd], [Absence]) = ([], [])
        let found = Dictionary(findings.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for (key, absence) in open.sorted(by: { $0.key < $1.key }) where found[key] == nil {
            let isSought = policies.absencePolicies.contains { $0.name == key.policy }
            let isGone = isSought && workflows[key.workflow] == nil
            ended.append(AbsenceEnd(absence, isGone ? .switchedOff : .unwatched))
        }
        for finding in findings {
            let before = open[finding.key]
            switch finding.standing {
            case .absent(let absence):
                // Whoever was told in dry-run only is told now, and the other way round.
                if let before, before.isShadow != absence.isShadow { ended.append(AbsenceEnd(before, .unwatched)) }
                if before?.isShadow != absence.isShadow { began.append(absence) }
            case .ran(let run, _):
                if let before { ended.append(AbsenceEnd(before, .ran, run: run, ranAt: finding.ranAt)) }
            case .untold(.switchedOff): if let before { ended.append(AbsenceEnd(before, .switchedOff)) }
            case .untold: break
            }
        }
        return (ended, began)
    }
}
