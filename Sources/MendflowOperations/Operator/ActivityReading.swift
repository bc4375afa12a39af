import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowReview
import MendflowWorkspace

/// Goes through a ledger and notes what a report tells.
struct ActivityReading {
    private let workspace: Workspace
    private let instance: String?
    private let since: AgentTime
    private var deeds: [IntentID: Doing] = [:]
    /// The names of workflows, by instance: two n8n may have copies of one.
    private var names: [String: [WorkflowID: String]] = [:]

    /// What was done, and in which epoch.
    private struct Doing {
        var deed: ActivityReport.Deed, key: InstanceKey
        /// What n8n answered, and when that was known.
        var evidence: OutcomeEvidence?, settledAt: AgentTime?
        var execution: RunKey { RunKey(key, deed.execution) }
        var root: RunKey { RunKey(key, deed.root) }
    }
    /// What the data of a failed run tells.
    private struct Failure {
        var errorClass: ErrorClass, node: String?, message: String?
        /// When the error happened, as the data says.
        var at: ServerTime?
    }
    private var failures: [RunKey: Failure] = [:]
    /// When runs had ended, by the rows of what was decided about them.
    private var ends: [RunKey: ServerTime] = [:]
    /// The same by the data's hash: runs that leave the same data share it.
    private var failuresOfData: [EvidenceHash: Failure] = [:]
    private var healed: Set<RunKey> = []
    /// What was retried, by whomever.
    private var parents: Set<RunKey> = []
    /// What policies are called now that were called otherwise before.
    private let renamed: [String: String]
    /// Those of the newest epochs, by instance.
    var baselines: [String: InstanceBaseline] = [:]
    private var doubts = RetriesInDoubt()
    private var exhausted: [String: Set<RunKey>] = [:]
    private var givenUp: [(at: AgentTime, run: RunKey, policy: String)] = []
    /// The workflows of chains, by their first runs, and of runs, by the rows of what was decided about them.
    private var workflowsOfChains: [RunKey: WorkflowID] = [:], workflowsOfRuns: [RunKey: WorkflowID] = [:]
    private var held: [Reason: Set<RunKey>] = [:]
    /// What was said of an execution last, by enforced policies and by those in dry-run, and the root of its chain.
    private var said: [RunKey: [Bool: Reason?]] = [:], roots: [RunKey: RunKey] = [:]
    /// Whether that was said by a text that the policy has no more.
    private var saidFormerly: [RunKey: [Bool: Bool]] = [:]
    private let former: FormerTexts
    /// The replay for which that was said, where it was one, and the replays that are over.
    private var saidFor: [RunKey: ReplayKey] = [:], over: Set<ReplayKey> = []
    private struct ReplayKey: Hashable { var instance: InstanceKey, name: String }
    private var agreement = AgreementReading()
    /// When each instance was looked at for the first time, as far as the ledger goes back.
    private var looks: [String: AgentTime] = [:]
    /// Whether the ledger goes back to its beginning.
    var isWhole = true
    /// By policy, why an execution was withheld last.
    private var withheld: [String: [RunKey: Reason]] = [:]
    private var missed: [ActivityReport.Missed] = []
    private var incidents: [ActivityReport.Happened] = []
    private var asks = ActivityReport.Asks()
    private var demotions: [ActivityReport.Dated<Demotion>] = [], promotions: [ActivityReport.Dated<Promotion>] = []
    /// What people said yes to.
    private var approved: Set<RunKey> = []
    /// How the last look at each database ended.
    private var ticks: [InstanceKey: TickState] = [:]
    /// What was seen to have failed.
    private var failed: Set<RunKey> = []
    /// The runs of our retries, whatever the epoch, with what they run again.
    private var ourRuns: [String: [ExecutionID: ExecutionID]] = [:]

    init(_ workspace: Workspace, instance: String?, since: AgentTime, renamed: [String: String]) {
        self.workspace = workspace
        self.instance = instance
        self.since = since
        self.renamed = renamed
        former = FormerTexts(workspace.policies)
    }

