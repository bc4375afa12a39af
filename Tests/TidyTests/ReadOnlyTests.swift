import Testing

/// What assistants are given can only read: held by what its sources import and name.
@Suite("What assistants are given")
struct ReadOnlyTests {
    private func sources(_ folder: String) -> [RepositoryTests.Source] {
        RepositoryTests.sources.filter { $0.path.hasPrefix("Sources/\(folder)") }
    }

    @Test("is spoken to by a target that imports only texts")
    func imports() throws {
        let target = try #require(try RepositoryTests.manifest().targets["MendflowMCP"])
        #expect(target.dependencies == ["MendflowText"])
        let found = sources("MendflowMCP/")
        #expect(found.count >= 3)
        for source in found {
            let imported = Set(source.lines.compactMap(RepositoryTests.imported))
            #expect(imported.isSubset(of: ["MendflowText"]), "\(source.path): \(imported)")
        }
        for word in ["FileManager", "URLSession", "Process(", "fopen", "write(to: URL"] {
            #expect(!found.contains { $0.lines.contains { $0.contains(word) } }, "\(word)")
        }
    }

    @Test("names nothing that writes, sends or acts, and works on an environment that cannot")
    func names() throws {
        let found = sources("MendflowCommands/MCP/ReadingTools")
        let lines = found.flatMap(\.lines)
        #expect(lines.contains { $0.contains("self.environment = environment.readOnly") })
        // Operations that change something, by the types and functions that they stand in.
        for word in [
            "KillSwitch", "ResolveCommand", "Adopt", "Initialise", "Applying", "Replaying", "ReplayRequest",
            "MendflowHost",
            "openLedger(", ".append(", ".lock(", "export(", "N8NWriter", "writer", ".mutations", "replace(_", "create(",
            "makeFolder", ".machine", "ProcessInfo",
        ] {
            #expect(!lines.contains { $0.contains(word) }, "\(word)")
        }
    }

    @Test("gets environments that refuse every way to change something")
    func environment() throws {
        let lines = sources("MendflowEnvironment/ReadOnly").flatMap(\.lines)
        for word in [
            "base.create(", "base.append(", "base.replace(", "base.cut(", "base.makeFolder(", "base.hold(",
            "base.lock(", "base.keeper(",
        ] {
            #expect(!lines.contains { $0.contains(word) }, "\(word)")
        }
        #expect(lines.contains { $0.contains("try await base.open(path, .read)") })
        // Whatever a file system and an environment can do besides has to be looked at here.
        let files = RepositoryTests.sources.first { $0.path == "Sources/MendflowEnvironment/FileSystem.swift" }
        let functions = files?.lines.filter { $0.hasPrefix("    func ") }.count
        #expect(functions == 16, "a function of FileSystem is new: does ReadOnlyFiles refuse it where it writes?")
    }
}
