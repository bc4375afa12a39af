import Foundation
import MendflowCommandLine
import MendflowTestKit
import Testing

@testable import MendflowCommands

@Suite("Commands that pages and messages name")
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
                return Line(place: "\(page):\(number + 1)", words: ours(of: rest))
            }
    }

    /// The words that are the program's, without its name.
    private static func ours(of line: Substring) -> [String] {
        let words = Array(words(of: line).dropFirst())
        let others = ["&", "|", ">", ">>", "<", "||", "&&", "2>"]
        let end = words.firstIndex { $0.hasPrefix("#") || others.contains($0) }
        return Array(words[..<(end ?? words.endIndex)])
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

    /// What messages of the program advise: behind the program's name, in backticks or at the end of a sentence. What is put in
    /// when it is said stands there as one word.
    static let advice: [Line] = sources.flatMap { path in
        ((try? Repository.text(path)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .flatMap { number, line -> [Line] in
                guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { return [] }
                return advice(in: filled(line)).map {
                    Line(place: "\(path):\(number + 1)", words: ours(of: $0[...]))
                }
            }
    }

    private static var sources: [String] {
        let files = FileManager.default.enumerator(atPath: Repository.root + "Sources")
        return (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.sorted()
            .map { "Sources/" + $0 }
    }

    private static func advice(in line: String) -> [String] {
        let quoted = line.components(separatedBy: "`").filter { $0.hasPrefix("mendflow ") }
        // With a full stop it is a sentence.
        let ending = line.components(separatedBy: ": mendflow ").dropFirst().compactMap { rest -> String? in
            let command = rest.prefix { !"\"`;,.:".contains($0) }
            return rest.dropFirst(command.count).first == "." ? nil : "mendflow " + command
        }
        return (quoted + ending).filter { !$0.contains("\"") }
    }

    /// A line with a word for each value that is put in, and nothing for what is put in behind a word.
    private static func filled(_ line: Substring) -> String {
        var (text, rest) = ("", line)
        while let begin = rest.firstRange(of: "\\(") {
            text += rest[..<begin.lowerBound]
            if text.hasSuffix(" ") { text += "X" }
            rest = rest[begin.upperBound...]
            var depth = 1
            while depth > 0, let letter = rest.popFirst() {
                if letter == "(" { depth += 1 } else if letter == ")" { depth -= 1 }
            }
        }
        return text + rest
    }

    @Test("are told apart as a shell does")
    func shell() {
        let line = "mendflow replay --match 'error: {message: \"*crm*\"}' --since $(date -d '2 days') \\"
        #expect(
            Self.words(of: line[...]) == [
                "mendflow", "replay", "--match", "error: {message: \"*crm*\"}", "--since", "$(date -d '2 days')",
            ])
    }

    @Test("are commands of the program, and so are their options", arguments: lines + advice)
    func known(line: Line) {
        guard case .failure(let error) = MendflowProgram.program.parse(line.words) else { return }
        switch error.fault {
        case .unknownOption, .misplacedOption, .unknownCommand, .missingCommand, .unexpectedValue, .unexpectedArgument:
            Issue.record("\(line.place): \(error.message)")
        default: break
        }
    }

    @Test("are many, on many pages")
    func many() {
        #expect(Self.lines.count > 40)
        #expect(Set(Self.lines.map { $0.place.split(separator: ":")[0] }).count > 8)
        #expect(Self.advice.count > 40)
    }
}