    /// What policies are called now.
    private func present(_ policies: [String]) -> [String] { policies.map { renamed[$0] ?? $0 } }

    mutating func note(_ entry: LedgerEntry, number: Int64) {
        doubts.note(entry.event, at: entry.at)
        guard instance == nil || entry.event.instance?.name == nil || entry.event.instance?.name == instance else {
            return
        }
        // Names and classes are told once, however long ago.
        if case .planned(let key, let planning) = entry.event { for piece in planning.pieces { note(piece, of: key) } }
        if case .decided(let decided) = entry.event {
            noteData(of: decided)
            // A chain may be given up of which its policy never tried anything, for its time was over.
            let run = RunKey(decided.instance, decided.execution)
            workflowsOfRuns[run].map { workflowsOfChains[RunKey(decided.instance, decided.root)] = $0 }
        }
        if case .reserved(let reservation) = entry.event {
            let draft = reservation.draft
            workflowsOfChains[RunKey(draft.instance, draft.root)] = draft.workflow
        }
        if case .tick(let key, let patch) = entry.event { note(patch, of: key, at: entry.at) }
        if case .latched(let key, let latch, shadow: false) = entry.event, case .child(let child) = latch.fact {
            agreement.note(child: RunKey(key, child), of: RunKey(key, latch.execution))
            parents.insert(RunKey(key, latch.execution))
        }
        noteOurs(entry.event, number)
        guard entry.at >= since else { return }
        switch entry.event {
        case .reserved(let reservation):
            begin(reservation.draft, IntentID(number), at: entry.at)
            agreement.note(reservation.draft, present(reservation.draft.contributors), at: entry.at)
        case .sending(let ref, _, _, _, _): deeds[ref.id]?.deed.wasAboutToBe = true
        case .outcome(let ref, let settlement):
            deeds[ref.id]?.deed.changedNothing = settlement.evidence == .tagsPresent
            deeds[ref.id]?.evidence = settlement.evidence
            deeds[ref.id]?.settledAt = entry.at
            if let child = settlement.child { deeds[ref.id]?.deed.child = child }
        case .approvalAsked(let ask):
            asks.asked += 1
            approved.remove(RunKey(ask.draft.instance, ask.draft.execution))
        case .approvalAnswered(let ref, let answer):
            if answer.isYes { approved.insert(RunKey(ref.instance, ref.topic.execution)) }
            if answer.isYes { asks.approved += 1 } else { asks.declined += 1 }
        case .approvalClosed(let ref, let end):
            approved.remove(RunKey(ref.instance, ref.topic.execution))
            if end.kind == .expired { asks.expired += 1 } else { asks.withdrawn += 1 }
        case .demoted(_, let demotion): demotions.append(.init(at: entry.at, what: demotion))
        case .promoted(_, let promotion): promotions.append(.init(at: entry.at, what: promotion))
        case .latched(let key, let latch, shadow: false): note(latch, of: key, at: entry.at)
        case .incidentOpened(let key, let incident):
            incidents.append(ActivityReport.Happened(at: entry.at, instance: key.name, incident: incident))
        case .incidentMoved(let key, let move):
            guard let place = place(key, move.key) else { break }
            (incidents[place].incident.state, incidents[place].incident.extent) = (move.state, move.extent)
        case .incidentOver(let key, let end):
            guard let place = place(key, end.key) else { break }
            (incidents[place].incident.extent, incidents[place].overAt) = (end.extent, entry.at)
        case .absenceBegan(let key, let absence):
            missed.append(ActivityReport.Missed(at: entry.at, instance: key.name, absence: absence))
        case .absenceEnded(let key, let end):
            if let place = missed.lastIndex(where: { $0.instance == key.name && $0.absence.key == end.key }) {
                (missed[place].endedAt, missed[place].end) = (entry.at, end)
            }
        case .decided(let decided): note(decided)
        case .replayMoved(let key, let move) where move.state == .ended || move.state == .aborted:
            over.insert(ReplayKey(instance: key, name: move.name))
        default: break
        }
        for (id, state) in entry.event.intents(number: number) { deeds[id]?.deed.state = state }
    }

