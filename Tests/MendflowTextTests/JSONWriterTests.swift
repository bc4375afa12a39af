import MendflowText
import Testing

@Suite("JSON as it is written")
struct JSONWriterTests {
    func write(_ writer: JSONWriter = JSONWriter(), _ body: (inout JSONWriter) -> Void) -> String {
        var writer = writer
        body(&writer)
        return writer.string
    }

    @Test("keeps the order of members that are written one by one")
    func order() {
        let text = write {
            $0.object {
                $0.member("b", "x")
                $0.key("a")
                $0.list {
                    $0.integer(-7)
                    $0.flag(true)
                    $0.null()
                    $0.list { _ in }
                    $0.object { _ in }
                }
                $0.key("c")
                $0.json(Array(#"{"raw":1}"#.utf8))
            }
        }
        #expect(text == #"{"b":"x","a":[-7,true,null,[],{}],"c":{"raw":1}}"#)
    }

    @Test("sorts the members of a value by their bytes")
    func sorted() {
        // U+FF5E comes before U+1F98A in UTF-8, and behind it in UTF-16.
        let value: JSONValue = .object(["🦊": 1, "～": 2, "a": .object(["z": "", "b": .null])])
        #expect(write { $0.value(value) } == #"{"a":{"b":null,"z":""},"～":2,"🦊":1}"#)
    }

    @Test("is laid out for people: a member a line, lists on one line")
    func indented() {
        let text = write(JSONWriter(.indented)) {
            $0.object {
                $0.key("list")
                $0.list {
                    $0.text("a")
                    $0.object { $0.member("k", "v") }
                }
                $0.key("none")
                $0.object { _ in }
            }
        }
        #expect(
            text == """
                {
                  "list": ["a", {
                    "k": "v"
                  }],
                  "none": {}
                }
                """)
    }

    @Test("escapes what JSON asks for, by a letter where there is one, and for display what turns or hides text")
    func escapes() {
        let text = "\"\\\u{8}\t\n\u{C}\r\u{1}\u{1F}/ü🦊"
        let quoted = #""\"\\\b\t\n\f\r\u0001\u001f/ü🦊""#
        #expect(JSONWriter.quoted(text) == quoted)
        #expect(JSONWriter.quoted(text, escapes: .display) == quoted)
        #expect(JSONWriter.quoted("\u{7F}\u{202E}") == "\"\u{7F}\u{202E}\"")
        #expect(JSONWriter.quoted("\u{7F}\u{202E}", escapes: .display) == #""\u007f\u202e""#)
    }
}

@Suite("Bytes as hexadecimal digits")
struct HexTests {
    @Test("are written in lower case and read in either")
    func bothWays() {
        #expect(Hex.text([0, 15, 0xAB, 255]) == "000fabff")
        #expect(Hex.bytes("000FabFF") == [0, 15, 0xAB, 255])
        #expect(Hex.bytes("") == [])
    }

    @Test("are refused where a digit is missing or is none", arguments: ["abc", "0g", "é0", "0x10"])
    func refused(text: String) {
        #expect(Hex.bytes(text) == nil)
    }
}
