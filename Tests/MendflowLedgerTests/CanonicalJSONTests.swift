import MendflowCore
import MendflowLedger
import MendflowText
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    static let vectors: [(JSONValue, String)] = [
        (.null, "null"), (true, "true"), (false, "false"), (0, "0"), (-1, "-1"),
        (.integer(.max), "9223372036854775807"), (.integer(.min), "-9223372036854775808"),
        ("", #""""#), ("a/b", #""a/b""#), (#"say "no\""#, #""say \"no\\\"""#),
        ("\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}", #""\b\t\n\f\r\u0000\u001f"# + "\u{7F}\""),
        ("Grüße 🦊", "\"Grüße 🦊\""), (.list([]), "[]"), (.object([:]), "{}"),
        (.list([1, "a", .null]), #"[1,"a",null]"#),
        (.object(["b": 1, "a": .object(["d": true, "c": .list([])])]), #"{"a":{"c":[],"d":true},"b":1}"#),
        // U+FF61 before U+1F600 in UTF-8; in UTF-16 it would be after it.
        (.object(["\u{1F600}": 1, "\u{FF61}": 2, "z": 3, "A": 4]), "{\"A\":4,\"z\":3,\"\u{FF61}\":2,\"\u{1F600}\":1}"),
        // Decomposed and composed letters are other bytes, and are kept as they came.
        ("e\u{301}", "\"e\u{301}\""),
    ]

    @Test("writes each value in one way, and reads it back", arguments: vectors)
    func vector(value: JSONValue, text: String) throws {
        #expect(CanonicalJSON.encode(value) == Array(text.utf8))
        let back = try CanonicalJSON.decode(Array(text.utf8))
        #expect(back == value)
        #expect(CanonicalJSON.encode(back) == Array(text.utf8))
    }

    @Test(
        "refuses every other spelling",
        arguments: [
            "", " 1", "1 ", "01", "-0", "+1", "1.0", "1e3", "9223372036854775808", "-", "tru", "nul", "True",
            #"{"b":1,"a":2}"#, #"{"a":1,"a":1}"#, #"{"a": 1}"#, #"{"a":1,}"#, #"{"a"}"#, #"{a:1}"#, "{", "[1,]",
            "[1 ,2]",
            "[", #"""#, #""\u0041""#, #""\u001F""#, #""\u000a""#, #""\/""#, #""\u00""#, #""\x""#, "\"\n\"", "1 2",
            "{\"e\u{301}\":1,\"\u{E9}\":1}",
        ])
    func refused(text: String) {
        #expect(throws: CanonicalJSONError.self) { try CanonicalJSON.decode(Array(text.utf8)) }
    }

    @Test("reads nothing but what it would write, whatever bytes are changed", arguments: vectors)
    func everyChange(value: JSONValue, text: String) {
        let bytes = Array(text.utf8)
        let others = Array(#""\/{}[]:,-0123456789abtnfrule "#.utf8) + [0x00, 0x1F, 0x80, 0xC3]
        for place in bytes.indices {
            for other in others {
                for changed in [
                    bytes[..<place] + [other] + bytes[(place + 1)...], bytes[..<place] + [other] + bytes[place...],
                    bytes[..<place] + bytes[(place + 1)...],
                ] {
                    guard let read = try? CanonicalJSON.decode(Array(changed)) else { continue }
                    #expect(CanonicalJSON.encode(read) == Array(changed))
                }
            }
        }
    }

    @Test("reads keys with escapes in the order of what they say")
    func escapedKeys() throws {
        let keys = ["\u{1}", "\t", "\"", "a\"", "a#", "a\\", "\\", "~"]
        let all = JSONValue.object(JSONObject(keys.map { ($0, .null) }))
        #expect(try CanonicalJSON.decode(CanonicalJSON.encode(all)) == all)
        #expect(throws: CanonicalJSONError.self) { try CanonicalJSON.decode(Array(##"{"#":1,"\"":2}"##.utf8)) }
    }

    @Test("refuses bytes that are no UTF-8, and says where")
    func invalidUTF8() {
        let error = #expect(throws: CanonicalJSONError.self) {
            try CanonicalJSON.decode([0x5B, 0x22, 0xC3, 0x28, 0x22, 0x5D])
        }
        #expect(error?.offset == 1)
    }

    @Test("refuses deep nesting instead of running out of stack")
    func depth() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: CanonicalJSONError.self) { try CanonicalJSON.decode(deep) }
        let allowed = String(repeating: "[", count: 201) + String(repeating: "]", count: 201)
        #expect(throws: Never.self) { try CanonicalJSON.decode(Array(allowed.utf8)) }
        #expect(throws: CanonicalJSONError.self) { try CanonicalJSON.decode(Array("[\(allowed)]".utf8)) }
    }
}

@Suite("A canonical record")
struct CanonicalRecordTests {
    static let full = AuditRecord(
        .outcome, instance: InstanceKey(name: "production", epoch: 2), at: AgentTime(milliseconds: 1_700_000_000_123),
        execution: "4711", root: "4700", policy: "retry-order-sync", fields: ["reason": "due", "attempt": 2])

    @Test("has these bytes, which can never be changed again")
    func bytes() {
        let text = #"""
            {"at":1700000000123,"epoch":2,"execution":"4711","fields":{"attempt":2,"reason":"due"},"instance":"production",\#
            "kind":"outcome","policy":"retry-order-sync","root":"4700","sequence":7,"v":2}
            """#
        #expect(CanonicalRecord(sequence: 7, record: Self.full).bytes == Array(text.utf8))
        let bare = AuditRecord(.lifecycle, instance: nil, at: AgentTime(milliseconds: -5))
        #expect(
            CanonicalRecord(sequence: 1, record: bare).bytes
                == Array(#"{"at":-5,"fields":{},"kind":"lifecycle","sequence":1,"v":2}"#.utf8))
    }

    @Test("is read back as it was", arguments: AuditKind.allCases)
    func roundTrip(kind: AuditKind) throws {
        var record = Self.full
        record.kind = kind
        let numbered = CanonicalRecord(sequence: .max, record: record)
        #expect(try CanonicalRecord(bytes: numbered.bytes) == numbered)
    }

    @Test(
        "is refused with a key too many, too few or of another version",
        arguments: [
            #"{"at":-5,"fields":{},"kind":"lifecycle","sequence":1,"v":1}"#,
            #"{"at":-5,"fields":{},"kind":"lifecycle","sequence":1}"#,
            #"{"at":-5,"fields":{},"kind":"lifecycle","sequence":1,"v":2,"x":1}"#,
            #"{"at":-5,"fields":{},"kind":"party","sequence":1,"v":2}"#,
            #"{"at":-5,"fields":{},"instance":"a","kind":"lifecycle","sequence":1,"v":2}"#,
            #"{"at":-5,"epoch":1,"fields":{},"kind":"lifecycle","sequence":1,"v":2}"#,
            #"{"at":-5,"fields":{},"kind":"lifecycle","root":null,"sequence":1,"v":2}"#,
            #"{"fields":{},"kind":"lifecycle","sequence":1,"v":2}"#, "[]",
        ])
    func refused(text: String) {
        #expect(throws: CanonicalJSONError.self) { try CanonicalRecord(bytes: Array(text.utf8)) }
    }
}

@Suite("SHA-256")
struct SHA256Tests {
    @Test("agrees with FIPS 180-4")
    func vectors() {
        #expect(
            SHA256.hex(of: "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.hex(of: "") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Hex.text(SHA256.digest(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }
}
