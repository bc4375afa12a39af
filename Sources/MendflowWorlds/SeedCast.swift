import MendflowCore
import MendflowSimulator
import MendflowTestKit

/// The workflows of a simulated world, each there for the sake of a promise.
enum SeedCast: String, CaseIterable {
    /// Is retried.
    case orders = "Wf00000000000001"
    /// Is protected by the configuration.
    case payments = "Wf00000000000002"
    /// Is excepted by the policy that matches it.
    case reports = "Wf00000000000003"
    /// Takes hours, and is retried: its failures come to light long after later runs.
    case imports = "Wf00000000000004"
    /// Waits for people; waits of more than two hours are stopped.
    case approvals = "Wf00000000000005"
    /// Only a policy in dry-run is for it.
    case nightly = "Wf00000000000006"
    /// Its old successes are deleted.
    case scratch = "Wf00000000000007"
    /// No policy is for it. Where it floods n8n, what began before it ends thousands of ids below the newest.
    case heartbeat = "Wf00000000000008"

    /// Its name.
    var name: String {
        switch self {
        case .orders: "Order sync"
        case .payments: "Payments"
        case .reports: "Reports"
        case .imports: "Slow import"
        case .approvals: "Approvals"
        case .nightly: "Nightly"
        case .scratch: "Scratch"
        case .heartbeat: "Heartbeat"
        }
    }

    /// How often it is started, and how long after the start of the world first, in milliseconds; nil where nobody starts it.
    var schedule: (every: Int64, first: Int64)? {
        switch self {
        case .orders: (420_000, 60_000)
        case .payments: (1_800_000, 90_000)
        case .reports: (1_500_000, 120_000)
        case .imports: (2_400_000, 30_000)
        case .approvals: (2_700_000, 20_000)
        case .nightly: (2_000_000, 150_000)
        case .scratch: (1_200_000, 10_000)
        case .heartbeat: nil
        }
    }

    /// The workflow as it is in the beginning.
    func workflow(_ plan: SeedPlan) -> Simulator.Workflow {
        Simulator.Workflow(
            id: rawValue, name: name,
            nodes: [
                .webhook("hook-\(rawValue)"), .http("Get order", method: "GET", url: "http://shop.example/orders"),
            ],
            settings: ["saveDataSuccessExecution": keepsSuccesses(plan) ? "all" : "none"], script: script(plan))
    }

    private func keepsSuccesses(_ plan: SeedPlan) -> Bool {
        switch self {
        case .orders, .payments, .imports: plan.keepsSuccesses
        case .reports, .approvals, .nightly, .scratch, .heartbeat: true
        }
    }

    private func script(_ plan: SeedPlan) -> Simulator.Script {
        var random = SplitMix64(seed: plan.seed ^ 0x5EED ^ UInt64(schedule?.first ?? 0))
        let failed = Simulator.Outcome.error(.http(503, method: "GET"), after: 100)
        // The policy leaves these to people.
        let excepted = Simulator.Outcome.error(.http(502, method: "GET"), after: 100)
        let good = Simulator.Outcome.success(after: 500)
        switch self {
        case .orders, .payments:
            return .init(
                next: (0..<200).map { number in
                    guard random.below(10) < plan.failing else { return good }
                    return number % 5 == 3 ? excepted : failed
                }, thenAlways: [good],
                retries: (0..<200).map { _ in random.below(10) < plan.healing ? plan.healedRetry : failed })
        case .reports: return .init(thenAlways: [failed, good])
        case .nightly: return .init(thenAlways: [failed, good, excepted])
        case .imports:
            let lengths = (0..<40).map { _ in Int64(600_000 * (1 + random.below(15))) }
            return .init(
                next: lengths.map {
                    random.below(10) < plan.failing
                        ? .error(.http(503, method: "GET"), after: $0) : .success(after: $0)
                },
                retries: (0..<100).map { _ in
                    random.below(10) < plan.healing ? .success(after: Int64(random.below(300_000))) : failed
                })
        case .approvals:
            return .init(
                next: (0..<40).map { _ in
                    .wait(for: Int64(1_800_000 * (1 + random.below(12))), after: 100, then: good)
                })
        case .scratch: return .always(good)
        case .heartbeat: return .always(.success(after: 5))
        }
    }
}