    private mutating func note(_ patch: TickPatch, of key: InstanceKey, at time: AgentTime) {
        if looks[key.name] == nil { looks[key.name] = time }
        ticks[key, default: .none].apply(patch, at: time)
    }

    /// What was really retried, also before the time that is told of: a person may have done the same later.
    private mutating func noteOurs(_ event: LedgerEvent, _ number: Int64) {
        if case .reserved(let reservation) = event { agreement.note(ours: reservation.draft, IntentID(number)) }
        if case .outcome(let ref, let settlement) = event, ref.action == .retry, let child = settlement.child {
            ourRuns[ref.instance.name, default: [:]][child] = ref.execution
        }
        for (id, state) in event.intents(number: number) { agreement.note(state, of: id) }
    }

    private mutating func note(_ decided: DecidedExecution) {
        agreement.note(decided)
        let run = RunKey(decided.instance, decided.execution)
        let reasons = decided.parts.map { (reason: Reason(rawValue: $0.label), policy: $0.verdict.policy) }
        roots[run] = RunKey(decided.instance, decided.root)
        if decided.parts.contains(where: { $0.verdict.status.isFailed }) { failed.insert(run) }
        let first = reasons.first { $0.reason != nil }
        let reason: Reason? = first?.reason
        said[run, default: [:]][decided.isShadow] = .some(reason)
        let part = decided.parts.first { $0.label == first?.reason?.rawValue }?.verdict
        saidFormerly[run, default: [:]][decided.isShadow] = former.isFormer(part?.version, of: part?.policy)
        if !decided.isShadow {
            saidFor[run] = first?.policy.flatMap { name in
                Replay.number(in: name).map { _ in ReplayKey(instance: decided.instance, name: name) }
            }
        }
        for case (let reason?, let policy) in reasons {
            held[reason, default: []].insert(run)
            guard reason.withholds, let policy else { continue }
            withheld[renamed[policy] ?? policy, default: [:]][run] = reason
        }
    }

    private func place(_ instance: InstanceKey, _ key: String) -> Int? {
        incidents.lastIndex { $0.instance == instance.name && $0.incident.key == key && $0.overAt == nil }
    }

    private mutating func begin(_ draft: IntentDraft, _ id: IntentID, at time: AgentTime) {
        let url = workspace.configuration.instances.first { $0.name == draft.instance.name }?.address ?? ""
        let deed = ActivityReport.Deed(
            at: time, instance: draft.instance.name, intent: id.number, action: draft.action,
            execution: draft.execution, root: draft.root, workflow: draft.workflow, workflowName: nil,
            policies: draft.contributors, tags: draft.tags, state: draft.isShadow ? .shadow : .reserved,
            errorClass: nil, link: ExecutionLink.text(url, draft.workflow, draft.execution))
        deeds[id] = Doing(deed: deed, key: draft.instance)
    }

    private mutating func note(_ latch: Latch, of key: InstanceKey, at time: AgentTime) {
        let run = RunKey(key, latch.execution)
        switch latch.fact {
        case .healed: healed.insert(run)
        case .exhausted(let name):
            let policy = renamed[name] ?? name
            if exhausted[policy, default: []].insert(run).inserted { givenUp.append((time, run, policy)) }
        // When it was seen says nothing of when it was: a new agent sees a whole look-back at once.
        case .personRetried(let child) where latch.at.milliseconds >= since.milliseconds:
            let baseline = baselines[key.name].flatMap { $0.instance == key ? $0 : nil }
            if doubts.covers(latch) || baseline?.wasThere(child) ?? false {
                // What an epoch before this one knows as its own is nobody else's.
                if ourRuns[key.name]?[child] != latch.execution {
                    agreement.note(somebodyRetried: run)
                }
                break
            }
            agreement.note(personRetried: run, ended: latch.at)
        default: break
        }
    }

