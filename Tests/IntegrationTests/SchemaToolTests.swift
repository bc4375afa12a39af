import FoundationEssentials
import Glibc
import Testing

/// A validator of JSON schemas that is not ours: what `MENDFLOW_CHECK_JSONSCHEMA` names, else the one that
/// `scripts/setup schema` installs, else one on the machine.
private enum Validator {
    static let path: String? = {
        if let named = ProcessInfo.processInfo.environment["MENDFLOW_CHECK_JSONSCHEMA"] { return named }
        let known = [root + ".build/tools/bin", "/usr/local/bin", "/usr/bin"].map { $0 + "/check-jsonschema" }
        return known.first { access($0, X_OK) == 0 }
    }()

    static let root = String(#filePath.dropLast("Tests/IntegrationTests/SchemaToolTests.swift".count))

    /// What it says of some files.
    struct Report: Decodable {
        struct Fault: Decodable { var filename: String }
        var status: String
        var errors: [Fault]?
        var parse_errors: [Fault]?

        /// The names of files that it refuses, without their folders.
        var refused: Set<String> {
            Set(((errors ?? []) + (parse_errors ?? [])).map { String($0.filename.split(separator: "/").last ?? "") })
        }
    }

    /// The names of those files that a schema refuses.
    static func refused(_ files: [String], by kind: String) async throws -> Set<String> {
        let folder = FileManager.default.temporaryDirectory.appending(path: "schema-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let schema = try await Child([World.program, "validate", "--schema", kind], environment: [:]).end()
        #expect(schema.code == 0, "\(schema.err)")
        try Data(schema.out.utf8).write(to: URL(filePath: folder + "/schema.json"))
        let tool = [path ?? "", "--no-cache", "--output-format", "json", "--schemafile", folder + "/schema.json"]
        let end = try await Child(
            tool + files.map { root + $0 }, environment: ["PATH": "/usr/bin:/bin", "HOME": folder], seconds: 100
        ).end()
        #expect(end.code == 0 || end.code == 1, "\(end.err)\(end.out)")
        return try JSONDecoder().decode(Report.self, from: Data(end.out.utf8)).refused
    }

    /// Files of a folder with this ending.
    static func files(_ folder: String, _ ending: String = ".yaml", not other: String = ".test.yaml") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? [])
            .filter { $0.hasSuffix(ending) && !$0.hasSuffix(other) }.sorted().map { "\(folder)/\($0)" }
    }

    /// Bad files of a folder: those of which the program reports an error, and those that are good but for warnings.
    static func bad(_ folder: String) throws -> (wrong: Set<String>, odd: Set<String>) {
        var (wrong, odd): (Set<String>, Set<String>) = ([], [])
        for file in files(folder) {
            let expected = try String(
                contentsOfFile: root + file.dropLast(".yaml".count) + ".expected", encoding: .utf8)
            let name = String(file.split(separator: "/").last ?? "")
            if expected.contains(": error: ") { wrong.insert(name) } else { odd.insert(name) }
        }
        return (wrong, odd)
    }
}

@Suite(
    "The JSON schemas, by another's validator", .timeLimit(.minutes(30)),
    .enabled(if: Validator.path != nil, "no check-jsonschema: scripts/setup schema installs one"))
struct SchemaToolTests {
    @Test("accept every policy, test and configuration that comes along")
    func good() async throws {
        let policies = ["policies", "examples/production/policies", "examples/upgrade", "Tests/Fixtures/policies/good"]
            .flatMap { Validator.files($0) }
        let tests = ["policies", "examples/upgrade"].flatMap { Validator.files($0, ".test.yaml", not: "none") }
        let configurations =
            Validator.files("Tests/Fixtures/configurations/good") + ["examples/production/mendflow.yaml"]
        #expect(policies.count > 30 && tests.count > 20)
        #expect(try await Validator.refused(policies, by: "policies") == [])
        #expect(try await Validator.refused(tests, by: "tests") == [])
        #expect(try await Validator.refused(configurations, by: "configuration") == [])
    }

    @Test("refuse every bad policy file but those for which the form of a file is not enough")
    func badPolicies() async throws {
        let folder = "Tests/Fixtures/policies/bad"
        let (wrong, odd) = try Validator.bad(folder)
        let refused = try await Validator.refused(Validator.files(folder), by: "policies")
        #expect(refused.intersection(odd) == [], "what has warnings only can be used")
        #expect(wrong.subtracting(refused).sorted() == Self.beyondAForm.keys.sorted())
    }

    @Test("refuse every bad configuration but those for which the form of a file is not enough")
    func badConfigurations() async throws {
        let folder = "Tests/Fixtures/configurations/bad"
        let (wrong, odd) = try Validator.bad(folder)
        let refused = try await Validator.refused(Validator.files(folder), by: "configuration")
        #expect(refused.intersection(odd) == [])
        #expect(wrong.subtracting(refused).sorted() == Self.configurationsBeyondAForm.keys.sorted())
    }

    @Test("refuse every bad file of tests")
    func badTests() async throws {
        let files = Validator.files("Tests/Fixtures/scenarios/bad")
        #expect(try await Validator.refused(files, by: "tests").count == files.count)
    }

    /// Why a schema cannot tell that these are wrong.
    private static let beyondAForm = [
        "above-the-limits.yaml": "the limits stand in mendflow.yaml",
        "absence-wrong.yaml": "what a policy about missing runs may say stands in several places",
        "class-and-not-class.yaml": "two conditions contradict each other",
        "contradiction.yaml": "two settings contradict each other",
        "instances-unknown.yaml": "the instances stand in mendflow.yaml",
        "match-never.yaml": "two conditions contradict each other",
        "match-nothing-at-all.yaml": "two conditions contradict each other",
        "name-twice.yaml": "names are compared with each other",
        "renamed-from-itself.yaml": "two names are compared",
        "status-missing.yaml": "the status may stand anywhere in the conditions",
        "status-unfit.yaml": "which status fits which action stands in two places",
        "windows-leave-nothing.yaml": "two windows leave nothing",
        "yaml-merge-and-tag.yaml": "validators read all of YAML, and the program does not",
    ]

    private static let configurationsBeyondAForm = [
        "hints-unheard.yaml": "hints need a service, which stands elsewhere",
        "ledger-address-wrong.yaml": "an address is read as a whole",
        "protect-nothing.yaml": "two conditions contradict each other",
        "service-open.yaml": "whether a token is needed depends on the address",
        "service-tokens.yaml": "two settings exclude each other",
    ]
}
