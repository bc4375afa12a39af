import MendflowCore
import MendflowCycle
import Testing

@Suite("Data that many executions have alike")
struct SharedEvidenceTests {
    private static func detail(_ message: String, node: String = "Call API", at: Int64) -> ExecutionDetail {
        ExecutionDetail(
            error: ErrorEvidence(
                name: "NodeApiError", message: message, messages: ["503 - \(message)"],
                at: ServerTime(milliseconds: at)),
            lastNode: NodeEvidence(name: node, type: "n8n-nodes-base.httpRequest"))
    }

    @Test("is given back as it came, what differs between two of them included")
    func same() throws {
        var facts = FactStore()
        let now = ServerTime(milliseconds: 1_780_000_000_000)
        let all = (1...5000).map { number in
            Self.detail(number % 2 == 0 ? "The service is unavailable" : "Text \(number) of its own", at: Int64(number))
        }
        for (number, detail) in all.enumerated() { _ = facts.note(detail, of: ExecutionID("\(number)"), at: now) }
        for (number, detail) in all.enumerated() { #expect(facts.details[ExecutionID("\(number)")] == detail) }
    }

    @Test("keeps its bytes where another text is equal and written with other letters")
    func bytes() throws {
        var facts = FactStore()
        let now = ServerTime(milliseconds: 1_780_000_000_000)
        let (composed, apart) = ("caf\u{E9} is closed", "cafe\u{301} is closed")
        #expect(composed == apart)
        for (id, text) in [("1", composed), ("2", apart)] {
            _ = facts.note(Self.detail(text, node: text, at: 0), of: ExecutionID(id), at: now)
        }
        let second = try #require(facts.details["2"])
        #expect(try #require(second.error?.message).utf8.elementsEqual(apart.utf8))
        #expect(try #require(second.error?.messages.first).utf8.elementsEqual("503 - \(apart)".utf8))
        #expect(try #require(second.lastNode?.name).utf8.elementsEqual(apart.utf8))
    }
}
