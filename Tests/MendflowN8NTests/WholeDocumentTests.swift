import MendflowText
import Testing

@testable import MendflowN8N

@Suite("A document that is read whole")
struct WholeDocumentTests {
    @Test("keeps everything, fractions and letters as they were sent")
    func whole() {
        let text = #"{"id":1,"a":[null,true,false,-2,1.5,1e2,"e\u0301"],"o":{"":{}},"id":2}"#
        let expected: JSONAny = .object([
            "id": .integer(2),
            "a": .list([
                .null, .flag(true), .flag(false), .integer(-2), .number(1.5), .integer(100), .text("e\u{301}"),
            ]),
            "o": .object(["": .object([:])]),
        ])
        let read = JSONAny.read(Array(text.utf8))
        #expect(read == expected)
        // Equal texts may be spelt in two ways; this one keeps its own.
        guard case .object(let members) = read, case .list(let list) = members["a"], case .text(let last) = list.last
        else {
            Issue.record("no list")
            return
        }
        #expect(Array(last.utf8) == [0x65, 0xCC, 0x81])
    }

    @Test(
        "is none where it is no JSON, or a number is beyond any",
        arguments: ["", "{", "[1,]", "{} {}", "nul", "1e999", #"{"a":1e999}"#, "\"a"])
    func broken(_ text: String) {
        #expect(JSONAny.read(Array(text.utf8)) == nil)
    }

    @Test("may be a single value", arguments: ["7", "\"a\"", "null"])
    func single(_ text: String) {
        #expect(JSONAny.read(Array(text.utf8)) != nil)
    }
}
