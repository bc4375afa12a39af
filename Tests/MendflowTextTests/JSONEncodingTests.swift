import MendflowText
import Testing

@Suite("Values as JSON")
struct JSONEncodingTests {
    private struct Report: Encodable {
        enum Level: String, Encodable { case ok, wrong }
        struct Part: Encodable {
            var name: String
            var share: Double
        }
        var clockOffset = 7
        var httpURLText = "a/b"
        var nothing: String?
        var level = Level.wrong
        var parts = [Part(name: "x", share: 0.25), Part(name: "y", share: 1)]
        var byWorkflow = ["Order Sync": 2, "aB": 1]
        var empty: [Int] = []
    }

    /// A value that puts its members beside those of another one, as an object with a version does.
    private struct Beside: Encodable {
        private enum Key: String, CodingKey { case version, children, rest }
        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: Key.self)
            try members.encode(1, forKey: .version)
            var children = members.nestedUnkeyedContainer(forKey: .children)
            try children.encode("one")
            try children.encodeNil()
            var inner = children.nestedContainer(keyedBy: Key.self)
            try inner.encode(children.count, forKey: .rest)
            try Report().encode(to: encoder)
        }
    }

    @Test("have their members in order, names in snake case, and no member without a value")
    func compact() throws {
        let text = try JSONEncoding(.compact, keys: .snakeCase).text(of: Report())
        #expect(
            text
                == #"{"by_workflow":{"Order Sync":2,"aB":1},"clock_offset":7,"empty":[],"http_url_text":"a/b","#
                + #""level":"wrong","parts":[{"name":"x","share":0.25},{"name":"y","share":1}]}"#)
    }

    @Test("keep names as they are where the format is somebody else's")
    func declared() throws {
        let text = try JSONEncoding(.compact).text(of: Report())
        #expect(text.contains(#""clockOffset":7"#) && text.contains(#""httpURLText":"a/b""#))
    }

    @Test("have a member and an element a line where people read them")
    func spread() throws {
        struct Small: Encodable {
            var names = ["a", "b"]
            var none: [String] = []
            var members = ["k": true]
        }
        #expect(
            try JSONEncoding(.spread).text(of: Small()) == """
                {
                  "members" : {
                    "k" : true
                  },
                  "names" : [
                    "a",
                    "b"
                  ],
                  "none" : [

                  ]
                }
                """)
    }

    @Test("may put members beside those of another value")
    func beside() throws {
        let text = try JSONEncoding(.compact, keys: .snakeCase).text(of: Beside())
        #expect(text.hasPrefix(#"{"by_workflow":"#) && text.hasSuffix(#""version":1}"#))
        #expect(text.contains(#""children":["one",null,{"rest":3}]"#))
    }

    @Test("show what their texts hide")
    func hidden() throws {
        #expect(
            try JSONEncoding(.compact).text(of: ["a\u{200B}\u{1B}\"\\\u{7F}\n"]) == #"["a\u200b\u001b\"\\\u007f\n"]"#)
    }

    @Test(
        "spell numbers so that they are read as the same ones",
        arguments: [0.1, -0.0, 1e-7, 1e300, .leastNonzeroMagnitude, 123.0])
    func numbers(_ number: Double) throws {
        let spelling = try JSONEncoding(.compact).text(of: [number]).dropFirst().dropLast()
        #expect(Double(spelling) == number)
        #expect(!spelling.hasSuffix(".0"))
    }

    @Test("are refused where JSON has no word for a number", arguments: [Double.infinity, .nan])
    func unspeakable(_ number: Double) {
        #expect(throws: EncodingError.self) { try JSONEncoding(.compact).text(of: ["rate": number]) }
    }
}
