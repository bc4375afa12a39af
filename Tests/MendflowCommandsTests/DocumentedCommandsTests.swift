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
                let words = Array(words(of: rest).dropFirst())
                let end = words.firstIndex { $0.hasPrefix("#") || ["&", "|", ">", "<", "||", "&&", "2>"].contains($0) }
                return Line(place: "\(page):\(number + 1)", words: Array(words[..<(end ?? words.endIndex)]))
            }
    }

    /// The words as a shell tells them apart; what it would put in is one word.
    static func words(of line: Substring) -> [String] {
        var (words, word, depth) = ([String](), "", 0)
        var quote: Character?
        for letter in line {
            if letter == quote {
                quote = nil
            } else if quote == nil, depth == 0, letter == "'" || letter == "\"" {
                quote = letter
            } else if quote == nil, depth == 0, letter == " " {
                words.append(word)
                word = ""
            } else {
                if letter == "(" { depth += 1 }
                if letter == ")" { depth -= 1 }
                word.append(letter)
            }
        }
        return (words + [word]).filter { !$0.isEmpty && $0 != "\\" }
    }

    @Test("are told apart as a shell does")
    func shell() {
        let line = "mendflow replay --match 'error: {message: \"*crm*\"}' --since $(date -d '2 days') \\"
        #expect(
            Self.words(of: line[...]) == [
                "mendflow", "replay", "--match", "error: {message: \"*crm*\"}", "--since", "$(date -d '2 days')",
            ])
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
