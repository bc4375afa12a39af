import Testing

@testable import MendflowText

@Suite("The nearest spelling")
struct SpellingTests {
    @Test(
        "forgives case, separators and a few slips, and no more",
        arguments: [
            ("maxRetries", "max_retries"), ("MAX-RETRIES", "max_retries"), ("mach", "match"), ("macth", "match"),
            ("statsu", "status"), ("retires", "retries"), ("older_then", "older_than"), ("x", nil), ("banana", nil),
            ("", nil), ("st", nil),
        ] as [(String, String?)])
    func words(word: String, expected: String?) {
        let keys = ["status", "match", "max_retries", "retries", "older_than", "newer_than"]
        #expect(Spelling.nearest(to: word, among: keys) == expected)
    }

    @Test("is the closest, not the first; a short word is not stretched to fit")
    func closest() {
        #expect(Spelling.nearest(to: "cancled", among: ["cancelled", "canceled"]) == "canceled")
        #expect(Spelling.nearest(to: "ab", among: ["xy", "b"]) == nil)
        #expect(Spelling.nearest(to: "PLAN", among: ["plan"]) == "plan")
    }

    @Test("of a beginning is the only word that begins so")
    func begun() {
        #expect(Spelling.begun(by: "pol", among: ["policies", "plan"]) == "policies")
        #expect(Spelling.begun(by: "pl", among: ["plan", "play"]) == nil)
        #expect(Spelling.begun(by: "p", among: ["plan"]) == nil)
    }

    @Test(
        "counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "abc", 3), ("abc", "abc", 0), ("acb", "abc", 1), ("ab", "abc", 1), ("xbc", "abc", 1),
            ("kitten", "sitting", 3),
        ])
    func distance(source: String, target: String, wanted: Int) {
        let (source, target) = (Array(source.unicodeScalars), Array(target.unicodeScalars))
        #expect(Spelling.distance(source, target) == wanted)
        #expect(Spelling.distance(target, source) == wanted)
    }

    @Test("a user's word stands in backticks, cut where it is long")
    func backticks() {
        #expect("a b".inBackticks == "`a b`")
        #expect(String(repeating: "x", count: 61).inBackticks == "`\(String(repeating: "x", count: 60))…`")
    }
}
