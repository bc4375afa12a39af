import MendflowTestKit
import Testing

@testable import MendflowMetrics

@Suite("The metrics that are declared")
struct CatalogueTests {
    @Test("are named by Prometheus' and OpenMetrics' conventions, each once")
    func names() {
        let families = MetricCatalogue.all
        #expect(families.count > 35)
        #expect(Set(families.flatMap(\.samples)).count == families.flatMap(\.samples).count)
        for family in families {
            let isPlain = family.name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F || $0 == 0x38 }
            #expect(isPlain, "\(family.name)")
            #expect(family.name.hasPrefix("mendflow_") || family.name.hasPrefix("process_"), "\(family.name)")
            for ending in ["_total", "_info", "_created", "_count", "_sum", "_bucket", "_milliseconds", "_ms", "_kb"] {
                #expect(!family.name.hasSuffix(ending), "\(family.name)")
            }
            if let unit = family.unit { #expect(family.name.hasSuffix("_" + unit.rawValue), "\(family.name)") }
            #expect(family.help.last == "." && !family.help.contains("\n"), "\(family.name): \(family.help)")
            #expect(!family.labels.contains { ["instance", "job", "le", "execution", "workflow"].contains($0) })
        }
    }

    @Test("are told in docs/monitoring.md: MENDFLOW_GOLDEN=write scripts/test CatalogueTests writes it")
    func page() throws {
        let difference = try Repository.difference(of: MonitoringPage.text, from: "docs/monitoring.md")
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("are all that the examples name", arguments: ["mendflow.rules.yml", "mendflow.dashboard.json"])
    func examples(file: String) throws {
        let text = try Repository.text("examples/monitoring/\(file)")
        let known = Set(MetricCatalogue.all.flatMap(\.samples))
        let named = Self.words(text).filter { $0.hasPrefix("mendflow_") || $0.hasPrefix("process_") }
        #expect(named.count > 10)
        #expect(Set(named).subtracting(known).isEmpty, "\(Set(named).subtracting(known).sorted())")
    }

    @Test("have every alert of the examples told in docs/monitoring.md, and tested for promtool")
    func alerts() throws {
        let page = try Repository.text("docs/monitoring.md")
        let tests = try Repository.text("examples/monitoring/mendflow.rules.test.yml")
        let lines = try Repository.text("examples/monitoring/mendflow.rules.yml").split(separator: "\n")
        let mark = "      - alert: "
        let alerts = lines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
        #expect(alerts.count > 10)
        for alert in alerts {
            #expect(page.contains("`\(alert)`"), "\(alert)")
            #expect(tests.contains(": \(alert)\n"), "\(alert)")
        }
    }

    /// Names as metrics bear them.
    private static func words(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }
}

/// docs/monitoring.md, with a table of every metric that is declared.
private enum MonitoringPage {
    static var text: String {
        introduction + "\n## Every metric\n" + legend
            + MetricCatalogue.subjects.map { subject in
                "\n### \(subject.title)\n\n| Metric | Kind | Labels | Meaning |\n| --- | --- | --- | --- |\n"
                    + subject.families.map(row).joined()
            }.joined() + alerts
    }

    private static func row(_ family: MetricFamily) -> String {
        let labels = family.labels.isEmpty ? "" : family.labels.map { "`\($0)`" }.joined(separator: ", ")
        return "| `\(family.queried)` | \(family.kind.rawValue) | \(labels) | \(family.help) |\n"
    }

    private static let introduction = """
        # Monitoring

        A running agent that has a `service` in `mendflow.yaml` ([operating.md](operating.md#service)) answers `/metrics` in the text
        format of Prometheus, or in OpenMetrics where the scraper prefers that. `/healthz` and `/readyz` are for whoever restarts and
        whoever routes; `mendflow health` asks the one or the other from a shell.

            service: {listen: "127.0.0.1:9464"}

        `examples/monitoring` has a `prometheus.yml` that scrapes it, alert rules (`mendflow.rules.yml`) with their tests
        (`promtool test rules mendflow.rules.test.yml`), and a dashboard for Grafana (`mendflow.dashboard.json`: import it and choose
        your Prometheus). Where the service has a token, Prometheus sends it:

            authorization: {credentials_file: /etc/prometheus/mendflow.token}

        Counting costs an idle tick nothing: what an instance's loop does is noted once a tick, and the ledger's records are counted
        when somebody scrapes, only those that were written since the scrape before ([decision 0042](decisions/0042-counters.md)).

        """

