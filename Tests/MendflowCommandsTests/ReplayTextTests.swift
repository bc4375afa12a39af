import MendflowCore
import MendflowText
import Testing

@testable import MendflowCommands
@testable import MendflowOperations

@Suite("How a replay is said to stand")
struct ReplayTextTests {
    @Test("is that it runs only where somebody carries it out, or nobody can tell")
    func standing() {
        let start = ReplayStart(
            name: "replay-1", version: "v", total: 2, earliest: FixedWorld.noon, by: "ana", reason: "outage",
            selection: "all")
        let replay = Replay(start, at: FixedWorld.agentNoon)
        func words(_ wait: ReplayWait?, _ isCarriedOut: Bool?) -> String {
            ReplayText.standing(replay, wait, isCarriedOut: isCarriedOut)
        }
        #expect(words(nil, true) == replay.standing && words(nil, nil) == replay.standing)
        #expect(words(nil, false) == "replay-1 is not over, and nobody carries it out")
        #expect(words(.commandLine, false) == "replay-1 waits")
    }

    private func report(_ results: [(ExecutionID, ReplayReport.Result)], settled: Bool = false) -> ReplayReport {
        let start = ReplayStart(
            name: "replay-1", version: "v", total: results.count, earliest: FixedWorld.noon, by: "ana",
            reason: "outage",
            selection: "all")
        var replay = Replay(start, at: FixedWorld.agentNoon)
        replay.state = .aborted
        return ReplayReport(
            instance: "production", replay: replay, pace: ReplayPace(), rate: nil,
            items: results.map { id, result in
                ReplayReport.Item(execution: id, result: result, why: "", isSettled: settled)
            })
    }

    @Test("is told where nothing is left over: what became of all, and what is open still and how that is settled")
    func nothingLeft() {
        #expect(
            ReplayText.nothingLeft(report([("1", .healed)]), options: "")
                == "nothing is left over of replay-1: 1 healed")
        let settled = ReplayText.nothingLeft(report([("1", .leftOut)], settled: true), options: "")
        #expect(
            settled.hasSuffix(
                "1 left out (what was left out had healed, was retried otherwise, or is not kept by n8n any more)"))
        let open = ReplayText.nothingLeft(report([("1", .running), ("2", .unresolved)]), options: " -c x")
        #expect(open.contains("1 request is still open: `mendflow replay follow -c x replay-1` waits"))
        #expect(open.contains("1 request has no answer: `mendflow inbox -c x` says how to settle it"))
    }

    @Test("names the replay that took up what was left, and says only of what nobody took that it is left over")
    func takenUp() {
        var it = report([("1", .notHealed), ("2", .notRun)])
        func text() -> String { ReplayText.render(it).text() }
        #expect(text().contains("2 are left over: `mendflow replay --rest replay-1"))
        #expect(ReplayReportJSON(it).restTakenBy == nil)
        let start = ReplayStart(
            name: "replay-2", version: "v", total: 1, earliest: FixedWorld.noon, by: "ana", reason: "again",
            selection: "the rest of replay-1, 2 executions, class transient")
        it.successors = [.init(replay: Replay(start, at: FixedWorld.agentNoon), executions: ["1"])]
        #expect(
            text().contains(
                "1 of what was left was taken up by replay-2, which is not over: `mendflow replay show replay-2`"))
        #expect(text().contains("1 more is left over: `mendflow replay --rest replay-1"))
        it.successors[0].executions = ["1", "2"]
        #expect(text().contains("2 of what was left were taken up by replay-2") && !text().contains("left over"))
        #expect(ReplayReportJSON(it).restTakenBy?.map(\.name) == ["replay-2"])
    }

    @Test("tells of what was chosen by a rest what was said beside, and of which replay it is the rest")
    func selection() {
        var request = ReplayRequest()
        request.restOf = "replay-1"
        request.executions = ["7", "8"]
        request.earliest = FixedWorld.noon
        #expect(request.selection == "the rest of replay-1, 2 executions")
        #expect(request.policyText("replay-2").contains("{status: [error, crashed, canceled]}"))
        #expect(request.policyText("replay-2").contains("ended_between: {from: "))
        request.from = FixedWorld.noon
        request.statuses = [.crashed]
        #expect(
            request.selection
                == "the rest of replay-1, 2 executions, status crashed, ended from \(FixedWorld.noon)")
        #expect(request.policyText("replay-2").contains("{status: [crashed]}"))
        func restOf(_ selection: String) -> String? {
            ReplayStart(
                name: "replay-2", version: "v", total: 1, earliest: FixedWorld.noon, by: "", reason: "",
                selection: selection
            ).restOf
        }
        #expect(restOf(request.selection) == "replay-1" && restOf("workflow 'the rest of it'") == nil)
    }

    @Test("beside an agent that carries nothing of it out is not that the agent does")
    func watching() {
        #expect(ReplayText.watching("replay-1", nil).contains("carries it out"))
        let kept = ReplayText.watching("replay-1", nil, isKept: true)
        #expect(kept == "an agent holds the ledger, and carries nothing of replay-1 out now; this only watches")
        let words = ReplayText.words(.commandLine, "replay-1")
        #expect(words.contains("started with --dry-run") && words.contains("anew without --dry-run"))
    }
}
