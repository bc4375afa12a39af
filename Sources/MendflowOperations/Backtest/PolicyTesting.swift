public import MendflowBacktest
import MendflowCore
public import MendflowEnvironment
import MendflowHistory
import MendflowN8N
import MendflowPolicy
public import MendflowWorkspace
import MendflowYAML

/// `test`: lives the scenarios that stand beside policies through, and compares.
public enum PolicyTesting {
    /// What came of all of them.
    public struct Outcome: Sendable {
        /// A file of scenarios with what came of each.
        public struct File: Sendable {
            /// Its name, its scenarios in order.
            public var name: String, results: [ScenarioResult]
        }
        /// The files, in order.
        public var files: [File] = []
        /// Folders that were named and have none, in order; each is among the findings as well.
        public var empty: [String] = []
        /// What is wrong with files of scenarios and policies; nothing of a file with errors is tested.
        public var findings: [FindingsReport] = []
        /// What the tests decided, of all policies that they test.
        public var coverage = ConditionCoverage()
        /// Policies that are tested and that no scenario got a decision of.
        public var untested: [String] = []

        /// How many scenarios there are, and how many are not as expected.
        public var count: Int { files.reduce(0) { $0 + $1.results.count } }
        /// Those that are not as expected.
        public var failed: Int { files.reduce(0) { $0 + $1.results.count { !$0.isPassed } } }
        /// Whether something could not be tested.
        public var isBroken: Bool { findings.contains(where: \.hasErrors) }
    }

    /// Runs the scenarios of some files and folders; of the folders of the configuration's policies where none is named.
    public static func run(
        _ paths: [String], _ workspace: Workspace?, environment: Environment
    ) throws(MendflowFailure) -> Outcome {
        let names = Workspace.testFiles(paths, workspace, environment)
        let standing = "tests stand in files whose names end in .test.yaml, beside the policies"
        guard !paths.isEmpty || !names.isEmpty else {
            guard let workspace else {
                throw MendflowFailure(.usage, "there are no tests: \(standing); name a file or a folder")
            }
            throw MendflowFailure(.file, "there are no tests beside the policies of \(workspace.path): \(standing)")
        }
        var outcome = Outcome()
        // A folder that somebody names for its tests is the wrong one if it has none; the others are tested all the same.
        for path in paths where Workspace.testFiles([path], workspace, environment).isEmpty {
            let message = "there are no tests in this folder: \(standing)"
            outcome.empty.append(path)
            outcome.findings.append(FindingsReport([Finding(.error, "no-tests", message, file: path, range: nil)]))
        }
        var (all, decided): (Set<String>, Set<String>) = ([], [])
        for name in names {
            let isTold = isOfTestedPolicies(name, among: names, environment)
            guard !isTold, let tested = try run(name, workspace, environment, &outcome) else { continue }
            all.formUnion(tested.policies)
            outcome.files.append(Outcome.File(name: name, results: tested.results))
            for result in tested.results {
                decided.formUnion(result.policies)
                outcome.coverage.merge(result.seen)
            }
        }
        // A policy that stands in a folder of tests and that none of them names is not tested either.
        let folders = paths.isEmpty ? workspace?.policyFolders ?? [] : paths.filter(environment.files.isFolder)
        all.formUnion(Workspace.policies(of: folders, workspace, environment).0.map(\.name))
        outcome.untested = all.subtracting(decided).sorted()
        return outcome
    }

    /// Checks policy files and files of tests alone, without a configuration: also whether there is what tests name.
    public static func validate(_ paths: [String], environment: Environment) -> FindingsReport {
        var report = Workspace.validate(files: paths, environment: environment).0
        for name in paths where Workspace.isTestFile(name) && !environment.files.isFolder(name) {
            guard case .success(let bytes) = environment.files.read(name, limit: Workspace.fileLimit),
                let file = ScenarioLoader.load(PolicyFile(name: name, bytes: bytes)).file
            else { continue }
            var fixtures = ScenarioFixtures(besideFile: name, environment.files)
            for scenario in file.scenarios { _ = fixtures.read(scenario) }
            let named = policies(of: file, name, environment).1.findings.filter { $0.file == name }
            report.findings = Finding.inOrder(report.findings + named + fixtures.findings)
        }
        return report
    }

