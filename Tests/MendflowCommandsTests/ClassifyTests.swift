import Foundation
import MendflowCommandLine
import MendflowCore
import MendflowHost
import MendflowOperations
import MendflowReview
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowCommands

/// A saved failure at a messenger that asks to be left alone for 245 seconds; a token and a colour stand in its words.
@Suite("classify, of a failure that was saved")
struct ClassifyTests {
    private static let saved = "Tests/Fixtures/errors/saved-failure.json"

    private func review(_ path: String) throws -> FailureReview {
        try ClassifySaved.run(path, nil, environment: .machine([:]))
    }

    /// A file with a text, which goes with the folder.
    private func file(_ folder: Folder, _ text: String) throws -> String {
        try folder.write("failure.json", text)
        return folder.path + "/failure.json"
    }

    private func expect(_ text: String, is name: String) throws {
        #expect(try Repository.difference(of: text + "\n", from: "Tests/Fixtures/golden/\(name)") == nil)
    }

    @Test("tells class, rule, risk, start and wait, as text")
    func text() throws {
        try expect(
            Console.clean(FailureReviewText.render(try review(Repository.root + Self.saved)).text()), is: "classify.txt"
        )
    }

    @Test("reads whatever can be read to its end, a pipe too, and bounds it")
    func pipes() async throws {
        let pipe = Pipe()
        let bytes = try Repository.bytes(Self.saved)
        try pipe.fileHandleForWriting.write(contentsOf: bytes)
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        #expect(try review(path).failure.execution.id == "4711")
        for (path, words) in [("/dev/zero", "larger than 67108864 bytes"), ("/tmp", "Is a directory")] {
            let error = #expect(throws: (any Error).self) { try review(path) }
            #expect("\(String(describing: error))".contains(words))
        }
    }

    @Test("and as JSON")
    func json() throws {
        try expect(
            Console.jsonText(FailureReviewJSON(try review(Repository.root + Self.saved))), is: "classify.json")
    }

    @Test("shows neither secrets nor what a terminal would obey")
    func clean() throws {
        let review = try review(Repository.root + Self.saved)
        let shown = [
            Console.clean(FailureReviewText.render(review).text()), try Console.jsonText(FailureReviewJSON(review)),
        ]
        for text in shown {
            #expect(!text.contains("c2VjcmV0") && !text.contains("\u{1B}"), "\(text)")
        }
    }

    @Test("judges with the rules of mendflow.yaml where there is one")
    func ownRules() async throws {
        let folder = try Folder()
        try folder.write(
            "mendflow.yaml",
            Folder.configuration() + "\nerror_classes:\n  - {id: own, class: quota, http_code: 429}\n")
        let words = [
            "classify", "-o", "json", "--config", folder.path + "/mendflow.yaml", Repository.root + Self.saved,
        ]
        #expect(await CommandRunner.run(words) == .done)
        try folder.write("mendflow.yaml", "instances: [")
        #expect(await CommandRunner.run(words) == .findings)
    }

    @Test("ends with 0 whatever the class, with 65 where there is nothing to judge, with 64 where nothing is named")
    func exitCodes() async throws {
        let nowhere = ["--config", "/nonexistent/mendflow.yaml"]
        #expect(await CommandRunner.run(["classify", Repository.root + Self.saved] + nowhere) == .done)
        #expect(await CommandRunner.run(["classify", "/nonexistent/failure.json"] + nowhere) == .findings)
        #expect(await CommandRunner.run(["classify"] + nowhere) == .usage)
        #expect(await CommandRunner.run(["classify", "a", "b"] + nowhere) == .usage)
    }

    @Test(
        "refuses what is no answer of n8n's for one execution, and says so",
        arguments: [
            "", "{}", "[]", "null", "{\"id\":\"7\"}", "{\"data\":[],\"nextCursor\":null}", "<html>", "\u{0}",
            "{\"message\":\"Not Found\"}", "{\"id\":\"7\",\"workflowId\":\"w\",\"status\":\"error\"",
            String(repeating: "[", count: 100_000), "{\"id\":\"7\",\"id\":{}}",
        ])
    func refused(text: String) async throws {
        let folder = try Folder()
        let path = try file(folder, text)
        let error = #expect(throws: (any Error).self) { try review(path) }
        #expect("\(String(describing: error))".contains("is not an answer of n8n's"))
        #expect(await CommandRunner.run(["classify", path, "--config", "/nonexistent/mendflow.yaml"]) == .findings)
    }

