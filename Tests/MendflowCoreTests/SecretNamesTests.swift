import FoundationEssentials
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowCore

/// The rules for telling names as one reads them, word by word: slow, and what the automaton must agree with.
private enum ReadSlowly {
    static func kind(of word: [UInt8], isInQuery: Bool, isQualified: Bool) -> SecretName {
        guard (2...64).contains(word.count) else { return .none }
        let letters = word.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
        let name = String(decoding: letters, as: UTF8.self).lowercased()
        if SecretWords.schemes.contains(name) { return .scheme }
        if let index = SecretWords.commands.lastIndex(where: { $0.name == name }) { return .command(index) }
        if SecretWords.headers.contains(where: { name.hasSuffix($0) }) { return .header }
        if SecretWords.parts.contains(where: { name.contains($0) }) { return .value }
        if SecretWords.lastParts.contains(where: { name.hasSuffix($0) }) { return .value }
        if SecretWords.whole.contains(name) { return .value }
        if name == "code" { return .code }
        if let weak = SecretWords.weak.first(where: { $0.0 == name }) { return .weak(least: weak.1) }
        if name == "auth", !isInQuery { return .weak(least: 16) }
        if name == "key" || name == "passe", isQualified { return .value }
        if isInQuery, ["key", "passe", "auth"].contains(name) { return .value }
        return name.hasSuffix("session") ? .weak(least: 20) : .none
    }
}

@Suite("Telling names")
struct SecretNamesTests {
    private func expectSame(_ word: [UInt8]) {
        for (isInQuery, isQualified) in [(false, false), (false, true), (true, false)] {
            let found = SecretNames.known.kind(of: word[...], isInQuery: isInQuery) { isQualified }
            let wanted = ReadSlowly.kind(of: word, isInQuery: isInQuery, isQualified: isQualified)
            #expect(found == wanted, "\(String(decoding: word, as: UTF8.self))")
        }
    }

    @Test("are the same to the automaton as to the rules, in all words that n8n was recorded to say")
    func recordedWords() throws {
        var words: Set<[UInt8]> = []
        for server in ["n8n-2.41.1", "n8n-2.35.7", "n8n-2.27.5"] {
            let text = try Repository.bytes("Tests/Fixtures/recordings/\(server)/recordings.jsonl")
            for word in text.split(whereSeparator: { !SecretScrubber.isWord($0) }) { words.insert(Array(word)) }
        }
        #expect(words.count > 1000)
        for word in words { expectSame(word) }
    }

    @Test("and in words made of the names' own pieces")
    func randomWords() {
        let pieces = [
            "pass", "word", "wd", "phrase", "secret", "api", "key", "access", "private", "encryption", "sign", "ature",
            "token", "author", "ization", "auth", "cookie", "coo", "bearer", "basic", "pwd", "sig", "session", "id",
            "jwt", "code", "sid", "pass", "db", "nonce", "response", "s", "se", "p", "k", "x", "1", "_", "-", "--",
            "KEY", "Token", "sigsig", "bearbearer",
        ].map { Array($0.utf8) }
        var generator = SplitMix64(seed: 12)
        for _ in 0..<6000 {
            var word: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                word += pieces[Int.random(in: 0..<pieces.count, using: &generator)]
            }
            if Int.random(in: 0..<4, using: &generator) == 0 {
                word[Int.random(in: 0..<word.count, using: &generator)] ^= 0x20
            }
            expectSame(word.filter(SecretScrubber.isWord))
        }
    }
}
