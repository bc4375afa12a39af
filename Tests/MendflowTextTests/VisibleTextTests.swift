import MendflowText
import Testing

@Suite("Texts of strangers")
struct VisibleTextTests {
    /// What shows nothing, or turns or breaks what stands around it.
    static let hidden: [Unicode.Scalar] = [
        "\u{0}", "\u{1B}", "\u{7F}", "\u{80}", "\u{9B}", "\u{9F}", "\u{AD}", "\u{34F}", "\u{61C}", "\u{115F}",
        "\u{180E}", "\u{200B}", "\u{200C}", "\u{200D}", "\u{200E}", "\u{200F}", "\u{2028}", "\u{2029}", "\u{202A}",
        "\u{202B}", "\u{202C}", "\u{202D}", "\u{202E}", "\u{2060}", "\u{2061}", "\u{2062}", "\u{2063}", "\u{2064}",
        "\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}", "\u{206F}", "\u{2800}", "\u{3164}", "\u{FE00}", "\u{FEFF}",
        "\u{FFA0}",
        "\u{FFF9}", "\u{1D173}", "\u{E0001}", "\u{E0020}", "\u{E0041}", "\u{E007F}", "\u{E0100}",
    ]

    @Test("show every character that shows nothing by itself, in text and in JSON", arguments: hidden)
    func spelt(mark: Unicode.Scalar) {
        let (text, hex) = ("a\(mark)b", String(mark.value, radix: 16))
        let word = "a\\u{\(hex.count < 2 ? "0" + hex : hex)}b"
        #expect(VisibleText.line(text) == word)
        #expect(VisibleText.block(text) == word)
        let json = VisibleText.json(text)
        #expect(json.utf8.allSatisfy { (0x20...0x7E).contains($0) } && json.hasPrefix("a\\u") && json.hasSuffix("b"))
    }

    @Test("stay as they are where they can be seen, emoji with their selector included")
    func plain() {
        for text in ["Order sync", "Größe ÄÖÜ", "注文の同期", "e\u{301}", "🦊 👍🏽", "❤\u{FE0F} ok", "a\u{A0}b", ""] {
            #expect(VisibleText.line(text) == text)
            #expect(VisibleText.json(text) == text)
        }
    }

    @Test("tell an emoji's selector behind anything else, and joiners in emoji and letters")
    func selectors() {
        #expect(VisibleText.line("1\u{FE0F}") == #"1\u{fe0f}"#)
        #expect(VisibleText.line("\u{FE0F}x") == #"\u{fe0f}x"#)
        #expect(VisibleText.line("❤\u{FE0F}\u{FE0F}") == "❤\u{FE0F}" + #"\u{fe0f}"#)
        #expect(VisibleText.line("👨\u{200D}👩") == #"👨\u{200d}👩"#)
    }

    @Test("are one line, or keep their breaks and tabs")
    func breaks() {
        #expect(VisibleText.line("a\r\n\tb") == #"a\r\n\tb"#)
        #expect(VisibleText.block("a\n\tb\r") == "a\n\tb\\r")
    }

    @Test("keep their value as JSON, in which a character beyond the first plane is a pair")
    func json() {
        #expect(
            VisibleText.json("{\n  \"a\u{E0041}\": \"\u{200B}\\n\"\n}") == #"{"# + "\n  "
                + #""a\udb40\udc41": "\u200b\n""# + "\n}")
    }
}

@Suite("JSON in which nothing is hidden")
struct HiddenInJSONTests {
    @Test("is turned back into what it was, byte for byte", arguments: VisibleTextTests.hidden)
    func back(mark: Unicode.Scalar) {
        // What looks like an escape and is none stays; control characters are escaped in any JSON.
        let text = mark.value < 0x20 ? "a" : "a\(mark)b"
        let json = JSONWriter.quoted(text + #" \u200b \\u{200b} "#)
        #expect(VisibleText.unspelt(json: Array(VisibleText.json(json).utf8)) == Array(json.utf8))
    }

    @Test("leaves escapes that are no spelling of its own, also where they are cut off or half a pair")
    func others() {
        for json in [#""\n\u001f\\""#, #""\u12"#, #"\"#, ""] {
            #expect(VisibleText.unspelt(json: Array(json.utf8)) == Array(json.utf8))
        }
        #expect(VisibleText.unspelt(json: Array(#""\udb40x""#.utf8)) == Array("\"\u{FFFD}x\"".utf8))
    }

    @Test("is what is written for display, beyond the first plane too", arguments: VisibleTextTests.hidden)
    func display(mark: Unicode.Scalar) {
        let shown = JSONWriter.quoted("a\(mark)b", escapes: .display)
        #expect(shown.utf8.allSatisfy { (0x20...0x7E).contains($0) } && shown.hasPrefix(#""a\u"#), "\(shown)")
    }
}

@Suite("Columns of a terminal")
struct DisplayWidthTests {
    @Test(
        "are counted by what is drawn: wide letters take two, marks over others none",
        arguments: [
            ("Order", 5), ("Größe", 5), ("e\u{301}", 1), ("注文", 4), ("🦊", 2), ("ｱ", 1), ("한글", 4), ("", 0), ("★", 1),
            ("⌚", 2), ("\u{E01}\u{E33}\u{E34}", 2),
        ])
    func columns(text: String, columns: Int) { #expect(DisplayWidth.columns(text) == columns) }
}
