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

    /// The README's own commands, in their order, against a simulated n8n in the place of the reader's. What the README shows as
    /// done by `make` is done, and `run`, which goes on until it is stopped, is stopped after its first look.
    static let readme: Session = {
        let lines = ((try? Repository.text("README.md")) ?? "").split(separator: "\n").enumerated()
        let commands = lines.compactMap { number, line -> String? in
            guard line.hasPrefix("    mendflow ") else { return nil }
            let command = String(line.dropFirst(4).prefix { $0 != "#" })
            let here = Self.plain(command.replacing("n8n.example.com", with: "http://127.0.0.1:5678"))
            guard here.contains("mendflow run") else { return here }
            return "timeout --signal=TERM 5 \(here); [ $? -eq 124 ]"
        }
        let first = ["mendflow simulate --port 5678 > simulate.log 2>&1 &", "export N8N_API_KEY=test-key"]
        let page = (["```console"] + (first + commands).map { "$ \($0)" } + ["```"]).joined(separator: "\n")
        return Session(page: "the commands of README.md", text: page)
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
                command.contains(" 2>&1 &")
                ? "until (: </dev/tcp/127.0.0.1/\(port)) 2>/dev/null; do sleep 0.05; done\n" : ""
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

@Suite("The documentation", .serialized, .timeLimit(.minutes(30)))
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

    /// Runs a session in a folder beside the clone's files.
    private func run(_ session: Session) async throws -> [(lines: [String], code: Int?)] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "docs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Copies: a session may write into them.
        for name in ["policies", "examples"] {
            try FileManager.default.copyItem(atPath: Repository.root + name, toPath: "\(folder)/\(name)")
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
        return session.results(of: output)
    }

    @Test("shows what happens: its sessions are run in a folder beside the clone's files", arguments: Session.all)
    func sessions(session: Session) async throws {
        let results = try await run(session)
        #expect(results.count == session.steps.count, "\(results.last?.lines.suffix(20) ?? [])")
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

    @Test("begins with commands that a reader can type one after the other, and each of them works")
    func readme() async throws {
        #expect(Session.readme.steps.count > 8)
        let results = try await run(Session.readme)
        for (step, result) in zip(Session.readme.steps, results) {
            // `plan` says by 2 that there is something to do.
            let isGood = result.code == 0 || step.command.hasPrefix("mendflow plan") && result.code == 2
            #expect(isGood, "\(step.command)\n\(result.lines.joined(separator: "\n"))")
        }
        #expect(results.count == Session.readme.steps.count)
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
