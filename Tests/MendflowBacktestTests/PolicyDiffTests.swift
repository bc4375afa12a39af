import MendflowCore
import MendflowHistory
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@testable import MendflowBacktest

@Suite("A difference of policies")
struct PolicyDiffTests {
    private func diff(_ old: String, _ new: String) throws -> PolicyDiff {
        var past = Past()
        for minute in 0..<6 { _ = past.fails(at: Int64(minute * 30), WorkflowID("w\(minute % 2)")) }
        let (history, span) = (past.history, ServerTime.noon..<(.noon + .hours(30)))
        func lived(_ policies: String) throws -> (Backtest.Result, PolicySet) {
            let set = try past.policySet(policies)
            let settings = BacktestSettings(policies: set, lookBack: .hours(48), interval: .seconds(30), span: span)
            return (Backtest.run(history, settings, outcomes: [.asObserved]), set)
        }
        let (one, other) = (try lived(old), try lived(new))
        return PolicyDiff(history, old: one.0, one.1, new: other.0, other.1)
    }

    private static let policy = """
        policies:
          - name: retry
            mode: enforce
            match: {status: error, workflow: w0, error: {class: [transient]}}
            actions:
              - retry: {max_retries: 1, repeats: allow, backoff: {initial_interval: 1m, jitter: none}}

        """

    @Test("is none of a set with itself, nor with itself under another name that says so")
    func none() throws {
        #expect(try !diff(Self.policy, Self.policy).hasChanges)
        let renamed = Self.policy.replacing("name: retry", with: "name: again\n    renamed_from: retry")
        #expect(try !diff(Self.policy, renamed).hasChanges)
        let anew = try diff(Self.policy, Self.policy.replacing("name: retry", with: "name: again"))
        #expect(anew.resets.map(\.policy) == ["again"])
    }

    @Test("names workflows that are reached anew, and what lost its exception")
    func reached() throws {
        let wide = try diff(Self.policy, Self.policy.replacing("workflow: w0, ", with: ""))
        #expect(wide.reached.map(\.workflow) == ["w1"])
        #expect(wide.added.count == 3 && wide.removed.isEmpty && wide.changed.isEmpty)
        let kept = Self.policy + "    exceptions:\n      - {match: {status: error}, reason: later}\n"
        let bare = try diff(kept, Self.policy)
        #expect(bare.exposed.count == 3)
        #expect(bare.exposed.allSatisfy { $0.reason == .excepted })
    }
}
