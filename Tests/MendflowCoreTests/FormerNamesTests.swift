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
}
