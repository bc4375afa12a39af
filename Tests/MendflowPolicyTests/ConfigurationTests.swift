import MendflowCore
import MendflowPolicy
import MendflowYAML
import Testing

@Suite("mendflow.yaml")
struct ConfigurationTests {
    private func load(_ text: String) throws -> Configuration {
        let loaded = ConfigurationLoader.load(bytes: Array(text.utf8), file: "mendflow.yaml")
        let shown = FindingRenderer().render(loaded.findings)
        #expect(loaded.findings.isEmpty, "\(shown)")
        return try #require(loaded.configuration)
    }

    private let smallest = """
        instances:
          - name: production
            url: https://n8n.example.com/n8n/
            api_key_env: N8N_API_KEY

        """

    @Test("the smallest one has the documented defaults")
    func defaults() throws {
        let configuration = try load(smallest)
        #expect(configuration.mode == .dryRun)
        #expect(configuration.policies == ["policies/"])
        #expect(configuration.ledger == "mendflow.sqlite")
        #expect((configuration.pollInterval, configuration.lookBack) == (.seconds(30), .hours(48)))
        #expect((configuration.sweepInterval, configuration.gapBudget) == (.minutes(10), 50))
        #expect(configuration.log == LogConfiguration())
        #expect(
            configuration.instances == [
                InstanceConfiguration(
                    name: "production", url: "https://n8n.example.com/n8n", apiKey: .environment("N8N_API_KEY"))
            ])
        #expect(configuration.tables.risks.table == .builtIn)
        #expect(configuration.tables.classifier.rules.count == ErrorRuleTable.builtIn.count)
    }

    @Test("every key can be written out")
    func everything() throws {
        let configuration = try load("""
            mode: enforce
            policies: [a.yaml, more/]
            ledger: l.sqlite
            poll_interval: 1m
            look_back: 3d
            sweep_interval: 5m
            gap_budget: 0
            protect: []
            error_classes: []
            read_only_operations: []
            instances:
              - name: eu-1
                url: http://localhost:5678
                api_key_file: key
                mode: dry_run
                api_path: /rest/v1/
                headers: {CF-Access-Client-Secret: {env: CF_SECRET}, X-Id: {file: id}}
                ca_file: null
                proxy: environment
                tags: {needs-human: "4"}
                protect: [{workflow: Payments}]
                limits: {max_in_flight: 1, max_actions: {amount: 5, per: tick}}
            log: {level: debug, format: json}
            """)
        let instance = try #require(configuration.instances.first)
        #expect(instance.apiKey == .file("key"))
        #expect(instance.headers == ["CF-Access-Client-Secret": .environment("CF_SECRET"), "X-Id": .file("id")])
        #expect((instance.apiPath, instance.mode, instance.proxy) == ("rest/v1", .dryRun, .environment))
        #expect(instance.caFile == nil)
        #expect(instance.tags == ["needs-human": "4"])
        #expect(instance.limits == InstanceLimits(maxInFlight: 1, maxActions: [ActionCap(amount: 5, per: .tick)]))
        #expect(instance.protections.map(\.match.outline) == ["workflow.name is Payments"])
        #expect((configuration.mode, configuration.gapBudget, configuration.log.level) == (.enforce, 0, .debug))
    }

    @Test("a user's rules come first, and built-in ones can be switched off")
    func tables() throws {
        let configuration = try load(smallest + """
            error_classes:
              - {id: mine, class: transient, http_code: 5xx, text: backup, status: error}
              - {id: econnreset, off: true}
            read_only_operations:
              - {id: erp-read, node_type: "*.erp", operation: [peek], http_method: POST}
              - {id: script, off: true}
            nothing_done_errors:
              - {id: full, http_code: 507}
              - {id: http-503, off: true}
            """)
        let rules = configuration.tables.classifier.rules
        #expect(rules.first?.id == "mine")
        #expect(rules.first?.httpCodes == [.glob("5??")])
        #expect(rules.first?.statuses == [.error])
        #expect(!rules.contains { $0.id == "econnreset" })
        let risks = configuration.tables.risks.table
        #expect(risks.readOnly.first?.methods == ["POST"])
        #expect(!risks.readOnly.contains { $0.id == "script" })
        #expect(risks.nothingDone.first?.id == "full")
        #expect(!risks.nothingDone.contains { $0.id == "http-503" })
    }

    @Test("look_back reaches the largest newer_than, and says so")
    func lookBack() throws {
        var configuration = try load(smallest)
        let policy = try policy("match: {status: error, workflow: A, newer_than: 5d}", "actions: [retry]")
        let findings = configuration.reach([policy], file: "mendflow.yaml")
        #expect(configuration.lookBack == .days(5))
        #expect(findings.map(\.message) == ["`look_back` is raised from 2d to 5d, the `newer_than` of `p`"])
        #expect(configuration.reach([policy], file: "mendflow.yaml").isEmpty)
    }

    @Test("the example set-up is good, with its policies under its ceilings")
    func example() throws {
        let configuration = try load(Fixture.text("examples/production/mendflow.yaml"))
        let folder = "examples/production/policies"
        let files = try Fixture.names(in: folder).map {
            PolicyFile(name: "\($0).yaml", bytes: try Fixture.bytes("\(folder)/\($0).yaml"))
        }
        let options = configuration.policyOptions(zones: { $0 == "Europe/Berlin" ? berlin : nil }, now: nil)
        let loaded = PolicyLoader(options).load(files)
        #expect(loaded.findings.isEmpty, "\(FindingRenderer().render(loaded.findings))")
        #expect(loaded.policies.map(\.name) == ["stop-forgotten-timers", "tag-credential-failures", "retry-orders"])
        let tags = Set(loaded.policies.flatMap { $0.tags + $0.onExhausted.tags })
        #expect(tags == Set(configuration.instances.flatMap(\.tags.keys)))
    }
}
