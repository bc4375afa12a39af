public import MendflowText

/// A server of the Model Context Protocol on lines of JSON: it answers what tools are given to it, and nothing else.
///
/// It has no tools of its own and imports nothing that could read a file, ask a server or write anything.
public actor MCPServer {
    /// The versions of the protocol that it speaks, the newest last.
    public static let versions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
    /// The most bytes of a request and of an answer, and how many questions are answered at once.
    public static let longestLine = 1 << 20, longestAnswer = 400_000, mostAtOnce = 4

    private let version: String
    private let instructions: String
    private let tools: [MCPTool]
    private let read: @Sendable ([UInt8]) -> JSONAny?
    private let send: @Sendable ([UInt8]) -> Void
    private var isBegun = false
    private var running: [RequestID: Task<Void, Never>] = [:]

    /// Makes a server of a program's version; `read` makes a value of a line, nil where it is no JSON, and `send` gets lines
    /// without their ends.
    public init(
        version: String, instructions: String, _ tools: [MCPTool], read: @escaping @Sendable ([UInt8]) -> JSONAny?,
        send: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.version = version
        self.instructions = instructions
        self.tools = tools
        self.read = read
        self.send = send
    }

    /// Takes one line in.
    public func receive(_ line: [UInt8]) {
        guard line.count <= MCPServer.longestLine else {
            return send(MCPMessage.failure(nil, .request, "a line has \(MCPServer.longestLine) bytes at most"))
        }
        guard let value = read(line) else { return send(MCPMessage.failure(nil, .parse, "this is no JSON")) }
        guard let members = value.members else {
            return send(MCPMessage.failure(nil, .request, "a message is one object; \(value.kind) is none"))
        }
        let id = RequestID(members["id"])
        guard members["jsonrpc"] == .text("2.0") else {
            return send(MCPMessage.failure(id, .request, "`jsonrpc` must be \"2.0\""))
        }
        // An answer to something that was never asked.
        guard let method = members["method"]?.string else {
            if members["result"] != nil || members["error"] != nil { return }
            return send(MCPMessage.failure(id, .request, "`method` is missing"))
        }
        if members["id"] == nil { return note(method, members["params"]) }
        guard let id else { return send(MCPMessage.failure(nil, .request, "`id` must be a text or a whole number")) }
        answer(id, method, members["params"])
    }

    /// Waits until everything that was asked is answered.
    public func finish() async {
        while let task = running.values.first { await task.value }
    }

    /// Ends what is under way, unanswered.
    public func stop() {
        for task in running.values { task.cancel() }
        running = [:]
    }

    /// Notifications are never answered.
    private func note(_ method: String, _ parameters: JSONAny?) {
        guard method == "notifications/cancelled", let id = RequestID(parameters?.members?["requestId"]) else { return }
        running.removeValue(forKey: id)?.cancel()
    }

    private func answer(_ id: RequestID, _ method: String, _ parameters: JSONAny?) {
        switch method {
        case "initialize": begin(id, parameters)
        case "ping": send(MCPMessage.result(id) { $0.object { _ in } })
        case _ where !isBegun: send(MCPMessage.failure(id, .request, "`initialize` comes first"))
        case "tools/list":
            guard parameters?.members?["cursor"] == nil else {
                return send(MCPMessage.failure(id, .parameters, "there is one page; no cursor leads to another"))
            }
            send(MCPMessage.tools(id, tools))
        case "tools/call": call(id, parameters)
        default: send(MCPMessage.failure(id, .method, "there is no method \(method.inBackticks)"))
        }
    }

    private func begin(_ id: RequestID, _ parameters: JSONAny?) {
        guard let wanted = parameters?.members?["protocolVersion"]?.string else {
            return send(MCPMessage.failure(id, .parameters, "`protocolVersion` is missing"))
        }
        isBegun = true
        let known = MCPServer.versions
        let spoken = known.contains(wanted) ? wanted : known[known.count - 1]
        send(
            MCPMessage.result(id) { writer in
                writer.object { object in
                    object.member("protocolVersion", spoken)
                    object.key("capabilities")
                    object.object { capabilities in
                        capabilities.key("tools")
                        capabilities.object { _ in }
                    }
                    object.key("serverInfo")
                    object.object { info in
                        info.member("name", "mendflow")
                        info.member("title", "Mendflow, read-only")
                        info.member("version", version)
                    }
                    object.member("instructions", instructions)
                }
            })
    }

    private func call(_ id: RequestID, _ parameters: JSONAny?) {
        guard let name = parameters?.members?["name"]?.string else {
            return send(MCPMessage.failure(id, .parameters, "`name` is missing"))
        }
        guard let tool = tools.first(where: { $0.name == name }) else {
            let near = Spelling.nearest(to: name, among: tools.map(\.name)).map { "; did you mean `\($0)`?" } ?? ""
            return send(MCPMessage.failure(id, .parameters, "there is no tool \(name.inBackticks)\(near)"))
        }
        guard running[id] == nil else {
            return send(MCPMessage.failure(id, .request, "a request with this id is under way"))
        }
        let arguments: MCPArguments
        do throws(MCPFault) {
            arguments = try MCPArguments(parameters?.members?["arguments"], for: tool.parameters)
        } catch { return send(MCPMessage.fault(id, error)) }
        guard running.count < MCPServer.mostAtOnce else {
            let most = "\(MCPServer.mostAtOnce) questions are under way, which is the most; wait for an answer"
            return send(MCPMessage.fault(id, MCPFault(most)))
        }
        running[id] = Task { await self.ask(id, tool, arguments) }
    }

    private func ask(_ id: RequestID, _ tool: MCPTool, _ arguments: MCPArguments) async {
        let line: [UInt8]
        do throws(MCPFault) {
            let answer = try await tool.answer(arguments)
            guard answer.json.count <= MCPServer.longestAnswer else {
                throw MCPFault(
                    "the answer has \(answer.json.count) bytes, more than \(MCPServer.longestAnswer): ask for less, by "
                        + "the arguments of \(tool.name)")
            }
            line = MCPMessage.answer(id, answer)
        } catch { line = MCPMessage.fault(id, error) }
        // Who has cancelled it gets no answer.
        guard running.removeValue(forKey: id) != nil else { return }
        send(line)
    }
}
