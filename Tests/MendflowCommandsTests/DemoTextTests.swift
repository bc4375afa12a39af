import Testing

@testable import MendflowCommands

@Suite("The demo's words")
struct DemoTextTests {
    @Test("say in five sentences what will happen, each on a line of its own, and where it is written")
    func beginning() {
        let lines = DemoText.beginning(seconds: 60, folder: "/tmp/demo").split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.allSatisfy { $0.hasSuffix(".") && !$0.contains(". ") })
        #expect(lines.first?.contains("/tmp/demo") == true)
    }
}