    private mutating func note(_ piece: EvidencePiece, of key: InstanceKey) {
        if let id = piece.execution {
            if let row = piece.row {
                ends[RunKey(key, id)] = row.endedAt
                workflowsOfRuns[RunKey(key, id)] = row.workflow
                return
            }
            guard let detail = try? ExecutionDetail(piece.value),
                case .known(let found) = workspace.configuration.classifier.classify(
                    status: detail.status, detail: detail)
            else { return }
            let failure = Failure(
                errorClass: found.errorClass, node: detail.lastNode?.name, message: detail.error?.message)
            failures[RunKey(key, id)] = failure
            failuresOfData[piece.hash] = failure
        } else if let workflow = try? WorkflowInfo(piece.value) {
            names[key.name, default: [:]][workflow.id] = workflow.name
        }
    }

    /// Which data a decision was made from.
    private mutating func noteData(of decided: DecidedExecution) {
        for case .own(let slice)? in [decided.evidence?.enforced, decided.evidence?.dryRun] {
            for facts in slice.facts {
                guard var found = facts.detail.flatMap({ failuresOfData[$0] }) else { continue }
                found.at = facts.failedAt
                failures[RunKey(decided.instance, facts.execution)] = found
            }
        }
    }

    // MARK: - Counting

    var report: ActivityReport {
        var report = ActivityReport(since: since)
        let doings = deeds.sorted { $0.key < $1.key }.map { told($0.value) }
        report.deeds = doings.map(\.deed)
        report.held = held.mapValues(\.count)
        report.givenUp = givenUp.map { chain in
            let workflow = workflowsOfChains[chain.run] ?? workflowsOfRuns[chain.run], name = chain.run.instance.name
            let url = workspace.configuration.instances.first { $0.name == name }?.address ?? ""
            return ActivityReport.GivenUp(
                at: chain.at, instance: name, execution: chain.run.execution, policy: chain.policy,
                workflow: workflow.map { names[name]?[$0] ?? $0.text },
                link: workflow.map { ExecutionLink.text(url, $0, chain.run.execution) })
        }
        tellHeld(doings, &report)
        (report.asks, report.demotions, report.promotions) = (asks, demotions, promotions)
        report.agreement = agreement.agreement(healed: healed, looks: isWhole ? looks : [:])
        (report.missed, report.incidents) = (missed, incidents)
        var policies: [String: [Doing]] = [:], workflows: [String: [Doing]] = [:]
        // Of a policy that did nothing somebody wants to know that.
        for policy in ofInterest { policies[policy] = [] }
        for doing in doings {
            for policy in Set(present(doing.deed.policies)) { policies[policy, default: []].append(doing) }
            workflows[doing.deed.workflowName ?? doing.deed.workflow.text, default: []].append(doing)
        }
        report.policies = policies.sorted { $0.key < $1.key }.map { name, doings in
            var line = line(name, doings)
            line.exhausted = exhausted[name]?.count ?? 0
            line.formerly = renamed.filter { old, new in
                new == name && doings.contains { $0.deed.policies.contains(old) }
            }.keys.sorted()
            return line
        }
        let givenUp = exhausted.values.reduce(into: Set<RunKey>()) { $0.formUnion($1) }
        report.workflows = workflows.sorted { $0.key < $1.key }.map { name, doings in
            var line = line(name, doings)
            line.exhausted = givenUp.intersection(doings.map(\.root)).count
            return line
        }
        return report
    }

    /// The policies of the files that are asked about the instances told of.
    private var ofInterest: [String] {
        workspace.policies.filter { policy in
            policy.mode != .off
                && (instance.flatMap { name in policy.instances.map { $0.contains(name) } } ?? true)
        }.map(\.name)
    }