extension SeedPlan {
    /// How a retry of the orders ends well.
    fileprivate var healedRetry: Simulator.Outcome { .success(after: hasSlowRetries ? 420_000 : 500) }

    /// What stands in the configuration of a world besides.
    var furtherConfiguration: String {
        let hasIncidents = SeedPlan.hasIncidents(seed)
        // Where much is told at once, part of it is put together.
        let digest = hasIncidents ? ", digest_above: 1" : ""
        let channels = "\nnotify: [{name: hook, webhook: {url: \"\(SeedHook.url)\"}, min_level: info\(digest)}]"
        return (tellsPeople ? channels : "") + (hasIncidents ? SeedWorld.incidents : "")
    }
}

extension SeedWorld {
    static let configuration = """
        mode: enforce
        policies: [policies/]
        ledger: mendflow.sqlite
        poll_interval: 5m
        look_back: 200m
        protect: [{workflow: {name: Payments}}]
        instances:
          - name: main
            url: http://n8n
            api_key_env: KEY
            mode: enforce
            tags: {needs-human: Tag0000000000001, looked-at: Tag0000000000002}
        """

    /// How often a chain may be retried at most, before and after the policy is edited.
    static let (retries, moreRetries) = (2, 3)
    /// How many retries an hour may hold.
    static let retriesPerHour = 6

    /// What the policy for the nightly runs does where it asks first.
    private static let actionsOfAsking = """
        actions: [{retry: {max_retries: 2, repeats: allow, backoff: {initial_interval: 1m, jitter: none}}}]
            approval: {expires: 20m}
        """

    /// The file of policies, as it is or as somebody edited it; nil where it is gone.
    static func policies(_ edit: SeedEvent.Edit? = nil, of plan: SeedPlan) -> String? {
        guard edit != .removed else { return nil }
        guard edit != .broken else { return "policies: [" }
        let mode = edit == .dryRun ? "dry_run" : "enforce"
        let retries = edit == .moreRetries ? moreRetries : retries
        return """
            policies:
              - name: retry-orders
                mode: \(mode)
                match: {status: [error, crashed], workflow: ["Order sync", Slow import, Payments, Reports]}
                exceptions:
                  - {match: {workflow: Reports}, reason: people look after it}
                  - {match: {status: error, error: {http_code: 502}}, reason: whoever runs the shop looks after it}
                actions: [{retry: {max_retries: \(retries), repeats: allow, backoff: {initial_interval: 1m, jitter: none}}}]
                guards: {max_actions: [{amount: \(plan.retriesPerHour), per: 1h}]}
                on_exhausted: [{tag: [needs-human]}]
              - name: stop-approvals
                mode: \(mode)
                match: {status: waiting, workflow: Approvals, older_than: 2h}
                actions: [stop]
              - name: mark-nightly
                mode: \(mode)
                match: {status: error, workflow: Nightly, error: {http_code: 502}}
                actions: [{tag: [needs-human]}]
              - name: sign-nightly
                mode: \(mode)
                match: {status: error, workflow: Nightly}
                exceptions: [{match: {status: error, error: {http_code: 503}}, reason: the service is known to fail}]
                actions: [{tag: [looked-at]}]
              - name: clean-scratch
                mode: \(mode)
                match: {status: success, workflow: Scratch, older_than: 1h}
                actions: [delete]
              - name: retry-nightly
                mode: \(plan.asksPeople ? mode : "dry_run")
                match: {status: error, workflow: Nightly}
                \(plan.asksPeople ? actionsOfAsking : "actions: [{retry: {max_retries: 2, repeats: allow}}]")
            """
    }
}
