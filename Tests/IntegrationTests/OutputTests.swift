import FoundationEssentials
import Glibc
import MendflowHTTP
import MendflowRehearsal
import MendflowSimulator
import Testing

/// What the program writes, and what it never writes.
@Suite("Output", .timeLimit(.minutes(30)))
struct OutputTests {
    /// Every command that needs no server of its own, with `$1` for an execution.
    static let commands = [
        ["validate"], ["plan"], ["plan", "--all"], ["explain", "1"], ["run", "--once"], ["status"], ["inbox"],
        ["doctor"],
        ["instance", "list"],
        ["audit", "tail"], ["audit", "export"], ["audit", "verify"], ["pause", "--reason", "test"], ["resume"],
    ]

    @Test("never holds the key: no command, log, record or file does, whatever n8n answers")
    func secret() async throws {
        let world = try World()
        _ = (world.failure(), world.staleWait())
        var ends = [try await world.run("status")]
        // An n8n that sends the key back, in its answers and in its errors.
        world.server.withSimulator {
            $0.faults = [
                .init(
                    .answerAfter(.init(status: 403, headers: [:], body: Array("bad key \(World.key)".utf8))),
                    at: [.stop])
            ]
        }
        try await world.initialise()
        for words in OutputTests.commands { ends.append(try await world.run(words)) }
        for url in ["http://127.0.0.1:1", "http://user:\(World.key)@127.0.0.1:1", "http://no-such-host.invalid"] {
            try world.write("other.yaml", World.configuration(url: url))
            ends.append(try await world.run("plan", "--config", world.folder + "/other.yaml", config: false))
        }
        // Written into the configuration, well or badly.
        for key in ["api_key: \(World.key)", "api_key: {a: \(World.key)", "headers: {X-Secret: \(World.key)}"] {
            try world.write("other.yaml", World.configuration(url: world.server.url, key: key))
            ends.append(try await world.run("validate", "--config", world.folder + "/other.yaml", config: false))
        }
        try FileManager.default.removeItem(atPath: world.folder + "/other.yaml")
        for end in ends { #expect(!(end.out + end.err).contains(World.key), "\(end.out)\(end.err)") }
        let key = Array(World.key.utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: world.folder)
        #expect(files.contains("mendflow.sqlite"))
        for file in files {
            let bytes = Array((try? Data(contentsOf: URL(filePath: "\(world.folder)/\(file)"))) ?? Data())
            #expect(bytes.firstRange(of: key) == nil, "\(file)")
        }
        try await world.remove()
    }

    @Test("has no colours where it goes into a pipe, with or without NO_COLOR")
    func colours() async throws {
        let world = try World()
        _ = world.failure()
        try await world.initialise()
        try world.write("bad.yaml", "policies:\n  - nmae: x\n")
        let commands = OutputTests.commands + [["--help"], ["validate", world.folder + "/bad.yaml"]]
        for environment in [["TERM": "xterm-256color"], ["TERM": "xterm-256color", "NO_COLOR": "1"]] {
            for words in commands {
                let end = try await world.run(words, environment: environment)
                #expect(!(end.out + end.err).contains("\u{1B}"), "\(words)")
            }
        }
        try await world.remove()
    }

    @Test("of a question that is not about policies says of their warnings only how many there are")
    func warnings() async throws {
        // Two policies that retry the same runs: each of them is warned of.
        let twice =
            World.policies + "\n"
            + World.policies.split(separator: "\n").dropFirst().joined(separator: "\n")
            .replacing("name: ", with: "name: other-") + "\n"
        let world = try World(policies: twice)
        _ = world.failure()
        try await world.initialise()
        let warned = try await world.run("validate")
        #expect(warned.err.contains("warning") || warned.out.contains("warning"))
        for words in [
            ["instance", "list"], ["explain", "1"], ["audit", "replay"], ["status"], ["inbox"], ["incidents"],
        ] {
            let end = try await world.run(words)
            let lines = end.err.split(separator: "\n")
            #expect(lines.count <= 1, "\(words): \(end.err)")
            if let line = lines.first {
                #expect(line.hasSuffix("`mendflow validate` shows it") || line.hasSuffix("shows them"))
            }
        }
        try await world.remove()
    }

    @Test("that cannot be written is a failure, said on standard error; a reader who has enough is not")
    func unwritten() async throws {
        let world = try World()
        _ = world.failure()
        try await world.initialise()
        for words in OutputTests.commands + [["--help"], ["plan", "-o", "json"]] where words.first != "run" {
            let all = [World.program] + words + (words == ["--help"] ? [] : ["--config", world.config])
            let environment = ["N8N_API_KEY": World.key, "PATH": "/usr/bin:/bin"]
            let full = try Child(["/bin/sh", "-c", "exec \"$0\" \"$@\" > /dev/full"] + all, environment: environment)
            let end = await full.end()
            #expect(end.code == 1 && end.err.contains("No space left on device"), "\(words): \(end.code) \(end.err)")
        }
        let file = world.folder + "/out"
        let limited = try Child(
            ["/bin/sh", "-c", "ulimit -f 0; exec \"$0\" \"$@\" > \(file)", World.program, "--help"], environment: [:])
        let end = await limited.end()
        #expect(end.code == 1 && end.err.contains("File too large"), "\(end.code) \(end.err)")
        let pipe = try Child(
            ["/bin/sh", "-c", "trap '' PIPE; (\"$0\" \"$@\"; echo $? >&2) | true", World.program, "man"],
            environment: [:])
        #expect(!(await pipe.end().err.contains("could not be written")))
        try await world.remove()
    }

    @Test("is JSON where JSON is asked for")
    func json() async throws {
        let world = try World()
        _ = (world.failure(), world.staleWait())
        try await world.initialise()
        for words in OutputTests.commands {
            let end = try await world.run(words + ["--output", "json"])
            // Records are lines of JSON in every format.
            let texts = words.first == "audit" && words[1] != "verify" ? end.out.split(separator: "\n") : [end.out[...]]
            for text in texts where words.first != "run" {
                #expect(throws: Never.self, "\(words): \(text)") { try JSONParsing.check(text) }
            }
        }
        let bad = try await world.run("plan", "--config", "/nowhere.yaml", "--output", "json", config: false)
        #expect(bad.code == 65 && bad.out.isEmpty)
        try await world.remove()
    }
}

/// JSON of any shape: decoding fails where the text is none.
private enum JSONParsing: Decodable {
    case any

    init(from decoder: any Decoder) throws { self = .any }

    static func check(_ text: some StringProtocol) throws {
        _ = try JSONDecoder().decode(JSONParsing.self, from: Data(text.utf8))
    }
}