    /// What is held and withheld still, and what was done since after all: after a yes, by a replay, by another policy, by hand.
    private func tellHeld(_ doings: [Doing], _ report: inout ActivityReport) {
        let all = doings.filter { ($0.deed.wasSent || $0.deed.changedNothing) && $0.deed.state != .void }
        // A tag says of a failure that it is there, and takes nothing of it away: it is only what its policy wanted.
        let sent = Set(all.filter { $0.deed.action != .tag }.map(\.execution))
        var tagged: [String: Set<RunKey>] = [:]
        for doing in all where doing.deed.action == .tag {
            for policy in present(doing.deed.policies) { tagged[policy, default: []].insert(doing.execution) }
        }
        func isDone(_ run: RunKey) -> Bool {
            sent.contains(run) || parents.contains(run) || roots[run].map(healed.contains) ?? false
        }
        for (policy, runs) in withheld {
            for (run, reason) in runs {
                if isDone(run) || tagged[policy]?.contains(run) ?? false {
                    report.withheldDone[policy, default: 0] += 1
                } else if !isApproved(run, reason) {
                    report.withheld[policy, default: [:]][reason, default: 0] += 1
                }
            }
        }
        for (run, said) in said where !isDone(run) {
            // What held it for a replay that is over holds it no more.
            let isOver = saidFor[run].map(over.contains) ?? false
            let (real, dryRun) = (isOver ? nil : said[false] ?? nil, said[true] ?? nil)
            // Where no enforced policy wants it, what one in dry-run says counts.
            let isOfDryRun = (real == nil || real == .noPolicy) && dryRun != nil
            guard let reason = isOfDryRun ? dryRun : real else { continue }
            if isApproved(run, reason) { continue }
            report.heldNow[reason, default: 0] += 1
            if saidFormerly[run]?[isOfDryRun] == true { report.heldFormerly[reason, default: 0] += 1 }
        }
    }

    /// Whether it was held until somebody says yes, and somebody did: it comes at its time.
    private func isApproved(_ run: RunKey, _ reason: Reason) -> Bool {
        reason == .awaitingApproval && approved.contains(run)
    }

    /// What was done, with what the ledger tells of its workflow and of why the run had failed.
    private func told(_ doing: Doing) -> Doing {
        var told = doing
        told.deed.workflowName = names[doing.key.name]?[doing.deed.workflow]
        if doing.deed.action == .retry, [.applied, .shadow].contains(doing.deed.state) {
            told.deed.isHealed = healed.contains(doing.root)
            told.deed.hasEnded =
                exhausted.values.contains { $0.contains(doing.root) }
                || doing.deed.child.map { failed.contains(RunKey(doing.key, $0)) } ?? false
                || RetryEnd(child: doing.deed.child, evidence: doing.evidence, settledAt: doing.settledAt)
                    .isKnown(ticks[doing.key])
        }
        told.deed.isOfFormer = baselines[doing.key.name].map { doing.key.epoch < $0.instance.epoch } ?? false
        guard let failure = failures[doing.execution] else { return told }
        (told.deed.errorClass, told.deed.node, told.deed.message) = (failure.errorClass, failure.node, failure.message)
        // An error tells a time of its own, which is that of a node's try, and may be long before the run was over.
        told.deed.failedAt = ends[doing.execution] ?? failure.at
        return told
    }

    private func line(_ name: String, _ doings: [Doing]) -> ActivityReport.Line {
        var line = ActivityReport.Line(name: name)
        var retried: Set<RunKey> = []
        for doing in doings {
            let deed = doing.deed
            switch deed.state {
            case .shadow: line.wouldHave += 1
            case .void where deed.isUnsent, .applied where deed.isUnsent: line.unsent += 1
            case .void, .ineffective: line.void += 1
            case .unresolved, .superseded: line.unresolved += 1
            case .reserved, .sending: line.underWay += 1
            case .applied: line.done[deed.action, default: 0] += 1
            }
            if deed.action == .retry, deed.state != .shadow, deed.state != .void { retried.insert(doing.root) }
        }
        (line.retried, line.healed) = (retried.count, retried.intersection(healed).count)
        return line
    }
}
