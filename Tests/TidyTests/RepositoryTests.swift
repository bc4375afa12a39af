import FoundationEssentials
import Testing

/// The repository checks itself: declared and used imports, file sizes, forbidden calls.
@Suite("The repository")
struct RepositoryTests {
    struct Source: Sendable {
        var target: String
        /// From the repository's root.
        var path: String
        var lines: [String]
    }

    static let root = String(#filePath.dropLast("/Tests/TidyTests/RepositoryTests.swift".count))

    /// All Swift files of targets and of their tests, read once.
    static let all: [Source] = ["Sources", "Tests"].flatMap { folder in
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path -> Source? in
            let path = "\(folder)/\(path)"
            guard let text = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) else { return nil }
            return Source(
                target: String(path.split(separator: "/")[1]), path: path,
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    /// Those of targets.
    static let sources = all.filter { $0.path.hasPrefix("Sources/") }

    static func manifest() throws -> Manifest {
        try Manifest(String(contentsOfFile: root + "/Package.swift", encoding: .utf8))
    }

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

    private static let access: Set<Substring> = ["public", "private", "internal", "package"]

    /// The module that a line imports.
    static func imported(_ line: String) -> String? {
        // Most lines are indented.
        guard let first = line.utf8.first, first == UInt8(ascii: "@") || first > 0x60 else { return nil }
        let words = line.split(separator: " ").drop { $0.hasPrefix("@") || access.contains($0) }
        guard words.first == "import", let module = words.dropFirst().first else { return nil }
        return String(module)
    }

    @Test("declares for each target what it imports, and no more")
    func imports() throws {
        let targets = try RepositoryTests.manifest().targets
        #expect(targets.count > 40)
        let programs = Set(targets.values.filter { $0.kind == "executableTarget" }.map(\.name))
        for target in targets.values where target.kind != "system" {
            let sources = RepositoryTests.all.filter { $0.path.hasPrefix(target.folder + "/") }
            // C targets have no imports; those with Swift files have only those that are told here.
            guard !sources.isEmpty else {
                #expect(target.name.hasPrefix("C"), "\(target.name) has no sources")
                continue
            }
            var imported: Set<String> = []
            for source in sources {
                for name in source.lines.compactMap(RepositoryTests.imported) where targets[name] != nil {
                    imported.insert(name)
                    #expect(target.dependencies.contains(name), "\(source.path) imports \(name), which is not declared")
                }
            }
            // A program is declared so that it is built before the tests that start it.
            let idle = Set(target.dependencies).subtracting(imported).subtracting(programs)
            #expect(idle.isEmpty, "\(target.name) declares and does not import \(idle.sorted())")
        }
        let folders = Set(RepositoryTests.all.map { $0.path.split(separator: "/").prefix(2).joined(separator: "/") })
        // Where the tests begin belongs to all of their targets.
        let known = Set(targets.values.map(\.folder)).union(["Tests/XCTMain.swift"])
        #expect(folders.subtracting(known).isEmpty, "folders that are no target")
    }

    @Test("has a core and texts that import nothing but what is below them")
    func pure() throws {
        let targets = try RepositoryTests.manifest().targets
        let library: Set<String> = ["Swift", "Synchronization"]
        for source in RepositoryTests.sources where ["MendflowCore", "MendflowText"].contains(source.target) {
            for name in source.lines.compactMap(RepositoryTests.imported) {
                #expect(targets[name] != nil || library.contains(name), "\(source.path) imports \(name)")
            }
        }
        #expect(try #require(targets["MendflowText"]).dependencies.isEmpty)
        let core = try #require(targets["MendflowCore"])
        #expect(core.dependencies.allSatisfy { $0 == "MendflowText" })
    }

    /// What meets the machine itself; everything else has its clock, files and transports from whoever makes it.
    private static let machine = ["MendflowHost", "MendflowRehearsal", "mendflow-bench", "mendflow-worlds"]

    @Test("has files of at most 400 lines, and no line of a comment that has to be scrolled")
    func sizes() {
        for source in RepositoryTests.sources {
            #expect(source.lines.count <= 400, "\(source.path) has \(source.lines.count) lines")
            for (index, line) in source.lines.enumerated()
            where line.count > 132 && line.drop(while: { $0 == " " }).hasPrefix("//") {
                Issue.record("\(source.path):\(index + 1) is \(line.count) characters long")
            }
        }
    }

    @Test(
        "calls nothing that is forbidden",
        arguments: [
            ("try!", []), ("fatalError(", []), ("Date()", []), ("print(", []), ("as! ", []),
            ("ContinuousClock", ["MendflowHost", "mendflow-bench", "mendflow-worlds"]), ("FIX" + "ME", []),
            ("SystemClock(", machine), ("MachineFiles(", machine), ("CurlTransport(", machine),
            ("TO" + "DO", []),
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
