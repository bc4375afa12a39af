import CRE2
import Testing

@Suite("The RE2 binding")
struct RE2BindingTests {
    @Test("matches anywhere in the text, and says what is wrong with a pattern")
    func matching() throws {
        let pattern = try #require(cre2_compile("time.?out", 9, false))
        defer { cre2_free(pattern) }
        #expect(cre2_error(pattern) == nil)
        #expect(cre2_matches(pattern, "request Timed out? no: TIMEOUT", 30))
        #expect(!cre2_matches(pattern, "refused", 7))

        let broken = try #require(cre2_compile("(a", 2, true))
        defer { cre2_free(broken) }
        #expect(String(cString: try #require(cre2_error(broken))).contains("missing"))
    }
}
