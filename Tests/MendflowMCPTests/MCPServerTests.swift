import MendflowMCP
import MendflowN8N
import MendflowText
import Synchronization
import Testing

/// A conversation in lines, with tools that a test knows.
private final class Conversation: Sendable {
    private final class Sent: Sendable { let lines = Mutex<[String]>([]) }
    private let sent = Sent()
    /// What the tool `wait` waits for.
    private let gate = AsyncStream<Void>.makeStream()
    private let server: MCPServer

    init() {
        let gate = gate.stream
        let echo = MCPTool(
            "echo", title: "Echo", "Says what it is told.",
            [
                MCPParameter("words", .text(longest: 10), "What.", isRequired: true),
                MCPParameter("tone", .word(["soft", "loud"]), "How."),
                MCPParameter("times", .whole(1...3), "How often."),
                MCPParameter("again", .flag, "Once more."), MCPParameter("run", .id(longest: 6), "Which."),
            ]
        ) { (arguments) throws(MCPFault) in
            let text = arguments.text("run") ?? arguments.text("words") ?? ""
            if text == "fault" { throw MCPFault("it went wrong") }
            return MCPAnswer(
                "An echo.", json: Array(#"{"text":"\#(text)","times":\#(arguments.whole("times") ?? 1)}"#.utf8))
        }
        let wait = MCPTool("wait", title: "Wait", "Waits.") { (_) throws(MCPFault) in
            for await _ in gate { break }
            return MCPAnswer("At last.", json: Array("{}".utf8))
        }
        let large = MCPTool("large", title: "Large", "Says too much.") { (_) throws(MCPFault) in
            MCPAnswer("Much.", json: [UInt8](repeating: 32, count: MCPServer.longestAnswer + 1))
        }
        server = MCPServer(version: "1.2.3", instructions: "Read only.", [echo, wait, large], read: JSONAny.read) {
            [sent] line in
            sent.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
    }

    func open() { gate.continuation.finish() }
    func finish() async { await server.finish() }

    /// Says something, and answers what was sent meanwhile.
    func say(_ line: String) async -> [String] {
        await server.receive(Array(line.utf8))
        return heard()
    }

    func heard() -> [String] {
        sent.lines.withLock { sent in
            defer { sent = [] }
            return sent
        }
    }

    func begin(_ version: String = "2025-11-25") async -> [String] {
        await say(
            #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(version)","capabilities":{},"#
                + #""clientInfo":{"name":"test","version":"1"}}}"#)
    }

    /// Calls a tool and waits for its answer.
    func call(_ parameters: String, id: String = "1") async -> [String] {
        let early = await say(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":\#(parameters)}"#)
        await finish()
        return early + heard()
    }
}

@Suite("A server for assistants")
struct MCPServerTests {
    @Test(
        "begins with the version that the client speaks, or its own newest",
        arguments: MCPServer.versions + ["1999-01-01"])
    func begins(version: String) async {
        let spoken = version == "1999-01-01" ? "2025-11-25" : version
        let parts: [String] = [
            #"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"\#(spoken)","capabilities":{"tools":{}},"#,
            #""serverInfo":{"name":"mendflow","title":"Mendflow, read-only","version":"1.2.3"},"#,
            #""instructions":"Read only."}}"#,
        ]
        let answer = parts.joined()
        let conversation = Conversation()
        #expect(await conversation.begin(version) == [answer])
        #expect(await conversation.say(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).isEmpty)
        #expect(
            await conversation.say(#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#)
                == [#"{"jsonrpc":"2.0","id":"p","result":{}}"#])
    }

    @Test("says which tools there are, with schemas and that they only read")
    func lists() async throws {
        let conversation = Conversation()
        _ = await conversation.begin()
        let list = try #require(
            await conversation.say(#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#).first)
        let expected: [String] = [
            #"{"name":"echo","title":"Echo","description":"Says what it is told.","inputSchema":{"type":"object","#,
            #""properties":{"words":{"description":"What.","type":"string","maxLength":10},"#,
            #""tone":{"description":"How.","type":"string","enum":["soft","loud"]},"#,
            #""times":{"description":"How often.","type":"integer","minimum":1,"maximum":3},"#,
            #""again":{"description":"Once more.","type":"boolean"},"#,
            #""run":{"description":"Which.","type":["string","integer"],"maxLength":6}},"required":["words"],"#,
            #""additionalProperties":false},"annotations":{"readOnlyHint":true,"destructiveHint":false,"#,
            #""idempotentHint":true,"openWorldHint":false}}"#,
        ]
        #expect(list.contains(expected.joined()), "\(list)")
    }

    @Test("answers a question with a sentence, and the data as text and as structure")
    func answers() async {
        let conversation = Conversation()
        _ = await conversation.begin()
        let answer = await conversation.call(#"{"name":"echo","arguments":{"words":"hello","times":2}}"#, id: #""a""#)
        #expect(
            answer == [
                #"{"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"An echo."},"#
                    + #"{"type":"text","text":"{\"text\":\"hello\",\"times\":2}"}],"#
                    + #""structuredContent":{"text":"hello","times":2},"isError":false}}"#
            ])
    }

    @Test("takes an id as the text that it is, and as a number", arguments: ["\"5210\"", "5210"])
    func ids(run: String) async {
        let conversation = Conversation()
        _ = await conversation.begin()
        let answer = await conversation.call(#"{"name":"echo","arguments":{"words":"a","run":\#(run)}}"#)
        #expect(answer.first?.contains(#""structuredContent":{"text":"5210","times":1}"#) == true, "\(answer)")
    }

    @Test(
        "says what is wrong with arguments, where, and what was meant",
        arguments: [
            (#"{"name":"echo"}"#, "`words` is missing"),
            (#"{"name":"echo","arguments":[]}"#, "`arguments` must be an object, not a list"),
            (#"{"name":"echo","arguments":{"words":7}}"#, "`words` must be a text, not a whole number"),
            (#"{"name":"echo","arguments":{"words":"12345678901"}}"#, "`words` has more than 10 characters"),
            (
                #"{"name":"echo","arguments":{"words":"a","tone":"lowd","tims":1}}"#,
                "there is no argument `tims`; did you mean `times`?; `tone` cannot be `lowd`; did you mean `loud`?"
            ),
            (#"{"name":"echo","arguments":{"words":"a","times":1.5}}"#, "`times` must be a whole number, not a number"),
            (#"{"name":"echo","arguments":{"words":"a","times":9}}"#, "`times` is 1 to 3"),
            (#"{"name":"echo","arguments":{"words":"a","again":"yes"}}"#, "`again` must be true or false, not a text"),
            (
                #"{"name":"echo","arguments":{"words":"a","run":true}}"#,
                "`run` must be a number or a text, not true or false"
            ),
            (#"{"name":"echo","arguments":{"words":"fault"}}"#, "it went wrong"),
        ])
    func badArguments(parameters: String, words: String) async {
        let conversation = Conversation()
        _ = await conversation.begin()
        #expect(
            await conversation.call(parameters) == [
                #"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"\#(words)"}],"isError":true}}"#
            ])
    }

    @Test(
        "answers what is no question with the error that the protocol has for it",
        arguments: [
            ("no json", "null", -32700), ("[]", "null", -32600),
            (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "1", -32600),
            (#"{"jsonrpc":"2.0","id":1}"#, "1", -32600),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, "null", -32600),
            (#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#, "1", -32601),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#, "1", -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ecko"}}"#, "1", -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}"#, "1", -32602),
        ])
    func errors(line: String, id: String, code: Int) async throws {
        let conversation = Conversation()
        _ = await conversation.begin()
        let answer = try #require(await conversation.say(line).first)
        #expect(answer.hasPrefix(#"{"jsonrpc":"2.0","id":\#(id),"error":{"code":\#(code),"message":""#), "\(answer)")
    }

    @Test("answers nothing before it has begun but a ping, and no notification or answer ever")
    func silent() async throws {
        let conversation = Conversation()
        let early = try #require(await conversation.say(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).first)
        #expect(early.contains("-32600"))
        #expect(await conversation.say(#"{"jsonrpc":"2.0","method":"notifications/anything"}"#).isEmpty)
        #expect(await conversation.say(#"{"jsonrpc":"2.0","id":1,"result":{}}"#).isEmpty)
    }

    @Test("answers others while one waits, and one that is cancelled never")
    func cancels() async {
        let conversation = Conversation()
        _ = await conversation.begin()
        _ = await conversation.say(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}}"#)
        #expect(await conversation.say(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#).count == 1)
        let twice = await conversation.say(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}"#)
        #expect(twice.count == 1 && twice[0].contains("under way"))
        _ = await conversation.say(
            #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"enough"}}"#)
        conversation.open()
        await conversation.finish()
        #expect(conversation.heard().isEmpty)
    }

    @Test("takes no more questions at once than it can answer, and sends nothing that is too long")
    func bounded() async throws {
        let conversation = Conversation()
        _ = await conversation.begin()
        for id in 1...MCPServer.mostAtOnce {
            _ = await conversation.say(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"wait"}}"#)
        }
        let more = await conversation.say(#"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"wait"}}"#)
        #expect(try #require(more.first).contains("are under way, which is the most"))
        conversation.open()
        await conversation.finish()
        #expect(conversation.heard().count == MCPServer.mostAtOnce)
        let large = try #require(await conversation.call(#"{"name":"large"}"#).first)
        #expect(large.contains("ask for less") && large.contains(#""isError":true"#))
        let line = await conversation.say(String(repeating: " ", count: MCPServer.longestLine + 1))
        #expect(try #require(line.first).contains("-32600"))
    }
}
