import MendflowCore
import MendflowHostKit
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowLedger
@testable import MendflowOperations

@Suite("A report of what was done")
struct ActivityReportTests {
    let folder: Folder
    let workspace: Workspace
    let production = InstanceKey(name: "production", epoch: 1)
    let other = InstanceKey(name: "other", epoch: 1)

    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace(clock: VirtualClock(.noon))
    }

    private func draft(_ execution: ExecutionID, in key: InstanceKey, shadow: Bool = false) -> IntentDraft {
        var draft = IntentDraft(
            instance: key, action: .retry, execution: execution, root: execution, workflow: "w", policy: "a",
            policyVersion: "v")
        draft.isShadow = shadow
        return draft
    }

    /// What a planning saw of a run that failed: its end, and when its error says that it happened.
    private func seen(
        _ execution: ExecutionID, in key: InstanceKey, code: String, endedAt end: ServerTime, errorAt time: ServerTime
    ) -> [LedgerEvent] {
        let row = Execution(
            id: execution, workflow: "w", status: .error, mode: "webhook", startedAt: end - .hours(1), stoppedAt: end)
        let detail = ExecutionDetail(
            error: ErrorEvidence(name: "NodeApiError", message: "said \(code)", httpCode: code),
            lastNode: NodeEvidence(name: "n", type: "n8n-nodes-base.httpRequest", method: "GET"), itemsToRepeat: 1,
            finishedNodes: 1, resumesAtNode: true)
        let workflow = WorkflowInfo(id: "w", name: "Orders of \(key.name)")
        let pieces = [
            EvidencePiece(row.stored, about: execution), EvidencePiece(detail.stored, about: execution),
            EvidencePiece(workflow.stored, about: nil),
        ]
        var slice = EvidenceSlice(judging: [execution])
        slice.rows = [pieces[0].hash]
        var facts = EvidenceSlice.Facts(execution)
        (facts.detail, facts.failedAt) = (pieces[1].hash, time)
        slice.facts = [facts]
        let part = DecidedExecution.Part(
            verdict: .init(policy: "a", version: "v", status: .error, phase: .act), label: "act", request: nil,
            until: nil, why: nil, takenFrom: nil, bulkHeld: nil)
        let planning = Planning(
            Snapshot(instance: key, now: .noon, baseline: .noon - .days(1)),
            at: Planning.Place(head: 0, reconciled: 0, between: 0), acts: true, deletesOld: false,
            policies: pieces[2].hash, terms: nil, pieces: pieces)
        return [
            .planned(key, planning),
            .decided(
                DecidedExecution(
                    instance: key, execution: execution, root: execution, isShadow: false, now: .noon, parts: [part],
                    evidence: DecisionEvidence(enforced: .own(slice)))),
        ]
    }

    private func begun(_ key: InstanceKey) -> LedgerEvent {
        .began(
            InstanceBaseline(
                instance: key, url: "", since: ServerTime(milliseconds: 0), highest: nil, fingerprints: [],
                at: ServerTime(milliseconds: 0)), .initialised(by: "me"))
    }

    @Test("names each chain that was given up, with its policy and its workflow")
    func givenUp() async throws {
        try await workspace.append([.reserve(draft("1", in: production))], at: .noon - .hours(3))
        let latch = Latch(.exhausted(policy: "a"), "1", at: .noon)
        try await workspace.append([.latched(production, latch, shadow: false)], at: .noon - .minutes(5))
        let chain = try #require(try await report().givenUp.first)
        #expect(chain.execution == "1" && chain.policy == "a" && chain.workflow == "w")
        #expect(chain.at == .noon - .minutes(5) && chain.link == "http://127.0.0.1:1/workflow/w/executions/1")
    }

    @Test(
        "names the workflow of a chain that was given up though nothing was ever tried, or by another id than it was tried by"
    )
    func givenUpUntried() async throws {
        try await workspace.append(
            seen("5", in: production, code: "503", endedAt: .noon - .days(2), errorAt: .noon - .days(2))
                + [.latched(production, Latch(.exhausted(policy: "a"), "5", at: .noon), shadow: false)])
        let chain = try #require(try await report().givenUp.first)
        #expect(chain.workflow == "Orders of production")
        #expect(chain.link == "http://127.0.0.1:1/workflow/w/executions/5")
    }

    @Test("counts no tag write that found its tags there: nothing was sent, and nothing changed")
    func tagsThere() async throws {
        var tag = draft("1", in: production)
        (tag.action, tag.tags) = (.tag, ["seen"])
        let id = try #require(try await workspace.append([.reserve(tag)]).first)
        let ref = IntentRef(IntentID(id), tag)
        try await workspace.append([
            .sending(ref, watermark: "1", look: ""), .outcome(ref, Settlement(.applied, .tagsPresent)),
        ])
        let report = try await report()
        let deed = try #require(report.deeds.first)
        #expect(!deed.wasSent && deed.isUnsent && deed.changedNothing)
        let line = try #require(report.policies.first { $0.name == "a" })
        #expect(line.done.isEmpty && line.unsent == 1)
    }

    private func report() async throws -> ActivityReport {
        try await ActivityReport.read(workspace, instance: nil, since: .noon - .hours(1))
    }

    @Test("says when a run had failed: when it ended, and not the time that its error tells")
    func failedAt() async throws {
        let end = ServerTime.noon - .minutes(1)
        try await workspace.append(
            seen("5", in: production, code: "503", endedAt: end, errorAt: end - .minutes(50))
                + [.reserve(draft("5", in: production))])
        let deed = try #require(try await report().deeds.first)
        #expect(deed.failedAt == end && deed.message == "said 503")
    }

    @Test("keeps runs of several n8n apart that have the same id")
    func severalInstances() async throws {
        let end = ServerTime.noon - .minutes(1)
        try await workspace.append([begun(other)])
        try await workspace.append(
            seen("5", in: production, code: "503", endedAt: end, errorAt: end)
                + seen("5", in: other, code: "429", endedAt: end - .minutes(2), errorAt: end)
                + [
                    .reserve(draft("5", in: production)), .reserve(draft("5", in: other, shadow: true)),
                    .latched(other, Latch(.healed, "5", at: .noon), shadow: false),
                    .latched(other, Latch(.personRetried("6"), "5", at: .noon), shadow: false),
                ])
        let report = try await report()
        #expect(report.deeds.map(\.message) == ["said 503", "said 429"])
        #expect(report.deeds.map(\.workflowName) == ["Orders of production", "Orders of other"])
        #expect(report.deeds.map(\.failedAt) == [end, end - .minutes(2)])
        #expect(report.policies.map(\.retried) == [1, 0] && report.policies.map(\.healed) == [0, 0])
        #expect(report.retriedByPeople == 1 && report.agreement.byPeople == 1)
        #expect(report.agreement.more == 0 && report.agreement.agreed == 1)
    }

    @Test("says nothing of policies by what people had retried before an agent looked for the first time")
    func before() async throws {
        let tick = TickState(tick: 1, at: .noon, accounted: nil, sweptAt: nil, rows: 0, live: [], clockOffset: .zero)
        // The first look sees a whole look-back at once.
        try await workspace.append([
            .latched(
                production, Latch(.personRetried("6"), "5", at: .noon - .minutes(10)), shadow: false),
            .tick(production, TickPatch(from: nil, to: tick)),
        ])
        try await workspace.append(
            [
                .latched(
                    production, Latch(.personRetried("8"), "7", at: .noon + .minutes(1)), shadow: false)
            ], at: .noon + .minutes(2))
        let report = try await report()
        #expect(report.agreement.before == 1 && report.agreement.byPeople == 1)
        #expect(report.agreement.missed == [.noPolicy: 1] && report.retriedByPeople == 1)
    }

    @Test("counts apart what was not sent in the end, and tells of a retry which run it started and whether it healed")
    func unsent() async throws {
        let (healed, refused, dropped) = (
            draft("5", in: production), draft("6", in: production), draft("7", in: production)
        )
        let ids = try await workspace.append([.reserve(healed), .reserve(refused), .reserve(dropped)])
        let refs = zip(ids, [healed, refused, dropped]).map { IntentRef(IntentID($0), $1) }
        try await workspace.append([
            .sending(refs[0], watermark: "7", look: ""), .outcome(refs[0], Settlement(.applied, child: "8")),
            .latched(production, Latch(.healed, "5", at: .noon), shadow: false),
            .sending(refs[1], watermark: "8", look: ""), .outcome(refs[1], Settlement(.void)),
            .outcome(refs[2], Settlement(.void, .notSent(objection: "drifted: error -> running"))),
        ])
        let report = try await report()
        let line = try #require(report.policies.first)
        #expect(line.done == [.retry: 1] && line.void == 1 && line.unsent == 1 && line.retried == 1 && line.healed == 1)
        #expect(report.deeds.map(\.wasSent) == [true, true, false])
        #expect(report.deeds.map(\.child) == ["8", nil, nil] && report.deeds.map(\.isHealed) == [true, nil, nil])
        let status = try #require(try await StatusQuery.run(workspace, instance: nil).first?.recent)
        #expect(status.done == [.retry: 1] && status.void == 1 && status.unsent == 1)
    }
}
