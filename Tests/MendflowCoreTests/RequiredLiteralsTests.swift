import Testing

@testable import MendflowCore

@Suite("Literals that a pattern requires")
struct RequiredLiteralsTests {
    @Test(
        "are read off its source, in small letters, the most telling of a sequence",
        arguments: [
            ("socket hang up", ["socket hang up"]), ("(?i:PerDay|tokens per day)", ["perday", "tokens per day"]),
            ("\\bECONNRESET\\b", ["econnreset"]), ("timeout of \\d+ ?ms exceeded", ["timeout of "]),
            ("^(?:52[0-7]) - |status code (?:52[0-7])\\b", [" - ", "status code "]),
            ("grant .*(?:invalid|expired)", ["invalid", "expired"]),
            ("Failed to parse\\. Text:", ["failed to parse. text:"]),
            ("colou?r of money", ["r of money"]), ("(?P<a>one|two) of", ["one", "two"]), ("abc+def", ["abc"]),
        ])
    func told(pattern: String, literals: [String]) {
        #expect(RequiredLiterals.of(pattern) == literals.map { Array($0.utf8) })
    }

    @Test(
        "are none where a text may match without them, or the pattern is not understood",
        arguments: [
            "", "ab", "abc|", "abc|de", "(?:abc)?", "(?:abc)*", ".*", "\\d\\d\\d", "a{3}bcdef", "\\Qabc\\E",
            "[[:alpha:]]abc",
            "(?i)abc", "größe", "(?<a>abc)", "[abc", "(abc", "abc)",
        ])
    func untold(pattern: String) {
        #expect(RequiredLiterals.of(pattern) == nil)
    }
}
