import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@Suite("What looks like a mistake and is none has no finding")
struct LintTests {
    private func ids(_ policies: String) -> [String] {
        let loaded = load("policies:\n" + policies)
        return (loaded.findings + PolicyAdvice.notes(on: loaded.policies)).map(\.id)
    }

    @Test(
        "as a part of `any` that narrows, and a `not` that leaves something",
        arguments: [
            "status: error, error: {class: [transient, quota]}, not: {error: {class: quota}}",
            "status: error, error: {class: [transient, quota]}, any: [{error: {class: quota}}, {workflow: Orders}]",
            "status: error, not: {all: [{status: error}, {error: {class: quota}}]}",
            "status: error, not: {any: [{workflow: A}, {workflow: B}]}",
            "status: error, not: {custom_data: {kind: x}}, any: [{not: {custom_data: {kind: {ne: x}}}}, {workflow: A}]",
            "status: error, execution_tag: [vip, vop], not: {execution_tag: vip}",
            "status: error, retries: {gte: 1}, not: {retries: {gt: 2}}",
        ])
    func conditions(match: String) {
        #expect(ids("  - {name: p, match: {\(match)}, actions: [retry]}\n") == [])
    }

    @Test("as a stop whose every way tells what is waited for, or does not reach what waits")
    func events() {
        let match = "older_than: 2h, any: [{status: waiting, waiting_for: timer}, {status: running, workflow: A}]"
        #expect(ids("  - {name: p, match: {\(match)}, actions: [stop]}\n") == [])
        let named = "older_than: 2h, status: waiting, waiting_for: [timer, event]"
        #expect(ids("  - {name: p, match: {\(named)}, actions: [stop]}\n") == [])
    }

    @Test("as a retry of what was mended in the workflow since, and of classes that are only excluded")
    func classes() {
        let mended = "{status: error, error: {class: [data, configuration]}}, actions: [retry: {load_workflow: true}]"
        #expect(ids("  - {name: p, match: \(mended)}\n") == [])
        #expect(ids("  - {name: p, match: {status: error, error: {class: {ne: auth}}}, actions: [retry]}\n") == [])
        #expect(
            ids("  - {name: p, match: {status: error, error: {class: auth}}, actions: [tag: [a]]}\n") == [
                "kept-for-ever"
            ])
    }

    @Test("as a policy that keeps something of what several before it own, or comes before them")
    func together() {
        func policies(_ last: String, _ change: String = "") -> String {
            """
              - {name: a, match: {status: error, error: {class: transient}}, actions: [retry]}
              - {name: b, \(change)match: {status: error, error: {class: quota}}, actions: [retry]}
              - {name: c, match: {status: error, error: {class: [transient, quota\(last)]}}, actions: [retry]}

            """
        }
        #expect(ids(policies("")) == ["never-owns"])
        #expect(ids(policies(", timeout")) == [])
        #expect(ids(policies("", "mode: off, ")) == [])
        #expect(ids(policies("", "when: {count: 3, within: 10m}, guards: {max_actions: {amount: 1, per: 1h}}, ")) == [])
    }

    @Test("as a tag that a deleting policy is paired with, by its name or because it deletes whatever is old")
    func tags() {
        func policies(_ match: String) -> String {
            """
              - {name: t, match: {status: error, error: {class: auth}}, actions: [tag: [credential]]}
              - name: d
                match: {status: error, \(match)execution_mode: any, older_than: 90d}
                actions: [delete]
                guards: {max_actions: {amount: 10, per: 1h}}

            """
        }
        #expect(ids(policies("execution_tag: credential, ")) == [])
        #expect(ids(policies("")) == [])
        #expect(ids(policies("execution_tag: other, ")) == ["kept-for-ever"])
        #expect(ids(policies("execution_tag: {ne: credential}, ")) == ["kept-for-ever"])
        #expect(ids(policies("workflow: Orders, ")) == ["kept-for-ever"], "it deletes nothing of other workflows")
    }

    @Test("and the table in the documentation names every finding of this kind")
    func documented() throws {
        let page = try Repository.text("docs/policies.md")
        for file in [
            "PolicyLint", "PolicyLint+Never", "PolicyLint+Reach", "PolicyLint+Ways", "PolicyLint+Absent", "PolicyPairs",
            "PolicyAdvice",
        ] {
            for id in FindingID.ids(in: try Repository.text("Sources/MendflowPolicy/\(file).swift")) {
                #expect(page.contains("`\(id)`"), "\(file): \(id)")
            }
        }
        for id in ["matches-nothing", "dead-branch", "beyond-what-is-kept"] {
            #expect(page.contains("`\(id)`"), "\(id)")
        }
    }
}
