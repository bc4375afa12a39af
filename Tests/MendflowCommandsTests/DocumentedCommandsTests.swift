import MendflowCommandLine
import MendflowTestKit
import Testing

@testable import MendflowCommands

@Suite("Commands that pages name")
struct DocumentedCommandsTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var place: String, words: [String]
        var testDescription: String { "\(place): mendflow \(words.joined(separator: " "))" }
    }

    private static let pages =
        ["README.md", "examples/production/README.md", "examples/vscode/README.md", "CONTRIBUTING.md"]
        + Repository.names(in: "docs", ending: ".md").map { "docs/\($0).md" }

    /// What stands in code blocks behind the program's name, without comments, quotes and what goes to other programs.
    static let lines: [Line] = pages.flatMap { page in
        ((try? Repository.text(page)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .compactMap { number, line -> Line? in
                var rest = line.drop { $0 == " " }
                let isIndented = line.hasPrefix("    ")
                if rest.hasPrefix("$ ") { rest = rest.dropFirst(2) } else if !isIndented { return nil }
                guard rest.hasPrefix("mendflow ") else { return nil }
                let words = rest.split(separator: " ").dropFirst().map(String.init)
                let end = words.firstIndex { $0.hasPrefix("#") || ["&", "|", ">", "<", "||", "&&", "2>"].contains($0) }
                return Line(place: "\(page):\(number + 1)", words: Array(words[..<(end ?? words.endIndex)]))
            }
    }

    @Test("are commands of the program, and so are their options", arguments: lines)
    func known(line: Line) {
        guard case .failure(let error) = MendflowProgram.program.parse(line.words) else { return }
        switch error.fault {
        case .unknownOption, .misplacedOption, .unknownCommand, .missingCommand, .unexpectedValue:
            Issue.record("\(line.place): \(error.message)")
        default: break
        }
    }

    @Test("are many, on many pages")
    func many() {
        #expect(Self.lines.count > 40)
        #expect(Set(Self.lines.map { $0.place.split(separator: ":")[0] }).count > 8)
    }
}
