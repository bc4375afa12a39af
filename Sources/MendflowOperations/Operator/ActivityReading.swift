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
    /// What was done, and in which epoch.
    private struct Doing {
        var deed: ActivityReport.Deed, key: InstanceKey
        /// What n8n answered, and when that was known.
        var evidence: OutcomeEvidence?, settledAt: AgentTime?
        var execution: RunKey { RunKey(key, deed.execution) }
        var root: RunKey { RunKey(key, deed.root) }
    }
    /// Why runs failed, and what their workflows are called.
    private var failures: FailureReading
    private var held: HeldReading
    /// How far people did the same.
    private var agreement = AgreementReading()
    private var concerns = ConcernReading()
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
    /// When each instance was looked at for the first time, as far as the ledger goes back.
    private var looks: [String: AgentTime] = [:]
    /// Whether the ledger goes back to its beginning.
    var isWhole = true
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
        failures = FailureReading(workspace.configuration.classifier)
        held = HeldReading(renamed: renamed, FormerTexts(workspace.policies))
    }

    /// What policies are called now.
    private func present(_ policies: [String]) -> [String] { policies.map { renamed[$0] ?? $0 } }

    mutating func note(_ entry: LedgerEntry, number: Int64) {
        doubts.note(entry.event, at: entry.at)
        guard instance == nil || entry.event.instance?.name == nil || entry.event.instance?.name == instance else {
            return
        }
        // Names and classes are told once, however long ago.
        failures.note(entry.event)
        if case .tick(let key, let patch) = entry.event { note(patch, of: key, at: entry.at) }
        if case .latched(let key, let latch, shadow: false) = entry.event, case .child(let child) = latch.fact {
            agreement.note(child: RunKey(key, child), of: RunKey(key, latch.execution))
            parents.insert(RunKey(key, latch.execution))
        }
        noteOurs(entry.event, number)
        guard entry.at >= since else { return }
        held.note(entry.event)
        concerns.note(entry.event, at: entry.at)
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
        case .latched(let key, let latch, shadow: false): note(latch, of: key, at: entry.at)
        case .decided(let decided):
            agreement.note(decided)
            if decided.parts.contains(where: { $0.verdict.status.isFailed }) {
                failed.insert(RunKey(decided.instance, decided.execution))
            }
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

    // MARK: - Counting

    var report: ActivityReport {
        var report = ActivityReport(since: since)
        let doings = deeds.sorted { $0.key < $1.key }.map { told($0.value) }
        report.deeds = doings.map(\.deed)
        report.givenUp = givenUp.map { chain in
            let (workflow, name) = (failures.workflow(ofChain: chain.run), chain.run.instance.name)
            let url = workspace.configuration.instances.first { $0.name == name }?.address ?? ""
            return ActivityReport.GivenUp(
                at: chain.at, instance: name, execution: chain.run.execution, policy: chain.policy,
                workflow: workflow.map { failures.name(of: $0, on: name) ?? $0.text },
                link: workflow.map { ExecutionLink.text(url, $0, chain.run.execution) })
        }
        tellHeld(doings, &report)
        concerns.tell(&report)
        report.agreement = agreement.agreement(healed: healed, looks: isWhole ? looks : [:])
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
        held.tell(&report, done: sent.union(parents), tagged: tagged, healed: healed)
    }

    /// What was done, with what the ledger tells of its workflow and of why the run had failed.
    private func told(_ doing: Doing) -> Doing {
        var told = doing
        told.deed.workflowName = failures.name(of: doing.deed.workflow, on: doing.key.name)
        if doing.deed.action == .retry, [.applied, .shadow].contains(doing.deed.state) {
            told.deed.isHealed = healed.contains(doing.root)
            told.deed.hasEnded =
                exhausted.values.contains { $0.contains(doing.root) }
                || doing.deed.child.map { failed.contains(RunKey(doing.key, $0)) } ?? false
                || RetryEnd(child: doing.deed.child, evidence: doing.evidence, settledAt: doing.settledAt)
                    .isKnown(ticks[doing.key])
        }
        told.deed.isOfFormer = baselines[doing.key.name].map { doing.key.epoch < $0.instance.epoch } ?? false
        guard let failure = failures.failure(of: doing.execution) else { return told }
        (told.deed.errorClass, told.deed.node, told.deed.message) = (failure.errorClass, failure.node, failure.message)
        told.deed.failedAt = failure.at
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
