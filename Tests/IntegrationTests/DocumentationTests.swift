import FoundationEssentials
import Glibc
import MendflowTestKit
import Testing

/// What a page shows as a session: `console` blocks, in which a line behind `$ ` is a command and the lines below it are what
/// it prints. `…` stands for any text, a line `...` for any lines; a command without lines below it is only run.
struct Session: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        var command: String, output: [String], line: Int
    }
    var page: String, steps: [Step]
    var testDescription: String { page }

    /// The README and the pages of `docs/` that hold sessions.
    static let all: [Session] = {
        let pages = ["README.md"] + Repository.names(in: "docs", ending: ".md").map { "docs/\($0).md" }
        return pages.map { Session(page: $0, text: (try? Repository.text($0)) ?? "") }.filter { !$0.steps.isEmpty }
    }()

    init(page: String, text: String) {
        self.page = page
        steps = []
        var isOpen = false
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                isOpen = line == "```console"
            } else if isOpen, line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), output: [], line: number + 1))
            } else if isOpen, !steps.isEmpty {
                steps[steps.count - 1].output.append(String(line))
            }
        }
    }

    /// The steps as one program for bash, which marks where the output of each begins and how it ended. A server that a step
    /// leaves behind is waited for.
    func script(port: Int) -> String {
        let steps = steps.enumerated().map { number, step in
            let command = step.command.replacing("5678", with: "\(port)")
            let waits =
                command.hasSuffix("&") ? "until (: </dev/tcp/127.0.0.1/\(port)) 2>/dev/null; do sleep 0.05; done\n" : ""
            return "printf '\\n\\001%d\\n' \(number)\n\(command)\nprintf '\\002%d' $?\n\(waits)"
        }
        return "exec 2>&1\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n" + steps.joined()
    }

    /// What each step printed, and how it ended.
    func results(of output: String) -> [(lines: [String], code: Int?)] {
        output.split(separator: "\u{1}").dropFirst().map { part in
            let halves = part.split(separator: "\u{2}", maxSplits: 1)
            let text = (halves.first ?? "").drop { $0 != "\n" }.dropFirst()
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.plain(String($0)) }
            while lines.last == "" { lines.removeLast() }
            let code = halves.count == 2 ? Int(halves[1].prefix { $0.isNumber || $0 == "-" }) : nil
            return (lines, code)
        }
    }

    /// Without blanks at the end, and with all times alike.
    static func plain(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line.replacing(#/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/#, with: "TIME")
    }

    /// Whether lines are as a page shows them.
    static func fits(_ shown: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = shown.first else { return lines.isEmpty }
        if first == "..." {
            return (lines.startIndex...lines.endIndex).contains { fits(shown.dropFirst(), lines[$0...]) }
        }
        guard let line = lines.first, matches(Substring(first), Substring(line)) else { return false }
        return fits(shown.dropFirst(), lines.dropFirst())
    }

    private static func matches(_ pattern: Substring, _ text: Substring) -> Bool {
        let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return pattern == text }
        guard text.hasPrefix(first) else { return false }
        var rest = text.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.count >= last.count && rest.hasSuffix(last)
    }
}

@Suite("The documentation", .serialized, .timeLimit(.minutes(5)))
struct DocumentationTests {
    /// A port on which nothing listens.
    private static func freePort() -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(listener, pointer, size)
                _ = getsockname(listener, pointer, &size)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    @Test("shows what happens: its sessions are run in a folder beside the clone's files", arguments: Session.all)
    func sessions(session: Session) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "docs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["policies", "examples"] {
            symlink(Repository.root + name, "\(folder)/\(name)")
        }
        symlink(World.program, folder + "/bin/mendflow")
        let port = Self.freePort()
        let script = folder + "/session.sh"
        try Data(session.script(port: port).utf8).write(to: URL(filePath: script))
        let environment = [
            "PATH": "\(folder)/bin:/usr/bin:/bin", "HOME": folder, "PWD": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC",
        ]
        let end = try await Child(
            ["/bin/bash", "-c", "cd \(folder) && exec /bin/bash session.sh"], environment: environment, seconds: 200
        ).end()
        let output = end.out.replacing("\(port)", with: "5678").replacing(folder, with: "/home/you")
        let results = session.results(of: output)
        #expect(results.count == session.steps.count, "\(end.out.suffix(2000))\(end.err)")
        for (step, result) in zip(session.steps, results) {
            let place = "\(session.page):\(step.line): \(step.command)"
            #expect(
                ![nil, 64, 65, 126, 127].contains(result.code), "\(place)\n\(result.lines.joined(separator: "\n"))")
            var shown = step.output.map(Session.plain)
            while shown.last == "" { shown.removeLast() }
            guard !shown.isEmpty else { continue }
            let fits = Session.fits(shown[...], result.lines[...])
            #expect(fits, "\(place) prints\n\(result.lines.joined(separator: "\n"))")
        }
    }

    @Test("holds sessions, and a wrong one would be found")
    func reading() {
        let page = "```console\n$ a\none …\n...\nlast\n$ b &\n```\n    $ c\n"
        let session = Session(page: "a.md", text: page)
        #expect(session.steps.map(\.command) == ["a", "b &"])
        #expect(session.steps[0].output == ["one …", "...", "last"])
        let shown = session.steps[0].output[...]
        #expect(Session.fits(shown, ["one 1", "last"][...]) && Session.fits(shown, ["one 1", "x", "y", "last"][...]))
        #expect(!Session.fits(shown, ["one 1"][...]) && !Session.fits(shown, ["two", "last"][...]))
        let results = session.results(of: "\n\u{1}0\none 2026-05-01T00:00:00.123Z \n\u{2}0\n\u{1}1\n\u{2}64")
        #expect(results.map(\.code) == [0, 64] && results.first?.lines == ["one TIME"])
        #expect(Session.all.count > 2)
    }
}
