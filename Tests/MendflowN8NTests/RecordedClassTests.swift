import MendflowCore
import MendflowN8N
import MendflowPolicy
import Testing

@Suite("The error classes of recorded failures")
struct RecordedClassTests {
    private func read(_ shape: RecordedShape) throws -> DetailedExecution {
        try #require(SavedExecution.read(Array(shape.response.utf8)), "\(shape.name)")
    }

    @Test("are right, each of them")
    func classes() throws {
        let classifier = try BuiltInRules.classifier()
        for shape in RecordedShape.all where !shape.classes.isEmpty {
            let failure = try read(shape)
            guard
                case .known(let found) = classifier.classify(
                    status: failure.execution.status, detail: failure.detail)
            else {
                Issue.record("\(shape.name) is not known")
                continue
            }
            #expect(
                shape.classes.contains(found.errorClass.rawValue), "\(shape.name): \(found) instead of \(shape.classes)"
            )
        }
    }

    @Test("keep the wait that stands in their texts")
    func waits() throws {
        var waits = 0
        for shape in RecordedShape.all {
            guard let wait = shape.wait else { continue }
            let failure = try read(shape)
            let error = try #require(failure.detail.error)
            let at = try #require(error.at ?? failure.execution.stoppedAt)
            let earliest = try #require(error.earliestRetry(after: at), "\(shape.name): no wait")
            let seconds = Double((earliest - at).milliseconds) / 1000
            #expect(abs(seconds - wait) <= 1, "\(shape.name): \(seconds) s instead of \(wait)")
            waits += 1
        }
        #expect(waits == 15)
    }

    @Test("codes of the answer and statuses that are words are kept apart from the error's own")
    func answerCodes() throws {
        let body = #"""
            {"id":"7","workflowId":"w","status":"error","mode":"webhook","finished":false,"data":{"resultData":{"runData":{},
            "error":{"message":"x","code":"E","status":"RESOURCE_EXHAUSTED","errorResponse":{"code":40001,"message":"no"},
            "context":{"errorCode":"insufficient"}}}}}
            """#
        let failure = try #require(SavedExecution.read(Array(body.utf8)))
        let error = try #require(failure.detail.error)
        #expect(error.answerCodes == ["40001", "insufficient", "RESOURCE_EXHAUSTED"] && error.codes == ["E"])
        // 40001 is a deadlock to PostgreSQL, and a bad token to Discord.
        let found = try BuiltInRules.classifier().classify(status: .error, detail: failure.detail)
        #expect(found != .known(Classification(.transient, ruleID: "deadlock")))
    }

    @Test("what was told is bounded and without secrets, however deep it stands")
    func bounded() throws {
        let long = String(repeating: "word ", count: 2000)
        let deep = String(repeating: "{\"error\":", count: 60) + "\"low\"" + String(repeating: "}", count: 60)
        let many = (0..<50).map { "{\"code\":\"C\($0)\",\"message\":\"m\($0) \(long)\"}" }.joined(separator: ",")
        let body = """
            {"id":"7","workflowId":"w","status":"error","mode":"webhook","finished":false,"data":{"resultData":{"runData":{},
            "error":{"message":"x","code":"ECONNRESET","lc_error_code":"L","cause":{"code":"EPIPE","message":"token=hunter2hunter2",
            "cause":{"code":"DEEP","message":"second","cause":{"code":"THIRD"}}},"errors":[\(many)],"errorResponse":\(deep),
            "context":{"data":{"secret":"s","error":{"message":"\(long)","reason":"quotaExceeded"}}}}}}}
            """
        let failure = try #require(SavedExecution.read(Array(body.utf8)))
        let error = try #require(failure.detail.error)
        #expect(error.codes.starts(with: ["ECONNRESET", "L", "EPIPE", "DEEP"]))
        #expect(error.codes.count <= 8)
        #expect(!error.codes.contains("THIRD"))
        #expect(error.details.count <= 12)
        #expect(error.details.allSatisfy { $0.utf8.count <= 512 })
        #expect(error.details.reduce(0) { $0 + $1.utf8.count } <= 2048)
        #expect(error.details.contains("second"))
        #expect(!error.details.joined().contains("hunter2"))
    }
}
