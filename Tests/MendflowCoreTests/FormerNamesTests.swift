import MendflowCore
import Testing

@Suite("What policies were called before")
struct FormerNamesTests {
    @Test("leads to what they are called now, unless another policy bears that name since")
    func presentNames() {
        let renamed = policy("new") { $0.renamedFrom = "old" }
        #expect([renamed, policy("other")].presentNames == ["old": "new"])
        #expect([renamed, policy("old")].presentNames.isEmpty)
    }

    private func past(_ name: String, from former: String? = nil, _ version: String? = nil) -> PastPolicy {
        PastPolicy(version: version ?? "\(name) \(former ?? "")", name: name, renamedFrom: former)
    }

    @Test("lead over several renames to the present one, by the texts that came into force in between")
    func chain() {
        let renamed = policy("c") { $0.renamedFrom = "b" }
        let texts = [past("a"), past("b", from: "a"), past("c", from: "b")]
        #expect([renamed].presentNames(texts) == ["a": "c", "b": "c"])
        // A name in the middle that another policy bears by now leads on for what was called otherwise before.
        #expect([renamed, policy("b")].presentNames(texts) == ["a": "c"])
        #expect([policy("other")].presentNames(texts) == [:])
    }

    @Test("lead to a name that was taken up again, whether its policy says so or has the very text that it had")
    func back() {
        let said = policy("a") { $0.renamedFrom = "b" }
        #expect([said].presentNames([past("a"), past("b", from: "a"), past("a", from: "b")]) == ["b": "a"])
        let same = policy("a")
        #expect([same].presentNames([past("a", same.version), past("b", from: "a")]) == ["b": "a"])
        // Another policy with that name is not the one that was renamed.
        #expect([same].presentNames([past("a"), past("b", from: "a")]) == [:])
    }

    @Test("end nowhere where policies were renamed in a circle")
    func circle() {
        #expect([policy("x")].presentNames([past("b", from: "a"), past("a", from: "b")]).isEmpty)
    }
}
