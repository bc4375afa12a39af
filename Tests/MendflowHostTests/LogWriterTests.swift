import MendflowAgent
import MendflowCore
import Testing

@testable import MendflowHost

@Suite("Log lines")
struct LogWriterTests {
    @Test(
        "carry nothing that changes how a terminal shows the rest, in any format", arguments: LogFormat.allCases,
        [
            "\u{1B}", "\u{7F}", "\u{9B}", "\u{200F}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}", "\u{2069}",
            "\u{61C}", "\u{200B}", "\u{200D}", "\u{2060}", "\u{FEFF}", "\u{E0041}",
        ])
    func controls(_ format: LogFormat, _ mark: String) throws {
        let event = AgentEvent(at: AgentTime(milliseconds: 0), .info, "tick", "a\(mark)b")
        let line = LogWriter.line(event, format)
        let words = mark.utf16.map { unit in
            let hex = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }
        #expect(!line.contains(mark))
        #expect(line.contains("a" + words.joined() + "b"), "\(line)")
        #expect(LogWriter.line(AgentEvent(at: event.at, .info, "tick", "Größe 🦊"), format).contains("Größe 🦊"))
    }
}