    private static let legend = """

        `n8n` is the instance's name in `mendflow.yaml`; Prometheus itself uses the label `instance` for the agent that it scrapes.
        `mode` is `enforce` for what is done and `dry_run` for what is only written down. No metric has an execution, a chain or a
        workflow as a label: those are unbounded, and `mendflow report` and `mendflow explain` tell of them. A counter begins with 0
        when the agent starts; `rate` and `increase` go over restarts. Times are seconds, sizes bytes.

        """

    private static let alerts = """

        ## Alerts

        | Alert | Weight | What to do |
        | --- | --- | --- |
        | `MendflowDown` | critical | Start the agent. It decides about what failed meanwhile once it is back, as far as `look_back` reaches |
        | `MendflowNoTick` | critical | Look at its log; restart it where nothing is there |
        | `MendflowStalled` | critical | Restart it: a loop does not turn. What was under way is found again, and nothing is sent twice |
        | `MendflowNotReady` | critical | `/readyz?verbose` or `mendflow status` says why; mostly n8n does not answer or refuses the key |
        | `MendflowAlarmed` | critical | n8n's database was restored or swapped: [operating.md](operating.md#when-n8ns-database-is-another-one) |
        | `MendflowSuspended` | critical | `mendflow status` says why. Where n8n refuses the key: give it the scope that `mendflow doctor` names, and start the agent again. Where not all of n8n is read: see why n8n answers so (its log, a proxy before it); it goes on by itself |
        | `MendflowLedgerFails` | critical | Make room on its disk; see that its file is where it was |
        | `MendflowUnled` | critical | Agents share the ledger and none leads an instance: `mendflow status` and `mendflow doctor`, then the agents' logs (`lease.`, `agent.failed`) |
        | `MendflowLeadershipFlaps` | warning | An instance changes hands again and again: the database answers too slowly or the agents die; `mendflow doctor`, [operating-at-scale.md](operating-at-scale.md#what-to-watch) |
        | `MendflowNoStandIn` | warning | One of the agents that shared the ledger is gone: start it again, or let the alert go where one is enough |
        | `MendflowUnresolvedPilingUp` | warning | Something swallows answers: look at the network and the proxy in front of n8n |
        | `MendflowUnresolvedWaiting` | warning | `mendflow inbox`, look in n8n, `mendflow resolve` |
        | `MendflowHealRateLow` | warning | Retrying does not help: `mendflow report`, then let the policy match less, or mend the cause |
        | `MendflowPolicyDemoted` | warning | Look at what it retries (`mendflow report`); a changed policy begins anew |
        | `MendflowIncident` | warning | Mend what its failures have in common; `mendflow status` names it |
        | `MendflowWorkflowMissing` | warning | Look in n8n why it did not run: a trigger that is off, a crashed worker |
        | `MendflowApprovalWaiting` | warning | Say yes or no: `mendflow approve`, or the console's inbox |
        | `MendflowChannelFails` | warning | `mendflow notify status` says why: its address, its secret, or the network. It is tried again by itself |
        | `MendflowHintsRefused` | warning | A wrong token in n8n, or too many: `mendflow hints` prints what it needs; without `n8n` nobody known sends them |
        | `MendflowLossUnconfirmed` | info | `mendflow reload --confirm` where it is meant, else put the files back |
        | `MendflowPolicyReloadFailed` | warning | `mendflow validate`; what was in force stays until the files are good |
        | `MendflowPolicyLost` | warning | Put the file back, or `mendflow reload --confirm` where the loss is meant |
        | `MendflowRateLimitUsedUp` | warning | Raise the key's limit in n8n, or `poll_interval` |
        | `MendflowPausedLong` | info | `mendflow resume`, or let it be |
        | `MendflowDryRunOnly` | info | Policies say `enforce`, agent or instance do not: nothing is done. Set their `mode`, or that of the policies |
        | `MendflowDryRunDrift` | info | A policy in dry-run wants to act far more often than in the week before: `mendflow plan` |

        """
}
