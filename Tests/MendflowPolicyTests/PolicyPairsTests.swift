import MendflowCore
import MendflowYAML
import Testing

@testable import MendflowPolicy

@Suite("Pairs of policies")
struct PolicyPairsTests {
    private func policies(_ count: Int, _ line: (Int) -> String) -> [PolicyFile] {
        let text = "policies:\n" + (0..<count).map { "  - {name: p\($0), \(line($0))}\n" }.joined()
        return [PolicyFile(name: "a.yaml", bytes: Array(text.utf8))]
    }

    private func findings(_ files: [PolicyFile]) -> [Finding] { PolicyLoader(testOptions).load(files).findings }

    private func ids(_ lines: String...) -> [String] {
        findings(policies(lines.count) { lines[$0] }).map(\.id)
    }

    @Test(
        "are told where another file has errors, too, for what is true of two policies is true whatever else there is")
    func besideErrors() {
        let good = policies(2) { "mode: enforce, match: {status: error, newer_than: \(9 - $0)h}, actions: [retry]" }
        let broken = PolicyFile(name: "b.yaml", bytes: Array("policies: [{name: wrong, mach: {}}]\n".utf8))
        let alone = findings(good).filter { $0.id == "never-owns" }
        #expect(alone.count == 1)
        #expect(findings(good + [broken]).filter { $0.id == "never-owns" } == alone)
        let double = PolicyFile(name: "c.yaml", bytes: good[0].bytes)
        #expect(
            !findings(good + [double]).contains { $0.id == "never-owns" },
            "of two of one name nobody knows which is meant")
    }

    @Test(
        "that overlap are shown up to a bound, and the number of the rest at the end",
        arguments: ["enforce", "dry_run"])
    func bounded(mode: String) {
        let found = findings(
            policies(60) {
                "mode: \(mode), match: {status: error, newer_than: \(60 - $0)h}, actions: [retry: {max_retries: \($0 % 9 + 1)}]"
            })
        // Each of them is owned by the one before, whose match is wider.
        #expect(found.filter { $0.id == "never-owns" }.count == PolicyPairs.mostShown)
        #expect(found.last?.id == Finding.tooMany)
        #expect(found.last?.message == "39 more about pairs of policies are not shown")
        #expect(found.count { $0.id != "gives-up-early" } == PolicyPairs.mostShown + 1)
    }

    @Test("of a thousand policies that all overlap cost as much as the bound, and say that not all were compared")
    func many() {
        let found = findings(
            policies(1000) {
                "match: {status: error, error: {message: {contains: \"\($0)\"}}}, actions: [retry: {max_retries: \($0 % 9 + 1)}]"
            })
        #expect(found.filter { $0.id == "overlap" }.count == PolicyPairs.mostShown)
        #expect(found.last?.message.hasSuffix("of all pairs \(PolicyPairs.mostPairs) were compared") == true)
    }

    @Test("that name different workflows, by name or by id, are never compared")
    func apart() {
        for key in ["workflow: W", "workflow: {id: W"] {
            var index = ConditionIndex()
            let loaded = PolicyLoader(testOptions).load(
                policies(300) { number in
                    let workflow = key + "\(number)" + (key.contains("{") ? "}" : "")
                    return "match: {status: [error, crashed], \(workflow)}, actions: [retry]"
                })
            #expect(loaded.findings.isEmpty && loaded.policies.count == 300)
            for (position, policy) in loaded.policies.enumerated() {
                let profile = ConditionProfile(policy.match ?? .all([]))
                #expect(index.candidates(for: profile).isEmpty)
                index.add(position, profile)
            }
        }
    }

    @Test("are compared wherever an execution may meet both")
    func complete() {
        let statuses = ["error", "[error, crashed]", "crashed"]
        let rest = [
            "workflow: A", "workflow: [A, B]", "workflow: \"A*\"", "workflow: {id: x}",
            "workflow: {id: [x, y], name: B}",
            "newer_than: 1h", "older_than: 2h", "retries: {lt: 2}", "retries: [2, 3]", "healed: true", "healed: false",
            "workflow: {name: {ne: A}}", "workflow: \"B*\"",
        ]
        let matches = statuses.flatMap { status in rest.map { "status: \(status), \($0)" } }
        let loaded = PolicyLoader(testOptions).load(
            policies(matches.count) { "match: {\(matches[$0])}, actions: [tag: x]" })
        let profiles = loaded.policies.map { ConditionProfile($0.match ?? .all([])) }
        #expect(profiles.count == matches.count)
        var index = ConditionIndex()
        for (position, later) in profiles.enumerated() {
            let candidates = index.candidates(for: later)
            for (other, earlier) in profiles[..<position].enumerated() {
                let isPossible = earlier.condition.example(with: later.condition) != nil
                #expect(earlier.meets(later) == isPossible, "\(matches[other]) and \(matches[position])")
                if isPossible { #expect(candidates.contains(other), "\(matches[other]) and \(matches[position])") }
            }
            index.add(position, later)
        }
    }

    @Test("are no finding where priorities say which of the two goes first, unless one leaves nothing to the other")
    func priorities() {
        let orders = "mode: enforce, match: {status: error, workflow: Orders}, actions: [retry: {max_retries: 5}]"
        let wide = "match: {status: error, newer_than: 6h}, actions: [retry]"
        #expect(ids(orders, "mode: enforce, priority: -100, \(wide)").isEmpty)
        #expect(ids(orders, "mode: enforce, \(wide)") == ["overlap"])
        let narrow = "match: {status: error, workflow: Orders, newer_than: 6h}"
        #expect(ids(orders, "mode: enforce, priority: -100, \(narrow), actions: [retry]") == ["never-owns"])
        let other = "match: {status: error, workflow: [Orders, Imports], newer_than: 6h}, actions: [retry]"
        #expect(ids(orders, "mode: enforce, priority: -100, \(other)").isEmpty)
        #expect(ids(orders, "mode: enforce, priority: 10, \(other)").isEmpty)
        #expect(ids(orders, "mode: enforce, \(other)") == ["overlap"])
        let recent = "mode: enforce, match: {status: error, newer_than: 1h}, actions: [retry: {max_retries: 5}]"
        #expect(ids(recent, "mode: enforce, priority: -1, \(wide)").isEmpty)
    }

    @Test("are no finding where every way of an `any` contradicts what the other one asks for")
    func alternatives() {
        let sheets = "match: {status: error, error: {node_type: [g, h]}}, actions: [retry: {max_retries: 5}]"
        func other(_ last: String) -> String {
            "match: {status: error, any: [error: {node_type: x}, error: {node_type: \(last)}]}, actions: [retry]"
        }
        #expect(ids(sheets, other("y")).isEmpty)
        #expect(ids(sheets, other("h")) == ["overlap"])
    }

    @Test("in dry-run count as well, but for what dry-run cannot keep from what is enforced")
    func dryRun() {
        let wide = "match: {status: error}, actions: [retry]"
        let narrow = "match: {status: error, newer_than: 1h}, actions: [retry: {max_retries: 5}]"
        #expect(ids("mode: dry_run, \(wide)", "mode: dry_run, \(narrow)") == ["never-owns"])
        #expect(ids("mode: enforce, \(wide)", "mode: dry_run, \(narrow)") == ["never-owns"])
        #expect(ids("mode: dry_run, \(wide)", "mode: enforce, \(narrow)") == ["overlap"])
        #expect(ids("mode: \"off\", \(wide)", "mode: enforce, \(narrow)").isEmpty)
    }
}