    /// The policies that a file of tests names.
    private static func policies(
        of file: ScenarioFile, _ name: String, _ environment: Environment
    ) -> ([Policy], FindingsReport) {
        Workspace.policies(
            named: file.policies.map { path in
                let naming = PolicyFolder.Naming(file: name, place: path.range, words: path.text)
                return (FilePath.of(path.text, besideFile: name), naming)
            }, nil, environment)
    }

    private static func run(
        _ name: String, _ workspace: Workspace?, _ environment: Environment, _ outcome: inout Outcome
    ) throws(MendflowFailure) -> (results: [ScenarioResult], policies: [String])? {
        let bytes: [UInt8]
        switch environment.files.read(name, limit: Workspace.fileLimit) {
        case .success(let read): bytes = read
        case .failure(let fault):
            outcome.findings.append(FindingsReport([NamedFile.finding(fault, of: name, environment.files)]))
            return nil
        }
        var (file, found) = ScenarioLoader.load(PolicyFile(name: name, bytes: bytes))
        if file == nil, isOfPolicies(bytes, name) { found = [noTests(name, environment)] }
        var fixtures = ScenarioFixtures(besideFile: name, environment.files)
        let given = file?.scenarios.map { fixtures.read($0) } ?? []
        found += fixtures.findings
        let source = SourceText(bytes: bytes)
        guard let file else {
            outcome.findings.append(FindingsReport(Finding.inOrder(found), sources: [name: source]))
            return nil
        }
        let (policies, report) = policies(of: file, name, environment)
        // What else is worth knowing of policies, `validate` tells.
        if report.hasErrors { found += report.findings }
        if !found.isEmpty {
            let sources = report.sources.merging([name: source]) { first, _ in first }
            outcome.findings.append(FindingsReport(Finding.inOrder(found), sources: sources))
        }
        // Of a file with errors nothing is tested: what is not as expected could come of them.
        guard !report.hasErrors, fixtures.findings.isEmpty else { return nil }
        let set = Backtesting.enforced(policies, try Backtesting.tables(workspace))
        let results = zip(file.scenarios, given).map { ScenarioRun($0, set).result(fixtures: $1) }
        return (results, set.policies.map(\.name))
    }

    /// Whether a file holds policies whose tests are named beside it, as a pattern like *.yaml does.
    private static func isOfTestedPolicies(_ name: String, among names: [String], _ environment: Environment) -> Bool {
        guard names.contains(Workspace.testFile(ofPolicies: name)),
            let bytes = try? environment.files.read(name, limit: Workspace.fileLimit).get()
        else { return false }
        return isOfPolicies(bytes, name)
    }

    /// Whether a file holds policies and no tests.
    private static func isOfPolicies(_ bytes: [UInt8], _ name: String) -> Bool {
        guard let root = YAMLReader.read(bytes: bytes, file: name).root, root["tests"] == nil else { return false }
        return root["policies"]?.items?.first?["name"] != nil
    }

    private static func noTests(_ name: String, _ environment: Environment) -> Finding {
        let beside = Workspace.testFile(ofPolicies: name)
        let next =
            environment.files.exists(beside)
            ? "its tests are in \(beside)" : "tests stand in a file of their own, like \(beside)"
        return Finding(.error, "no-tests", "this file holds policies and no tests: \(next)", file: name, range: nil)
    }

    /// An execution of an instance as a scenario's fixture: what decisions look at of its data, without what the workflow
    /// noted and without the names of hosts.
    ///
    /// - Returns: the fixture's text, and the lines that describe the execution in a scenario.
    public static func capture(
        _ workspace: Workspace, execution: String, instance name: String?
    ) async throws(MendflowFailure) -> (fixture: String, scenario: String) {
        let reader = try workspace.adapters(try workspace.instance(name)).reader
        let found: DetailedExecution?
        do throws(ReadFailure) { found = try await reader.detail(ExecutionID(execution)) } catch {
            throw MendflowFailure(.unreachable, error.description)
        }
        guard let found else {
            throw MendflowFailure(.failed, "n8n has no execution \(execution) (not kept, deleted, or never there)")
        }
        return (ScenarioFixture.text(found), ScenarioFixture.scenario(found))
    }
}
