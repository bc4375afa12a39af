import MendflowCore
import MendflowReview
import Testing

@testable import MendflowCommands

@Suite("An explanation for others")
struct EvidenceBundleTests {
    private func bundle(_ change: (inout Snapshot) -> Void = { _ in }) throws -> String {
        var snapshot = FixedWorld.snapshot
        change(&snapshot)
        return EvidenceBundle.text(try #require(FixedWorld.explanation("105", in: snapshot)))
    }

    @Test("tells what decides, and neither hosts nor addresses nor secrets")
    func scrubbed() throws {
        let text = try bundle { snapshot in
            snapshot.details["105"]?.error?.message =
                "getaddrinfo ENOTFOUND api.shop.example: ask ops@shop.example about 10.0.0.7, password=hunter2secret"
        }
        #expect(text.hasPrefix("### mendflow explain 105\n\nmendflow "))
        #expect(
            text.contains("Nearest miss: retry-orders would match but for this: wanted \"workflow.name is Order sync\"")
        )
        for secret in ["shop.example", "n8n.example.com", "ops@", "10.0.0.7", "hunter2secret"] {
            #expect(!text.contains(secret), "\(secret): \(text)")
        }
        #expect(text.contains("ENOTFOUND host") && text.contains("ask (address) about (address)"), "\(text)")
        #expect(text.contains("policies/orders.yaml:2:5"), "places are no hosts")
    }

    @Test(
        "knows a host that does not look like one, and a field of conditions that does",
        arguments: [
            ("getaddrinfo ENOTFOUND db-prod", "getaddrinfo ENOTFOUND host1.example"),
            ("connect ECONNREFUSED 10.0.0.7:5432", "connect ECONNREFUSED (address):5432"),
            ("connect ECONNREFUSED ::1:5432", "connect ECONNREFUSED (address)"),
            ("connect EHOSTUNREACH fe80:0:0:0:1:2:3:4", "connect EHOSTUNREACH (address)"),
            ("workflow.name at 2026-05-04T12:00:00.000Z", "workflow.name at 2026-05-04T12:00:00.000Z"),
            ("at shop.example/a/b?c=d and shop.example:80", "at host1.example/... and host1.example:80"),
            ("mailto:ops@shop.example", "(address)"),
        ])
    func hosts(text: String, shown: String) {
        var scrubbed = PublicText()
        scrubbed.learn(text)
        #expect(scrubbed.scrub(text) == shown)
    }

    @Test("names files without their folders, and tells policies as a list that can be read again")
    func files() throws {
        var found = try #require(FixedWorld.explanation("105"))
        found.policies[0].place.file = "/home/jane.doe/mendflow/policies/orders.yaml"
        found.policies[0].text = "name: retry-orders\n      match:\n        status: error\n\n      actions: [retry]"
        let text = EvidenceBundle.text(found)
        #expect(text.contains("(enforce, orders.yaml:2:5)") && !text.contains("jane"), "\(text)")
        #expect(text.contains("- name: retry-orders\n  match:\n    status: error\n\n  actions: [retry]\n"), "\(text)")
    }

    @Test("ends where it says so, whatever stands in it")
    func fences() throws {
        var found = try #require(FixedWorld.explanation("105"))
        found.policies[0].text = "name: retry-orders\n~~~\n~~~~\n  description: two"
        let lines = EvidenceBundle.text(found).split(separator: "\n")
        #expect(lines.count { $0 == "~~~~~yaml" } == 1 && lines.count { $0 == "~~~~~" } == 1, "\(lines)")
    }

    @Test("does not tell what a workflow noted")
    func notes() throws {
        let noted = Condition.test(FieldTest(.customData("customer"), [.anyOf([.wildcard("Mrs Smith")])]))
        var found = try #require(FixedWorld.explanation("105"))
        let tree = ConditionTree.trace(noted, Noted())
        found.policies[0].tree = tree
        found.policies[0].missed = tree.missed
        found.nearestMiss?.missed = tree.missed
        found.policies[0].text = "name: retry-orders\n  match: {custom_data: {customer: Mrs Smith}}"
        let text = EvidenceBundle.text(found)
        #expect(!text.contains("Smith") && !text.contains("Miller"), "\(text)")
        #expect(text.contains("custom_data.customer: not shown"))
        #expect(text.contains("# retry-orders is left out: it looks at custom_data"), "\(text)")
    }

    private struct Noted: FactSource {
        func fact(_ field: Field) -> Fact<FieldValue> { .known(.text("Mr Miller")) }
    }
}
