import MendflowYAML
import Testing

@Suite("The kinds of scalars")
struct YAMLKindTests {
    @Test(
        "are YAML 1.2's",
        arguments: [
            ("true", YAMLKind.boolean), ("false", .boolean), ("True", .string), ("yes", .string), ("no", .string),
            ("on", .string), ("off", .string), ("~", .null), ("null", .null), ("'null'", .string), ("'true'", .string),
            ("12", .integer), ("-12", .integer), ("+3", .integer), ("0x1F", .integer), ("0x", .string),
            ("0o17", .integer), ("0o18", .string), ("007", .integer), ("1.5", .number), (".5", .number),
            ("1.", .number),
            ("1e3", .number), ("1e", .string), ("1.5.2", .string), ("-", .string), ("+.", .string), ("1_000", .string),
            ("1h", .string), ("2024-01-01", .string), (".inf", .string), (".nan", .string), ("\"3\"", .string),
            ("[]", .sequence), ("{}", .mapping), ("99999999999999999999", .integer),
        ])
    func kinds(text: String, kind: YAMLKind) throws {
        // A bare `-` is text inside a flow list only where nothing follows, so it is given as the value it would be.
        let node =
            text == "-"
            ? YAMLNode(.scalar(YAMLScalar("-")), range: SourceRange(at: .start)) : read("a: \(text)\n").root?["a"]
        #expect(try #require(node).kind == kind)
    }

    @Test("give their values, and nil for another kind")
    func values() {
        func node(_ text: String) -> YAMLNode { YAMLNode(.scalar(YAMLScalar(text)), range: SourceRange(at: .start)) }
        #expect(node("0x1F").integer == 31)
        #expect(node("0o17").integer == 15)
        #expect(node("-12").integer == -12)
        #expect(node("007").integer == 7)
        #expect(node("99999999999999999999").integer == nil)
        #expect(node("99999999999999999999").number == 1e20)
        #expect(node("1.5e1").number == 15)
        #expect(node("3").number == 3)
        #expect(node("1e999").number == nil)
        #expect(node("true").boolean == true)
        #expect(node("off").boolean == nil)
        #expect(node("off").string == "off")
        #expect(node("3").string == nil)
        #expect(node("").isNull)
    }
}
