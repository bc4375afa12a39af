import FoundationEssentials
import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowTestKit
import Testing

@testable import MendflowCommands

/// What the format's schema asks of a log, as far as ours go.
private struct SARIF: Decodable {
    struct Text: Decodable { var text: String }
    struct Artifact: Decodable { var uri: String }
    struct Region: Decodable { var startLine: Int, startColumn: Int }
    struct Physical: Decodable { var artifactLocation: Artifact, region: Region }
    struct Location: Decodable { var physicalLocation: Physical }
    struct Result: Decodable { var ruleId: String, level: String, message: Text, locations: [Location]? }
    struct Rule: Decodable { var id: String, shortDescription: Text }
    struct Driver: Decodable { var name: String, version: String, rules: [Rule] }
    struct Tool: Decodable { var driver: Driver }
    struct Run: Decodable { var tool: Tool, results: [Result] }
    var version: String, runs: [Run]

    /// What breaks the format.
    var faults: [String] {
        var faults = version == "2.1.0" && runs.count == 1 ? [] : ["version \(version), \(runs.count) runs"]
        for run in runs {
            let rules = run.tool.driver.rules.map(\.id)
            if Set(rules).count < rules.count || run.tool.driver.name.isEmpty { faults.append("rules \(rules)") }
            for result in run.results {
                if !rules.contains(result.ruleId) { faults.append("no rule \(result.ruleId)") }
                if !["none", "note", "warning", "error"].contains(result.level) { faults.append(result.level) }
                if result.message.text.isEmpty { faults.append("a result without words") }
                for place in (result.locations ?? []).map(\.physicalLocation) {
                    let uri = place.artifactLocation.uri
                    let isPlain = uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>\"{}|\\^`:".utf8.contains($0) }
                    if !isPlain || uri.isEmpty || place.region.startLine < 1 || place.region.startColumn < 1 {
                        faults.append("place \(place)")
                    }
                }
            }
        }
        return faults
    }
}

/// The elements of an XML text in the order in which they begin, each with the one that it stands in; nil where it is not
/// well formed.
private func elements(of xml: String) -> [(name: Substring, within: Substring?)]? {
    var (open, found): ([Substring], [(Substring, Substring?)]) = ([], [])
    for piece in xml.split(separator: "<").dropFirst() {
        guard let end = piece.firstIndex(of: ">") else { return nil }
        let tag = piece[..<end]
        if tag.hasPrefix("?") { continue }
        // A mark that is no entity, or a quote that is not closed, would be read as markup.
        let text = piece[piece.index(after: end)...]
        guard tag.count(where: { $0 == "\"" }) % 2 == 0, !text.contains(">") else { return nil }
        for part in piece.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            guard ["amp;", "lt;", "gt;", "quot;", "#39;"].contains(where: part.hasPrefix) else { return nil }
        }
        if tag.hasPrefix("/") {
            guard open.popLast() == tag.dropFirst() else { return nil }
        } else {
            let name = tag.prefix { $0 != " " }
            found.append((name, open.last))
            open.append(name)
        }
    }
    return open.isEmpty ? found : nil
}

@Suite("Results in the formats of others")
struct ReportFormatTests {
    private static let test = """
        policies: a b.yaml
        tests:
          - name: "a <b> & \\"c\\""
            executions:
              - {id: 1, workflow: Orders, at: 0s, error: {http_code: ECONNRESET, message: reset}}
            expect: [{execution: 1, nothing: true}]
          - name: nothing fails
            executions: [{id: 1, workflow: Orders, at: 0s, status: success}]
            expect: []

        """

    private func outcome() throws -> PolicyTesting.Outcome {
        let folder = try Folder()
        try folder.write("policies/a b.yaml", Folder.policy("a", "Order*"))
        try folder.remove("policies/a.yaml")
        try folder.write("policies/a.test.yaml", Self.test)
        try folder.write("policies/broken.test.yaml", "policies: b.yaml\ntests: nonsense\n")
        return try PolicyTesting.run([folder.path + "/policies"], nil, environment: .machine([:]))
    }

    @Test("are well formed XML of suites, cases, failures and errors, as JUnit made common")
    func junit() throws {
        let text = JUnitReport.text(try outcome())
        let found = try #require(elements(of: text))
        let parents: [Substring: [Substring?]] = [
            "testsuites": [nil], "testsuite": ["testsuites"], "testcase": ["testsuite"], "failure": ["testcase"],
            "error": ["testcase"],
        ]
        for (name, within) in found { #expect(parents[name]?.contains(within) ?? false, "\(name)") }
        let counts = Dictionary(grouping: found, by: \.name).mapValues(\.count)
        #expect(counts["testsuite"] == 2 && counts["testcase"] == 3 && counts["error"] == 1)
        #expect(text.contains("<testsuites name=\"mendflow\" tests=\"3\" failures=\"1\" errors=\"1\">"))
        #expect(text.contains("a &lt;b&gt; &amp; &quot;c&quot;"))
    }

    @Test("are SARIF whose results name their rule, level, and a place that is an address")
    func testSARIF() throws {
        let text = try TestSARIF.log(try outcome()).text
        let log = try JSONDecoder().decode(SARIF.self, from: Data(text.utf8))
        #expect(log.faults == [])
        #expect(text.contains("\"$schema\" : \"https://json.schemastore.org/sarif-2.1.0.json\""))
        let results = log.runs.flatMap(\.results)
        #expect(Set(results.map(\.ruleId)).isSuperset(of: ["not-as-expected", "unusable-file"]))
    }

    @Test("name a file with blanks by an address without")
    func address() {
        #expect(SARIFLog.uri(of: "my policies/ä:1.yaml") == "my%20policies/%C3%A4%3A1.yaml")
        #expect(SARIFLog.uri(of: "policies/crm-2_a.yaml") == "policies/crm-2_a.yaml")
    }

    @Test("tell of a difference in SARIF, and in Markdown whose rows have the columns of their heads")
    func difference() throws {
        let folder = try Folder()
        try folder.makeFolder("new")
        try folder.write("new/all.yaml", Folder.policy("all", "*", retries: 1))
        try folder.write("old.yaml", Folder.policy("none", "No such workflow"))
        let row =
            #"{"id":"1","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","waitTill":null,"data":{"resultData":{"error":{"message":"read ECONNRESET","httpCode":"ECONNRESET"},"runData":{}}}}"#
        try folder.write(
            "history.jsonl", row + "\n" + #"{"id":"w1","name":"A | B `c`\n*d*","active":true,"nodes":[]}"#)
        let environment = Environment.machine([:])
        let (diff, _) = try Backtesting.diff(
            Backtesting.Request(histories: [folder.path + "/history.jsonl"]), old: folder.path + "/old.yaml",
            new: folder.path + "/new", from: environment.files, nil, environment: environment)
        let found = try #require(diff)
        #expect(found.hasChanges)
        let log = try JSONDecoder().decode(SARIF.self, from: Data(try DiffSARIF.log(found).text.utf8))
        #expect(log.faults == [] && !log.runs.flatMap(\.results).isEmpty)
        var columns: Int?
        for line in DiffMarkdown.render(found).split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                columns = nil
                continue
            }
            let bars = line.replacing("\\\\", with: "").replacing("\\|", with: "").count { $0 == "|" }
            #expect(bars == columns ?? bars, "\(line)")
            columns = bars
        }
    }
}
