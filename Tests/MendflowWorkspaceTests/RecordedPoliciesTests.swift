import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Testing

@testable import MendflowWorkspace

@Suite("Policies that were in force when something was decided")
struct RecordedPoliciesTests {
    private static let configuration = """
        mode: enforce
        policies: [policies/]
        ledger: mendflow.sqlite
        instances: [{name: main, url: "http://n8n", api_key_env: KEY}]
        """
    private static let other =
        "policies: [{name: other, mode: 'off', match: {status: error}, actions: [{tag: seen}]}]"
    private static let files = [
        "a.yaml": """
        policies:
          - name: stop-stale
            mode: enforce
            match:
              status: waiting
              older_than: 2h
            actions: [stop]
          - {name: tag-failed, mode: enforce, match: {status: error}, actions: [{tag: seen}]}
        """,
        "b.yaml": """
        policies:
        - name: retry
          mode: dry_run
          match: {status: error}

          # Of a service that comes back.
          actions:
          - retry: {max_retries: 2}
        """,
    ]

    private func workspace(_ policies: [String: String]) throws -> Workspace {
        var disk = ["/m/mendflow.yaml": Self.configuration, "/m/policies/z.yaml": Self.other]
        for (name, text) in policies { disk["/m/policies/" + name] = text }
        var environment = Environment.test(VirtualClock(.noon))
        environment.files = MemoryFiles(disk)
        let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment)
        return try #require(loaded.workspace, "\(loaded.report.findings)")
    }

    @Test("are made again from their texts in the ledger, wherever they stood in their files")
    func madeAgain() throws {
        let then = try workspace(Self.files)
        let instance = try then.instance("main")
        let set = then.policySet(instance)
        let texts = Dictionary(uniqueKeysWithValues: set.policies.map { ($0.version, $0.text) })
        #expect(texts.count == 3)
        for now in [try workspace([:]), try workspace(Self.files.mapValues { $0.replacing("2h", with: "3h") })] {
            #expect(now.policySet(instance).evidence != set.evidence)
            let again = try #require(now.policySet(instance, recordedAs: set.evidence, texts: texts))
            #expect(again.evidence == set.evidence)
            #expect(again.policies.map(\.remediation) == set.policies.map(\.remediation))
            #expect(again.policies.map(\.match?.fields) == set.policies.map(\.match?.fields))
        }
    }

    @Test("are not guessed where a text is missing or reads otherwise")
    func unknown() throws {
        let set = try workspace(Self.files).policySet(try workspace([:]).instance("main"))
        var texts = Dictionary(uniqueKeysWithValues: set.policies.map { ($0.version, $0.text) })
        let now = try workspace([:])
        let instance = try now.instance("main")
        let version = try #require(set.policies.first?.version)
        let text = try #require(texts[version])
        texts[version] = text.replacing("2h", with: "5h")
        #expect(now.policySet(instance, recordedAs: set.evidence, texts: texts) == nil)
        texts[version] = nil
        #expect(now.policySet(instance, recordedAs: set.evidence, texts: texts) == nil)
    }
}