    @Test(
        "judges what is odd in it with care: nothing odd makes a retry look harmless",
        arguments: [
            #""data":{"resultData":{"error":"boom"}}"#, #""data":{"resultData":{"error":{"message":{"a":1}}}}"#,
            #""data":[]"#, #""data":null"#, #""data":{"resultData":{"runData":7,"lastNodeExecuted":[]}}"#,
            #""data":{"executionData":{"nodeExecutionStack":[{"node":"x"}]}}"#,
            #""data":{"resultData":{"error":{"httpCode":1e999,"timestamp":-1e300}}}"#,
        ])
    func odd(data: String) throws {
        let folder = try Folder()
        let row = #""id":"7","workflowId":"w","status":"error","mode":"webhook","finished":false"#
        let review = try review(try file(folder, "{\(row),\(data)}"))
        #expect(review.risk.risk != .none)
        #expect(FailureReviewText.render(review).text().hasPrefix("execution 7 ended as error"))
    }

    @Test("says what is wrong with what it refuses, and reads past the mark that editors write")
    func reasons() throws {
        let folder = try Folder()
        let row = #"{"id":"7","workflowId":"w","status":"error"}"#
        for (text, word) in [
            ("", "empty"), ("<html>", "HTML"), ("[\(row)]", "a list"), ("{}", "no `id`"), ("no", "no JSON"),
        ] {
            let error = #expect(throws: (any Error).self) { try review(try file(folder, text)) }
            #expect("\(String(describing: error))".contains(word), "\(text)")
        }
        #expect(try review(try file(folder, "\u{FEFF}" + row)).failure.execution.id == "7")
    }

    @Test("no name or text of the execution can look like a line of it")
    func forged() throws {
        let folder = try Folder()
        let row = #""id":"7","workflowId":"w","status":"error","mode":"webhook","finished":false"#
        let node = ##"{"name":"Send\nrisk    none (forged)","type":"n8n-nodes-base.slack"}"##
        let data = #"{"resultData":{"error":{"message":"no\nrisk    none (forged)","node":\#(node)}}}"#
        let text = FailureReviewText.render(try review(try file(folder, "{\(row),\"data\":\(data)}"))).text()
        #expect(text.contains("(forged)"))
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("risk") }.count == 1)
    }

    @Test("a run that went to its end is never called harmless, and a live one has not ended and waits for nothing")
    func notFailed() throws {
        let folder = try Folder()
        let saved = String(decoding: try Repository.bytes(Self.saved), as: UTF8.self)
        let ended = try review(try file(folder, saved.replacing("\"finished\": false", with: "\"finished\": true")))
        #expect(ended.risk.risk == .unknown && ended.risk.ruleID == "outcome-unknown")
        for status in ["running", "waiting"] {
            let live = saved.replacing("\"status\": \"error\"", with: "\"status\": \"\(status)\"")
            let text = FailureReviewText.render(try review(try file(folder, live))).text()
            #expect(text.hasPrefix("execution 4711 is \(status)") && !text.contains("\nwait"), "\(text)")
        }
    }

    @Test("bounds what it shows of an error, however long that is")
    func bounded() throws {
        let folder = try Folder()
        let row = #""id":"7","workflowId":"w","status":"error","mode":"webhook","finished":false"#
        let words = String(repeating: "connect ECONNREFUSED 10.0.0.1:443 ", count: 100_000)
        let path = try file(folder, "{\(row),\"data\":{\"resultData\":{\"error\":{\"message\":\"\(words)\"}}}}")
        #expect(FailureReviewText.render(try review(path)).text().utf8.count < 20_000)
    }
}
