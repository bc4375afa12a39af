import MendflowCore
import MendflowPolicy

/// The policies that are measured, in the language of every policy file.
enum BenchPolicies {
    /// The first ten are of different kinds; those that follow vary them over workflows.
    static func text(_ count: Int) -> String {
        var text = "policies:\n"
        for number in 0..<count {
            let (match, action) = kinds[number % kinds.count]
            let workflow = number < kinds.count ? "Flow \(number + 1)" : "Flow \(number % 100 + 1)"
            text += "  - name: p\(number + 1)\n    mode: enforce\n"
            text += "    match: {\(match.replacing("$W", with: workflow))}\n    actions: [\(action)]\n"
        }
        return text
    }

    /// One that makes hidden queued runs matter.
    static let onQueued = """
          - name: stale-queue
            mode: enforce
            match: {status: queued, older_than: 6h}
            actions: [stop]

        """

    private static let retry = "retry: {max_retries: 3, backoff: {initial_interval: 1m}, repeats: allow}"
    private static let kinds: [(match: String, action: String)] = [
        ("status: error, error: {class: [transient, rate_limit]}, newer_than: 24h", "{\(retry)}"),
        ("status: error, workflow: \"$W\", error: {class: timeout}", "{\(retry)}"),
        (
            "status: error, workflow: [\"$W\", \"Flow 2*\"], error: {http_code: {in: [\"502\", \"503\", \"504\"]}}",
            "{\(retry)}"
        ),
        ("status: waiting, older_than: 2h", "stop"),
        ("status: running, ran_for: {gt: 12h}, not: {workflow: {tag: long-running}}", "stop"),
        ("status: error, error: {message: {matches: \"(?i)deadlock|lock wait timeout\"}}", "{\(retry)}"),
        ("status: error, workflow: {tag: orders}, error: {class: transient}, newer_than: 6h", "{\(retry)}"),
        ("status: error, error: {class: auth}, newer_than: 24h", "{tag: [credential]}"),
        ("status: crashed, any: [{workflow: \"$W\"}, {workflow: \"Flow 3*\"}]", "{\(retry)}"),
        (
            "status: [error, crashed], execution_mode: any, error: {node_type: \"*.httpRequest\"}, retries: {lt: 2}",
            "{\(retry)}"
        ),
    ]

    /// The policies as the agent holds them.
    static func set(_ count: Int, _ extra: String = "") throws -> PolicySet {
        try set([PolicyFile(name: "bench.yaml", bytes: Array((text(count) + extra).utf8))])
    }

    /// Those in policy files.
    static func set(files: [String]) throws -> PolicySet {
        try set(files.map { PolicyFile(name: $0, bytes: try ReadBench.bytes(of: $0)) })
    }

    private static func set(_ files: [PolicyFile]) throws -> PolicySet {
        let loaded = PolicyLoader().load(files)
        guard !loaded.hasErrors, !loaded.policies.isEmpty else {
            throw BenchFailure(description: "the policies have \(loaded.findings.count) findings")
        }
        return PolicySet(
            policies: loaded.policies, instance: "bench",
            tagIDs: ["credential": "BenchTag00000001", "needs-human": "BenchTag00000002"],
            tables: JudgementTables(
                classifier: try BuiltInRules.classifier(), risks: RepeatRiskJudge()))
    }
}
