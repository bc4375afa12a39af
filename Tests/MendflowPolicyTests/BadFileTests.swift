import FoundationEssentials
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

/// A folder of files with faults, and how a file of it is read.
struct BadFiles: Sendable, CustomTestStringConvertible {
    let folder: String
    let read: @Sendable (_ bytes: [UInt8], _ name: String) -> [Finding]

    static let all = [
        BadFiles(folder: Fixture.policies + "bad") { bytes, name in
            let loaded = PolicyLoader(testOptions).load([PolicyFile(name: name, bytes: bytes)])
            return loaded.findings + (loaded.hasErrors ? [] : PolicyAdvice.notes(on: loaded.policies))
        },
        BadFiles(folder: Fixture.configurations + "bad") { bytes, name in
            ConfigurationLoader().load(bytes: bytes, file: name).findings
        },
        BadFiles(folder: "Tests/Fixtures/scenarios/bad") { bytes, name in
            ScenarioLoader.load(PolicyFile(name: name, bytes: bytes)).findings
        },
    ]

    var testDescription: String { folder }

    /// The findings of a file by its name without extension.
    func findings(_ name: String) throws -> (findings: [Finding], text: String) {
        let bytes = try Repository.bytes("\(folder)/\(name).yaml")
        let file = name + ".yaml"
        let findings = read(bytes, file)
        return (findings, FindingRenderer().render(findings, sources: [file: SourceText(bytes: bytes)]))
    }
}

@Suite("Files with faults")
struct BadFileTests {
    @Test("give exactly the text beside them", arguments: BadFiles.all)
    func texts(files: BadFiles) throws {
        for name in Fixture.names(in: files.folder) {
            let (findings, text) = try files.findings(name)
            #expect(!findings.isEmpty, "\(name) has no finding")
            #expect(try Repository.difference(of: text, from: "\(files.folder)/\(name).expected") == nil)
        }
    }

    @Test("reach every finding that the sources can report")
    func everyFinding() throws {
        var reached: Set<String> = [Finding.tooMany]
        for files in BadFiles.all {
            for name in Fixture.names(in: files.folder) {
                reached.formUnion(try files.findings(name).findings.map(\.id))
            }
        }
        // The limits of the reader have fixtures of their own, beside the reader's tests.
        let yaml = "Tests/Fixtures/yaml/bad"
        for name in Fixture.names(in: yaml) {
            let bytes = try Repository.bytes("\(yaml)/\(name).yaml")
            reached.formUnion(YAMLReader.read(bytes: bytes, file: name).findings.map(\.id))
        }
        reached.insert(
            try #require(YAMLReader.read(bytes: Array(repeating: 65, count: 2 << 20), file: "").findings.first).id)
        #expect(reached == (try FindingID.inSources()))
    }

    @Test("leave nothing expected behind that has no file", arguments: BadFiles.all)
    func leftovers(files: BadFiles) throws {
        let all = try FileManager.default.contentsOfDirectory(atPath: Repository.root + files.folder)
        #expect(all.count == 2 * Fixture.names(in: files.folder).count)
    }

    @Test("never show a secret, in no message, source line, note or suggestion")
    func secrets() throws {
        for files in BadFiles.all {
            for name in Fixture.names(in: files.folder) {
                let (findings, text) = try files.findings(name)
                let shown = text + String(describing: findings)
                for secret in ["hunter2", "eyJ", "n8n_api_0"] { #expect(!shown.contains(secret), "\(name): \(secret)") }
            }
        }
    }

    @Test("with more faults than anybody reads give a hundred of them, and the number of the rest at the end")
    func tooMany() throws {
        let text = "policies:\n" + (0..<150).map { "  - {nmae: p\($0)}\n" }.joined()
        let findings = load(text).findings
        #expect(findings.count == 101)
        #expect(findings.last?.id == Finding.tooMany)
        #expect(findings.last?.message.hasSuffix(" more are not shown") == true)
    }
}

/// The ids of findings as the sources spell them.
enum FindingID {
    static func inSources() throws -> Set<String> {
        var ids: Set<String> = [Finding.tooMany]
        for folder in ["Sources/MendflowPolicy", "Sources/MendflowYAML"] {
            let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root + folder)
            for name in names where name.hasSuffix(".swift") {
                ids.formUnion(self.ids(in: try Repository.text("\(folder)/\(name)")))
            }
        }
        return ids
    }

    /// A word in kebab-case that is the first argument of a call that reports.
    static func ids(in source: String) -> [String] {
        let call = #/(?:error|warning|finding|abort)\(\s*"([a-z0-9]+(?:-[a-z0-9]+)*)",/#
        return source.matches(of: call).map { String($0.1) }
    }
}
