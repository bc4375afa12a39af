import FoundationEssentials
import Testing

/// The repository checks itself: imports between targets, file sizes, forbidden calls.
@Suite("The repository")
struct RepositoryTests {
    struct Source: Sendable {
        var target: String
        var path: String
        var lines: [String]
    }

    static let root = String(#filePath.dropLast("/Tests/TidyTests/RepositoryTests.swift".count))

    /// All Swift sources of targets, read once.
    static let sources: [Source] = {
        let manager = FileManager.default
        let paths = (try? manager.subpathsOfDirectory(atPath: root + "/Sources")) ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            guard let text = try? String(contentsOfFile: root + "/Sources/" + path, encoding: .utf8) else { return nil }
            return Source(
                target: String(path.prefix { $0 != "/" }), path: path,
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }()

    /// What each target may import of ours, as the table in docs/architecture.md describes it.
    static let allowed: [String: Set<String>] = {
        let app: Set<String> = [
            "MendflowCore", "MendflowHTTP", "MendflowYAML", "MendflowPolicy", "MendflowN8N", "MendflowHTTPClient",
            "MendflowHTTPServer", "MendflowLedger", "MendflowLedgerSQLite", "MendflowHistory", "MendflowReview",
            "MendflowAgent", "MendflowSimulator", "MendflowSimulatorServer", "CDemoHistory", "CAllocator",
        ]
        return [
            "MendflowCore": [], "MendflowHTTP": [], "MendflowYAML": ["CLibYAML"],
            "MendflowPolicy": ["MendflowCore", "MendflowYAML", "CRE2"],
            "MendflowN8N": ["MendflowCore", "MendflowHTTP"],
            "MendflowHTTPClient": ["MendflowHTTP", "CLibCurl"], "MendflowHTTPServer": ["MendflowHTTP", "CMicroHTTPD"],
            "MendflowLedger": ["MendflowCore", "CLibCrypto"],
            "MendflowLedgerSQLite": ["MendflowCore", "MendflowLedger", "CSQLite"],
            "MendflowHistory": ["MendflowCore", "CZlib", "CSimdJSON"],
            "MendflowReview": ["MendflowCore", "MendflowLedger"], "MendflowAgent": ["MendflowCore", "MendflowLedger"],
            "MendflowSimulator": ["MendflowHTTP"],
            "MendflowSimulatorServer": ["MendflowHTTP", "MendflowHTTPServer", "MendflowSimulator"],
            "MendflowCommandLine": [], "MendflowApp": app,
            "MendflowCommands": ["MendflowCore", "MendflowReview", "MendflowApp", "MendflowCommandLine"],
            "mendflow-bench": [
                "MendflowCore", "MendflowPolicy", "MendflowN8N", "MendflowHTTPClient", "MendflowLedgerSQLite",
                "MendflowAgent", "MendflowSimulator", "MendflowSimulatorServer", "MendflowApp",
            ],
            "mendflow": ["MendflowCommands"], "MendflowTestKit": ["MendflowCore", "MendflowHTTP", "MendflowSimulator"],
        ]
    }()

    /// Whether a line has the call as a word of its own: `Fingerprint(` is no `print(`.
    private func calls(_ line: String, _ call: String) -> Bool {
        var rest = line[...]
        while let range = rest.firstRange(of: call) {
            let before = rest[..<range.lowerBound].last
            if before.map({ !$0.isLetter && $0 != "." }) ?? true { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }

    static func imported(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 1, place + 1 < words.count else { return nil }
        guard place == 0 || ["public", "private", "internal", "package"].contains(words[0]) else { return nil }
        return String(words[place + 1])
    }

    @Test("has targets that import what the table allows and no more")
    func imports() {
        #expect(RepositoryTests.sources.count > 100)
        for source in RepositoryTests.sources {
            guard let allowed = RepositoryTests.allowed[source.target] else {
                Issue.record("\(source.target) is not in the table")
                continue
            }
            for name in source.lines.compactMap(RepositoryTests.imported) {
                let isOurs = name.hasPrefix("Mendflow") || RepositoryTests.allowed.values.contains { $0.contains(name) }
                #expect(!isOurs || allowed.contains(name), "\(source.path) imports \(name)")
                #expect(source.target != "MendflowCore", "\(source.path): Core imports the standard library only")
            }
        }
    }

    @Test("has files of at most 500 lines")
    func sizes() {
        for source in RepositoryTests.sources {
            #expect(source.lines.count <= 500, "\(source.path) has \(source.lines.count) lines")
        }
    }

    @Test(
        "calls nothing that is forbidden",
        arguments: [
            ("try!", []), ("fatalError(", []), ("Date()", []), ("print(", []), ("as! ", []),
            ("ContinuousClock", ["MendflowApp", "mendflow-bench"]), ("FIX" + "ME", []), ("TO" + "DO", []),
        ] as [(String, [String])])
    func forbidden(call: String, exempt: [String]) {
        for source in RepositoryTests.sources where !exempt.contains(source.target) {
            for (index, line) in source.lines.enumerated() where calls(line, call) {
                let code = line.drop { $0 == " " }
                if code.hasPrefix("//") { continue }
                Issue.record("\(source.path):\(index + 1) uses \(call)")
            }
        }
    }
}
