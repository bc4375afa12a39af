import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowHintIntake
import MendflowHints
import MendflowService
import MendflowTestKit
import Testing

private let token = "0123456789abcdef-main", otherToken = "0123456789abcdef-other"

/// A service that takes hints in for two instances, and has a token of its own.
private struct Intake {
    let main = HintInbox(), other = HintInbox(), strangers = HintInbox()
    let clock = VirtualClock(AgentTime(milliseconds: 1_793_606_400_000))
    let events = Events()
    let service: Service

    init(hosts: [String] = []) {
        let part = HintPart(
            [
                .init(instance: "main", token: { token }, inbox: main),
                .init(instance: "other", token: { otherToken }, inbox: other),
            ], strangers: strangers, clock: clock, log: events)
        service = Service(
            [part], guard: .init(hosts: hosts, token: { "the-service's-own-token" }), clock: clock, random: { 7 })
    }

    func post(
        _ path: String, _ body: [UInt8], token sent: String? = token, _ headers: HTTPHeaders = [:],
        method: HTTPMethod = .post
    ) async -> HTTPResponse {
        var headers = headers
        headers["Host"] = "mendflow:9464"
        // As n8n sends it: in chunks, without a length.
        headers["Transfer-Encoding"] = "chunked"
        if let sent { headers["Authorization"] = "Bearer \(sent)" }
        return await service.answer(HTTPRequest(method, path, headers: headers, body: body))
    }
}

private let traces = "/hints/otlp/v1/traces", failures = "/hints/error-trigger"

@Suite("The intake of hints")
struct HintPartTests {
    private func recording(_ name: String) throws -> [UInt8] {
        try Repository.bytes("Tests/Fixtures/hints/otlp/\(name).bin")
    }

    @Test("answers 200 to every recorded export, and hands its hints to the instance whose token came along")
    func recorded() async throws {
        let intake = Intake()
        for name in ["first", "queue-worker", "resumed", "retry"] {
            let answer = await intake.post(traces, try recording(name))
            #expect(answer.status == 200 && answer.body.isEmpty)
        }
        #expect(intake.main.counts.received == 16 && intake.main.counts.release == "2.41.1")
        #expect(intake.other.counts.received == 0)
        let lines = try Repository.text("Tests/Fixtures/hints/error-trigger.jsonl").split(separator: "\n")
        for line in lines {
            #expect(await intake.post(failures, Array(line.utf8), token: otherToken).status == 200)
        }
        #expect(intake.other.counts.received == lines.count)
    }

    @Test("takes what is compressed")
    func compressed() async throws {
        let intake = Intake()
        let body = zipped(try recording("retry"))
        #expect(await intake.post(traces, body, ["Content-Encoding": "gzip"]).status == 200)
        #expect(intake.main.counts.received == 7)
        #expect(await intake.post(traces, body, ["Content-Encoding": "br"]).status == 400)
        #expect(await intake.post(traces, Array(body.dropLast(9)), ["Content-Encoding": "gzip"]).status == 400)
    }

    @Test("answers the question at n8n's start, whether anybody is there, under any name and without a token")
    func head() async {
        for path in [traces, failures] {
            #expect(await Intake().post(path, [], token: nil, method: .head).status == 200)
            #expect(await Intake().post(path, [], token: nil, method: .get).status == 405)
        }
    }

    @Test("refuses what comes without a token of an instance's, with the service's own, or with no token at all")
    func unauthorised() async throws {
        let intake = Intake()
        for wrong in [nil, "", "the-service's-own-token", String(token.dropLast()), token + "x"] {
            #expect(await intake.post(traces, try recording("first"), token: wrong).status == 401)
        }
        #expect(intake.main.counts.received == 0 && intake.other.counts.received == 0)
        #expect(intake.events.named("hints.refused").count == 1, "said once, whoever goes on")
    }

    @Test("its token opens nothing else of the service")
    func nothingElse() async {
        for path in ["/metrics", "/hints", "/hints/otlp", "/hints/otlp/v1/traces/x", "/hints/error-trigger/1"] {
            let answer = await Intake().post(path, [], method: .get)
            #expect(answer.status == 421, "under a name that nobody allowed: \(path)")
        }
    }

    @Test("refuses what it cannot read, and keeps nothing of it")
    func unreadable() async throws {
        let intake = Intake()
        let whole = try recording("first")
        for body in [Array("{}".utf8), Array(whole.dropLast(3)), [0x0A, 0xFF]] {
            #expect(await intake.post(traces, body).status == 400)
        }
        for body in ["", "[]", "{}", #"{"trigger":{"error":{}}}"#, #"{"execution":{"id":"../1"}}"#] {
            #expect(await intake.post(failures, Array(body.utf8)).status == 400, "\(body)")
        }
        #expect(intake.main.counts.received == 0)
        #expect(
            intake.main.counts.tally.counts == [.init(.span, .refused): 3, .init(.errorTrigger, .refused): 5])
    }

    @Test("has a limit for each instance, and another for those whom nobody knows")
    func limited() async throws {
        let intake = Intake()
        let body = Array(#"{"execution":{"id":"7"}}"#.utf8)
        var answers: [Int: Int] = [:]
        for _ in 0..<600 { answers[await intake.post(failures, body).status, default: 0] += 1 }
        #expect(answers == [200: 500, 429: 100])
        #expect(await intake.post(failures, body, token: otherToken).status == 200)
        var refused: [Int: Int] = [:]
        for _ in 0..<50 { refused[await intake.post(failures, body, token: "wrong").status, default: 0] += 1 }
        #expect(refused == [401: 20, 429: 30])
        let (known, unknown) = (intake.main.counts.tally, intake.strangers.counts.tally)
        #expect(known.counts == [.init(.errorTrigger, .rateLimited): 100])
        #expect(unknown.counts == [.init(.errorTrigger, .refused): 20, .init(.errorTrigger, .rateLimited): 30])
        #expect(known.inLastHour(at: intake.clock.now()) == 500)
        intake.clock.advance(by: .seconds(1))
        #expect(await intake.post(failures, body).status == 200)
    }
}
