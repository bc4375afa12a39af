import MendflowAgent
import MendflowCore
import Testing

@testable import MendflowHost

@Suite("Log lines")
struct LogWriterTests {
    @Test(
        "carry nothing that changes how a terminal shows the rest, in any format", arguments: LogFormat.allCases,
        ["\u{1B}", "\u{7F}", "\u{9B}", "\u{200F}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}", "\u{2069}"])
    func controls(_ format: LogFormat, _ mark: String) throws {
        let event = AgentEvent(at: AgentTime(milliseconds: 0), .info, "tick", "a\(mark)b")
        let line = LogWriter.line(event, format)
        let value = try #require(mark.unicodeScalars.first).value
        let hex = String(value, radix: 16)
        #expect(!line.contains(mark))
        #expect(line.contains("a\\u" + String(repeating: "0", count: 4 - hex.count) + hex + "b"), "\(line)")
        #expect(LogWriter.line(AgentEvent(at: event.at, .info, "tick", "Größe 🦊"), format).contains("Größe 🦊"))
    }
}
