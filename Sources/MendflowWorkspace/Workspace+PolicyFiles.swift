package import MendflowCore
public import MendflowEnvironment
import MendflowPolicy
import MendflowYAML

// Files of policies and of their tests, also without a configuration.
extension Workspace {
    /// The texts of the policy files, each under a name of its own; what cannot be read is left out.
    public var policyTexts: [(name: String, bytes: [UInt8])] {
        policyFiles.sorted().enumerated().compactMap { number, path in
            guard case .success(let bytes) = environment.files.read(path, limit: Workspace.fileLimit) else {
                return nil
            }
            return ("\(number + 1)-\(path.split(separator: "/").last ?? "policies.yaml")", bytes)
        }
    }

    /// Checks policy files alone, without a configuration; rules of time zones are taken as they are now.
    public static func validate(
        files paths: [String], environment: Environment
    ) -> (FindingsReport, Int) {
        var (policies, report) = policies(of: paths, nil, environment)
        report.advise(on: policies)
        return (report, policies.count)
    }

    /// The policies of some files and folders, and what is wrong with them; those of a configuration where it is given.
    package static func policies(
        of paths: [String], _ workspace: Workspace?, _ environment: Environment, mayBeEmpty: Bool = false
    ) -> ([Policy], FindingsReport) {
        policies(named: paths.map { ($0, nil) }, workspace, environment, mayBeEmpty: mayBeEmpty)
    }

    /// The same, of files and folders that another file names.
    package static func policies(
        named paths: [(path: String, naming: PolicyFolder.Naming?)], _ workspace: Workspace?,
        _ environment: Environment, mayBeEmpty: Bool = false
    ) -> ([Policy], FindingsReport) {
        var files: [PolicyFile] = []
        var findings: [Finding] = []
        for (path, naming) in paths {
            let read = PolicyFolder.read(path, naming, mayBeEmpty: mayBeEmpty, environment.files)
            files += read.files
            findings += read.findings
        }
        // A pattern like *.yaml names the tests, too.
        let tests = files.filter { PolicyFolder.isTestFile($0.name) }
        files.removeAll { PolicyFolder.isTestFile($0.name) }
        for test in tests { findings += ScenarioLoader.load(test).findings }
        let instances = files.map { InstanceFile(name: $0.name, bytes: $0.bytes) }.filter(\.isOne)
        for instance in instances { findings += instance.findings }
        files.removeAll { file in instances.contains { $0.name == file.name } }
        let (policies, found) = load(
            files, workspace?.configuration, workspace?.path ?? "mendflow.yaml", environment)
        findings += found
        let sources = Dictionary((files + tests).map { ($0.name, SourceText(bytes: $0.bytes)) }) { first, _ in first }
        return (policies, FindingsReport(findings, sources: sources))
    }

    /// The folders that the configuration's policies stand in.
    package var policyFolders: [String] {
        configuration.policies.map { FilePath.of($0, besideFile: path) }.filter(environment.files.isFolder)
    }

    /// Whether a file's name says that it holds tests.
    package static func isTestFile(_ path: String) -> Bool { PolicyFolder.isTestFile(path) }

    /// The file that the tests of a file of policies stand in.
    package static func testFile(ofPolicies path: String) -> String { PolicyFolder.testFile(of: path) }

    /// The files of tests that some paths stand for; beside the configuration's policies where no path is given.
    package static func testFiles(_ paths: [String], _ workspace: Workspace?, _ environment: Environment) -> [String] {
        return (paths.isEmpty ? workspace?.policyFolders ?? [] : paths).flatMap {
            PolicyFolder.testNames($0, environment.files)
        }
    }
}
