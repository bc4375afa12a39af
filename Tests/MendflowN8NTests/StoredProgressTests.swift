import MendflowCore
import Testing

@testable import MendflowN8N

/// The risk of an execution whose failed node is `Do` and whose stack begins with it, unless told otherwise.
private struct Run {
    var status = "error"
    var type = "n8n-nodes-base.phantombuster"
    var parameters = ""
    var settings = ""
    var items = 1
    var error = #"{"name":"NodeApiError","message":"no","httpCode":"429"}"#
    /// Runs besides that of the node.
    var runs = ""
    /// What stands beside the run's results.
    var stored = ""
    var stopped = "2026-11-29T08:30:00.000Z"
    var nodes = ""

    func verdict() async throws -> RepeatRiskVerdict {
        let node = #"{"name":"Do","type":"\#(type)"\#(settings),"parameters":{\#(parameters)}}"#
        let input = Array(repeating: "{}", count: items).joined(separator: ",")
        let ownRun = status == "error" ? #","Do":[{"executionStatus":"error","source":[{"previousNode":"Hook"}]}]"# : ""
        let json = #"""
            {"id":"7","workflowId":"w","status":"\#(status)","startedAt":"2026-11-29T06:00:00.000Z",
            "stoppedAt":"\#(stopped)","data":{"resultData":{"error":\#(error),"lastNodeExecuted":"Do","runData":{
            "Hook":[{"executionStatus":"success","data":{"main":[[{"json":{}}]]}}]\#(runs)\#(ownRun)}},
            "executionData":{"nodeExecutionStack":[{"node":\#(node),"data":{"main":[[\#(input)]]},
            "source":{"main":[{"previousNode":"Hook"}]}}]}\#(stored)},
            "workflowData":{"nodes":[{"name":"Hook","type":"n8n-nodes-base.webhook"},\#(node)\#(nodes)]}}
            """#
        let answer = try #require(try await reader(ScriptedTransport(.json(200, json))).detail("7"))
        return RepeatRiskJudge().judge(status: answer.execution.status, detail: answer.detail)
    }
}

@Suite("What stored data says of a run that went on")
struct StoredProgressTests {
    private let crash = #"{"name":"WorkflowCrashedError","message":"Workflow did not finish"}"#

    private func slept(_ status: String, resume: String = "timeInterval", stopped: String) -> Run {
        var run = Run(status: status, type: "n8n-nodes-base.wait", parameters: #""resume":"\#(resume)""#, error: crash)
        run.runs = #","Do":[{"executionStatus":"waiting"}]"#
        run.stored = #","waitTill":"2026-11-29T08:00:00.000Z""#
        run.stopped = stopped
        return run
    }

    @Test("a run that crashed after it was woken may have done all that comes behind its Wait")
    func wokenThenCrashed() async throws {
        for resume in ["timeInterval", "webhook"] {
            let verdict = try await slept("crashed", resume: resume, stopped: "2026-11-29T08:30:00.000Z").verdict()
            #expect(verdict.risk == .possible && verdict.ruleID == "ran-past" && verdict.start == .node("Do", items: 1))
        }
        // Neither the time nor the state of the node need be there: only a run that was woken can crash.
        var bare = slept("crashed", stopped: "2026-11-29T08:30:00.000Z")
        bare.runs = ""
        bare.stored = ""
        #expect(try await bare.verdict().risk == .possible)
    }

    @Test(
        "a stop before the timer's time found the run asleep; after it, or where a webhook may wake it, it may have run on"
    )
    func stopped() async throws {
        #expect(try await slept("canceled", stopped: "2026-11-29T07:00:00.000Z").verdict().risk == .none)
        #expect(try await slept("canceled", stopped: "2026-11-29T08:30:00.000Z").verdict().risk == .possible)
        #expect(
            try await slept("canceled", resume: "webhook", stopped: "2026-11-29T07:00:00.000Z").verdict().risk
                == .possible)
    }

    @Test("a node behind the stack's first that the event log tells of was under way when n8n died")
    func eventLog() async throws {
        let made =
            #"{"executionStatus":"success","data":{"main":[[{"json":{"isArtificialRecoveredEventItem":true}}]]}}"#
        var run = Run(status: "crashed", type: "n8n-nodes-base.set", error: crash)
        #expect(try await run.verdict().risk == .none)
        run.runs = #","Do":[{"executionStatus":"crashed"}]"#
        #expect(try await run.verdict().risk == .none)
        run.runs = #","Book":[{"executionStatus":"crashed"}]"#
        #expect(try await run.verdict().ruleID == "ran-past")
        run.runs = #","Do":[\#(made)]"#
        #expect(try await run.verdict().ruleID == "ran-past")
    }

    @Test("a node that is run once takes one item")
    func executeOnce() async throws {
        var run = Run(type: "n8n-nodes-base.slack", parameters: #""operation":"post""#, items: 3)
        #expect(try await run.verdict().risk == .possible)
        run.settings = #","executeOnce":true"#
        #expect(try await run.verdict().risk == .none)
        run.settings = #","executeOnce":false"#
        #expect(try await run.verdict().risk == .possible)
    }
}

@Suite("What settings say of further calls")
struct FollowUpTests {
    @Test(
        "a setting that asks for what became of the deed takes the proof from a refusal",
        arguments: [
            ("", .none), (#""resolveData":true"#, .possible), (#""resolveData":false"#, .none),
            (#""resolveData":"={{ $json.x }}""#, .possible), (#""additionalFields":{"waitForImage":true}"#, .possible),
            (#""download":true"#, .possible), (#""additionalFields":{}"#, .none),
            (#""options":{"resolveData":true}"#, .possible),
            (#""additionalFields":{"associatedCompanyId":7}"#, .possible),
        ] as [(String, RepeatRisk)])
    func settings(_ parameters: String, _ risk: RepeatRisk) async throws {
        #expect(try await Run(parameters: parameters).verdict().risk == risk)
    }

    @Test("a counter that is given an expiry may be raised before the expiry is refused; a value may be set twice")
    func expiry() async throws {
        var run = Run(
            type: "n8n-nodes-base.redis", error: #"{"message":"ERR value is not an integer or out of range"}"#)
        run.parameters = #""operation":"incr","expire":true,"ttl":1.5"#
        #expect(try await run.verdict().risk == .possible)
        run.parameters = #""operation":"incr""#
        #expect(try await run.verdict().risk == .none)
        run.parameters = #""operation":"set","expire":true"#
        #expect(try await run.verdict().risk == .none)
    }

    @Test("a pipeline that writes does so in batches, one that reads changes nothing")
    func pipelines() async throws {
        var run = Run(type: "n8n-nodes-base.mongoDb", error: #"{"message":"E11000 duplicate key error collection"}"#)
        run.parameters =
            ##""operation":"aggregate","query":"[{\"$group\":{\"_id\":\"$c\"}},{\"$merge\":{\"into\":\"t\"}}]""##
        #expect(try await run.verdict().risk == .possible)
        run.parameters = ##""operation":"aggregate","query":"[{\"$group\":{\"_id\":\"$c\"}}]""##
        #expect(try await run.verdict().ruleID == "reading-statement")
    }

    @Test("what a model does without a tool's run is not known to be nothing")
    func unseen() async throws {
        let model = #","Model":[{"executionStatus":"error","source":[{"previousNode":"Do"}]}]"#
        var run = Run(type: "@n8n/n8n-nodes-langchain.agent", error: #"{"message":"busy","httpCode":"503"}"#)
        run.runs = model
        run.nodes = #",{"name":"Model","type":"@n8n/n8n-nodes-langchain.lmChatOpenAi","parameters":{}}"#
        #expect(try await run.verdict().risk == .none)
        run.parameters = #""agent":"sqlAgent""#
        #expect(try await run.verdict().risk == .possible)
        let server =
            #""builtInTools":{"mcpServers":{"mcpServerOptions":[{"serverUrl":"https://crm.example.com/mcp"}]}}"#
        run.parameters = ""
        run.nodes = #",{"name":"Model","type":"@n8n/n8n-nodes-langchain.lmChatOpenAi","parameters":{\#(server)}}"#
        #expect(try await run.verdict().risk == .possible)

        // A node below that runs a whole workflow, or a script, is no tool by name and does as much.
        run.runs += #","Below":[{"executionStatus":"success","source":[{"previousNode":"Do"}]}]"#
        for type in ["retrieverWorkflow", "code"] {
            run.nodes =
                #",{"name":"Model","type":"@n8n/n8n-nodes-langchain.lmChatOpenAi","parameters":{}}"#
                + #",{"name":"Below","type":"@n8n/n8n-nodes-langchain.\#(type)","parameters":{}}"#
            #expect(try await run.verdict().risk == .possible, "\(type)")
        }

        var root = Run(type: "@n8n/n8n-nodes-langchain.openAi", error: #"{"message":"busy","httpCode":"500"}"#)
        root.parameters = #""resource":"text","operation":"response""#
        #expect(try await root.verdict().risk == .none)
        root.parameters += #","builtInTools":{"mcpServers":{}}"#
        #expect(try await root.verdict().risk == .none)
        root.parameters = #""resource":"text","operation":"response",\#(server)"#
        #expect(try await root.verdict().risk == .possible)
    }
}
