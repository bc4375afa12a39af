import Dispatch
import Glibc
import MendflowCommandLine
import MendflowHost
import MendflowMCP
import MendflowN8N
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `mcp`
    func serveAssistant() async throws(MendflowFailure) -> ExitStatus {
        let tools = ReadingTools(
            path: values[Options.config], history: values[Options.assistantHistory], environment)
        let console = console
        let server = MCPServer(
            version: Version.text, instructions: ReadingTools.instructions, tools.all, read: JSONAny.read
        ) { console.exact($0 + [0x0A]) }
        for await line in StandardInput.lines(longest: MCPServer.longestLine) { await server.receive(line) }
        // Whoever has closed its end may still read.
        await server.finish()
        return .done
    }
}

/// The lines of standard input, read on a thread of its own.
private enum StandardInput {
    static func lines(longest: Int) -> AsyncStream<[UInt8]> {
        AsyncStream { lines in
            DispatchQueue(label: "mendflow.input").async {
                var (rest, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 64 << 10))
                while true {
                    let count = unsafe read(0, &buffer, buffer.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { break }
                    rest += buffer.prefix(count)
                    while let end = rest.firstIndex(of: 0x0A) {
                        if end > 0 { lines.yield(Array(rest[..<end])) }
                        rest.removeSubrange(...end)
                    }
                    // A line without an end is cut, and is then no JSON.
                    if rest.count > longest + 1 { rest = Array(rest.prefix(longest + 1)) }
                }
                if !rest.isEmpty { lines.yield(rest) }
                lines.finish()
            }
        }
    }
}
