import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import MendflowYAML
import Testing

@testable import MendflowCommands

/// One file that cannot be tested must not hide what others show.
@Suite("A file of tests that cannot be tested")
struct UntestableFileTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
        try folder.makeFolder("policies/fixtures")
        try folder.write("policies/a.yaml", Folder.policy("a", "No such workflow"))
        try folder.write("policies/good.test.yaml", Self.test())
    }

    private static func test(policies: String = "a.yaml", data: String? = nil) -> String {
        let data = data.map { ", data: \($0)" } ?? ""
        return """
            policies: \(policies)
            tests:
              - name: nothing is done to another workflow
                executions: [{id: 1, workflow: Orders, at: 0s\(data)}]
                expect: [{execution: 1, nothing: true}]

            """
    }

    private func outcome(_ paths: [String] = []) throws -> PolicyTesting.Outcome {
        let paths = paths.isEmpty ? ["policies"] : paths
        return try PolicyTesting.run(paths.map { "\(folder.path)/\($0)" }, nil, environment: .machine([:]))
    }

    /// What is told of the file, without the folder of the test.
    private func told(_ outcome: PolicyTesting.Outcome) -> [String] {
        outcome.findings.flatMap(\.all).map { finding in
            let place = [finding.line, finding.column].compactMap { $0.map(String.init) }
            return ([finding.file] + place + [finding.sentence]).joined(separator: ":")
                .replacing(folder.path + "/policies/", with: "")
        }
    }

    @Test(
        "because of what it names is told at the place that names it, with the nearest spelling; all others are tested",
        arguments: [
            (
                test(data: "fixtures/471.jsonl"), "4:",
                "`data` names `fixtures/471.jsonl`, which cannot be read: No such file or directory; did you mean `fixtures/4711.jsonl`?"
            ),
            (
                test(data: "fixturs/4711.jsonl"), "4:",
                "`data` names `fixturs/4711.jsonl`, which cannot be read: No such file or directory; did you mean "
                    + "`fixtures/4711.jsonl`?"
            ),
            (
                test(data: "broken.jsonl"), "4:",
                "`data` names `broken.jsonl`, which cannot be read: broken.jsonl:1: is not JSON, or is cut off"
            ),
            (
                test(data: "rows.jsonl"), "4:",
                "`data` names `rows.jsonl`, which does not hold the data of one execution"
            ),
            (
                test(policies: "aa.yaml"), "1:11:",
                "`policies` names `aa.yaml`, which cannot be read: No such file or directory; did you mean `a.yaml`?"
            ),
        ])
    func named(text: String, place: String, words: String) throws {
        try folder.write("policies/fixtures/4711.jsonl", "{}")
        try folder.write("policies/broken.jsonl", "{\"id\":")
        try folder.write(
            "policies/rows.jsonl", #"{"id":"1","status":"error","mode":"webhook","finished":false,"workflowId":"w"}"#)
        try folder.write("policies/bad.test.yaml", text)
        let outcome = try outcome()
        #expect(outcome.isBroken && outcome.count == 1 && outcome.failed == 0)
        let told = try #require(told(outcome).first)
        #expect(told.hasPrefix("bad.test.yaml:\(place)") && told.hasSuffix(words), "\(told)")
        // `validate` opens what is named as well, and says the same of it.
        let checked = PolicyTesting.validate(["\(folder.path)/policies/bad.test.yaml"], environment: .machine([:]))
        #expect(checked.findings == outcome.findings.flatMap(\.findings))
        // Where something is shown, its line is shown too.
        let shown = outcome.findings.map { $0.text() }.joined()
        #expect(shown.contains(place == "4:" ? " | " : "1 | policies: aa.yaml"), "\(shown)")
    }

    @Test("is told in JUnit's XML and in SARIF, with its place and what was meant")
    func formats() throws {
        try folder.write("policies/bad.test.yaml", Self.test(data: "fixtures/471.jsonl"))
        try folder.write("policies/fixtures/4711.jsonl", "{}")
        let outcome = try outcome()
        let xml = JUnitReport.text(outcome)
        #expect(xml.contains("<testsuites name=\"mendflow\" tests=\"2\" failures=\"0\" errors=\"1\">"))
        #expect(xml.contains("did you mean `fixtures/4711.jsonl`?\">\(folder.path)/policies/bad.test.yaml:4</error>"))
        let sarif = try TestSARIF.log(outcome).text
        #expect(sarif.contains("did you mean `fixtures/4711.jsonl`?") && sarif.contains("\"startLine\" : 4"))
        let json = try Console.jsonText(TestJSON(outcome))
        #expect(json.contains("did you mean `fixtures/4711.jsonl`?") || json.contains("\"suggestion\""), "\(json)")
    }

    @Test("because it is not there, or holds policies, is told under its name")
    func itself() throws {
        let missing = try outcome(["policies/god.test.yaml", "policies/good.test.yaml"])
        #expect(missing.count == 1)
        #expect(told(missing) == ["god.test.yaml:No such file or directory; did you mean `good.test.yaml`?"])
        let policies = try outcome(["policies/a.yaml", "policies/good.test.yaml"])
        #expect(policies.count == 1)
        #expect(told(policies).first?.hasPrefix("a.yaml:this file holds policies and no tests") ?? false)
    }

    @Test("is one file, however much of it is wrong")
    func once() throws {
        try folder.write("policies/bad.test.yaml", Self.test(policies: "aa.yaml", data: "fixtures/471.jsonl"))
        let outcome = try outcome()
        #expect(outcome.findings.count == 1 && told(outcome).count == 2)
        #expect(TestText.render(outcome, coverage: false).text().contains("not tested  1 file has errors, shown above"))
    }

    @Test("is not what a folder without tests is: that is said of it, with the names that are looked for")
    func emptyFolder() throws {
        try folder.makeFolder("empty")
        let outcome = try outcome(["empty"])
        let text = TestText.render(outcome, coverage: false).text()
        #expect(outcome.isBroken && outcome.empty == ["\(folder.path)/empty"])
        #expect(
            text == "no tests  \(folder.path)/empty: no file in it has a name that ends in .test.yaml or .test.yml")
        let others = TestText.render(try self.outcome(["empty", "policies"]), coverage: false).text()
        #expect(others.contains("no tests  ") && others.contains("1 scenario: all as expected"), "\(others)")
    }

    @Test("is not what a pattern of names takes in beside its tests")
    func pattern() throws {
        try folder.write("policies/a.test.yaml", Self.test())
        let outcome = try outcome(["policies/a.test.yaml", "policies/a.yaml"])
        #expect(outcome.findings.isEmpty && outcome.count == 1)
    }
}
