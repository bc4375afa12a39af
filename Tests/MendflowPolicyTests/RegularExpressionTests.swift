import MendflowPolicy
import Testing

@Suite("Regular expressions")
struct RegularExpressionTests {
    @Test("match anywhere, by Unicode characters, with or without case")
    func matching() throws {
        #expect(try RegularExpression("time.?out").matches("the request timed out: timeout"))
        #expect(try !RegularExpression("^out").matches("timeout"))
        #expect(try RegularExpression("^caf.$").matches("café"))
        #expect(try !RegularExpression("TIMEOUT").matches("timeout"))
        #expect(try RegularExpression("TIMEOUT", caseSensitive: false).matches("timeout"))
        #expect(try RegularExpression("").matches(""))
        #expect(try RegularExpression("b\u{0}c").matches("ab\u{0}cd"))
    }

    @Test("match parts of a text without what stands around them")
    func substrings() throws {
        #expect(try RegularExpression("^bc$").matches("abcd".dropFirst().dropLast()))
    }

    @Test(
        "say what is wrong with a pattern",
        arguments: ["(a", "[", "a**", "(?=x)", "\\1", "x{2,1}", "(((a{100}){100}){100})"])
    func invalid(source: String) {
        let error = #expect(throws: RegularExpressionError.self) { try RegularExpression(source) }
        #expect(error?.source == source)
        #expect(error?.reason.isEmpty == false)
    }

    @Test("look at the first 64 KiB of a text")
    func cap() throws {
        let needle = try RegularExpression("needle$")
        let fill = String(repeating: "é", count: (RegularExpression.inputLimit - 6) / 2)
        #expect(needle.matches(fill + "needle"))
        #expect(needle.matches(fill + "needle" + "beyond"))
        #expect(!needle.matches(fill + "xneedle"))
    }

    @Test("take no time worth mentioning where backtracking would take for ever")
    func linear() throws {
        let text = String(repeating: "a", count: 10_000)
        #expect(try !RegularExpression("(a*)*(a|aa)*(a+)+$x").matches(text))
    }

    @Test("are equal by source and case")
    func equality() throws {
        #expect(try RegularExpression("a") == RegularExpression("a"))
        #expect(try RegularExpression("a") != RegularExpression("a", caseSensitive: false))
        #expect(try RegularExpression("a") != RegularExpression("b"))
    }

    @Test("can be used by many tasks at once")
    func concurrency() async throws {
        let pattern = try RegularExpression("x[0-9]+y")
        let matches = await withTaskGroup { group in
            for number in 0..<200 { group.addTask { pattern.matches("ax\(number)y") } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(matches == 200)
    }
}
