import FoundationEssentials
import MendflowCore
import MendflowHTTP
import MendflowText
import Testing

@testable import MendflowN8N

@Suite("Secrets of our own")
struct OwnSecretsTests {
    /// Like no token, so that nothing but its value tells.
    private static let secret = "korrekt/pferd+batterie \"klammer\""
    private let own = OwnSecrets([OwnSecretsTests.secret])

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// The ways in which it is echoed.
    private static let echoes: [String] = [
        secret, "korrekt%2Fpferd%2Bbatterie%20%22klammer%22", "korrekt%2fpferd%2bbatterie%20%22klammer%22",
        #"korrekt\/pferd+batterie \"klammer\""#, base64(secret), base64("u:" + secret), base64("me:" + secret),
        base64("abc" + secret + "x"), base64("ab" + secret).replacing("+", with: "-").replacing("/", with: "_"),
        "korrekt%252Fpferd%252Bbatterie%2520%2522klammer%2522", "korrekt%2525252Fpferd+batterie %22klammer%22",
        "korrekt/pferd%2Bbatterie+%22klammer%22", "%6B%6f%72rekt/pferd+batterie \"klammer\"",
        "korrekt&#x2F;pferd&#43;batterie&nbsp;&quot;klammer&#34;",
        "korrekt&sol;pferd&plus;batterie &quot;klammer&quot;",
        "korrekt&amp;#x2f;pferd+batterie &amp;quot;klammer&amp;quot;",
        #"korrekt\u002fpferd\u002Bbatterie\u0020\"klammer\""#, #"korrekt\\\/pferd+batterie \\\"klammer\\\""#,
        #"korrekt\x2fpferd\x2bbatterie \x22klammer\x22"#, "korrekt%5C%2Fpferd%2Bbatterie %5C%22klammer%5C%22",
        secret.uppercased(), "KORREKT%2FPFERD%2BBATTERIE%20%22KLAMMER%22", hex(secret), hex(secret).uppercased(),
        hex("me:" + secret), base64(secret).replacing("=", with: ""),
        base64("u:" + secret).replacing("=", with: "%3D").replacing("+", with: "%2B").replacing("/", with: "%2F"),
    ]

    private static func hex(_ text: String) -> String {
        text.utf8.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
    }

    @Test("are found by their value, as URLs, JSON and Base64 write them too", arguments: echoes)
    func found(echo: String) {
        let text = own.removed(from: "the server said <\(echo)> and went on")
        #expect(text.hasPrefix("the server said <") && text.hasSuffix("> and went on") && text.contains("[redacted]"))
        #expect(text == "the server said <[redacted]> and went on")
    }

    /// A key like n8n's, and its pieces: where it was cut, in front or behind, or in both places.
    @Test("are found in pieces of twelve bytes and more", arguments: 12...40)
    func pieces(length: Int) {
        let key = Array("Zk3yQp9sVb7nXw2mRt5cLd8fGh1jKa4eUi6oTz0P")
        let own = OwnSecrets([String(key)])
        for start in 0...key.count - length {
            let piece = String(key[start..<start + length])
            #expect(own.removed(from: "<\(piece)>") == "<[redacted]>")
            #expect(own.removed(from: "<\(piece.lowercased()), \(piece)>") == "<[redacted], [redacted]>")
        }
    }

    @Test("leave nothing behind in Base64, at whichever place it begins and however it is cut", arguments: 0...5)
    func base64Ends(before: Int) {
        let key = "Zk3y/+sec=Zebra#99x"
        let own = OwnSecrets([key])
        for after in 0...3 {
            let around = String(repeating: "q", count: before) + key + String(repeating: "r", count: after)
            let digits = Self.base64(around)
            for echo in [
                digits, digits.replacing("=", with: ""), digits.lowercased(), digits.replacing("/", with: "_"),
            ] {
                let clean = own.removed(from: "got \(echo), sorry")
                #expect(clean == "got [redacted], sorry", "\(echo)")
            }
            #expect(own.removed(from: "got \(digits.prefix(24 + before * 4 / 3))…") == "got [redacted]…")
        }
    }

    @Test("take the whole of another token that begins like ours, which would not be known by its look any more")
    func kin() {
        let own = OwnSecrets(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1bnMifQ.Zk3yQp9sVb7nXw2m"])
        let other = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbmRlcmUifQ.Rt5cLd8fGh1jKa4e"
        #expect(own.removed(from: "jwt \(other). Next") == "jwt [redacted]. Next")
    }

    @Test("leave what is escaped as it is where it is none of ours, and cost what the text costs")
    func escapes() {
        for text in [
            "100%", "%", "&", "\\", "%2", "&#;", "&#x;", "\\u12", "a%2Fb%25", "R&amp;D", "&#99999999;",
            #"\ud83e\udd8a"#,
            String(repeating: "%25", count: 500), String(repeating: "&amp;", count: 500),
            String(repeating: "\\", count: 500), String(repeating: "%2525u", count: 500) + "&#x",
        ] {
            #expect(own.removed(from: text) == text)
            #expect(own.removed(from: text + Self.secret + text) == text + "[redacted]" + text)
        }
    }

    @Test("are found where the text was cut in the middle of them, and only if enough is left")
    func cut() {
        #expect(own.removed(from: "answer: korrekt/pfe") == "answer: [redacted]")
        #expect(own.removed(from: "answer: korrekt") == "answer: korrekt")
        #expect(own.removed(from: "korrekt/pfosten") == "korrekt/pfosten")
        #expect(own.removed(from: "answer: korrekt%2Fpfe") == "answer: [redacted]")
    }

    @Test("leave other texts as they are, and are none where there are none")
    func others() {
        for text in ["", "Größe 🦊", "k", "korrekt pferd", String(repeating: "korrekt/pfad", count: 99) + "!"] {
            #expect(own.removed(from: text) == text)
            #expect(OwnSecrets([]).removed(from: text) == text)
        }
        #expect(OwnSecrets(["abc"]).removed(from: "abc") == "abc", "what is so short is a word")
    }

    @Test("of a header are its value, and what stands behind its scheme")
    func fields() {
        #expect(OwnSecrets.values(ofField: "Bearer abc def") == ["Bearer abc def", "abc def"])
        #expect(OwnSecrets.values(ofField: "abcdef") == ["abcdef"])
    }

    private func reader(_ reply: ScriptedTransport.Reply) throws -> N8NReader {
        let connection = try N8NConnection(
            url: try ServerURL("https://n8n.example.com"), extraHeaders: [("X-Door", "Bearer sesam-oeffne-dich")]
        ) { "mein-alter-schluessel" }
        return N8NReader(connection: connection, transport: ScriptedTransport(reply), clock: ManualClock()) {
            SecretScrubber.scrub($0)
        }
    }

    @Test("and others are taken out of everything that is kept of an execution and its workflow")
    func evidence() async throws {
        let echo = "mein-alter-schluessel, sesam-oeffne-dich, \(Self.base64("u:mein-alter-schluessel")), DB_PASS=geheim"
        let error = #"{"message":"\#(echo)","description":"\#(echo)","messages":["\#(echo)"]}"#
        let node = #"{"name":"POST mein-alter-schluessel","type":"n8n-nodes-base.httpRequest"}"#
        let body = #"""
            {"id":7,"workflowId":"w","status":"error","customData":{"k":"\#(echo)"},
            "workflowData":{"nodes":[\#(node)]},
            "data":{"resultData":{"error":\#(error),"lastNodeExecuted":"POST mein-alter-schluessel","runData":{}}}}
            """#
        let found = try #require(try await reader(.json(200, body)).detail("7"))
        let told = "\(found.detail)"
        #expect(found.detail.lastNode?.name == "POST [redacted]")
        for secret in ["mein-alter", "sesam", "geheim", "bWVpbi1hbHRlci1zY2hs"] {
            #expect(!told.contains(secret), "\(told)")
        }
        let workflow =
            #"{"id":"w","name":"to mein-alter-schluessel","active":true,"tags":[{"name":"sesam-oeffne-dich"}]}"#
        let page = try await reader(.json(200, #"{"data":[\#(workflow)],"nextCursor":null}"#)).workflows()
        #expect(page.map(\.name) == ["to [redacted]"] && page.map(\.tags) == [["[redacted]"]])
    }

    @Test("and others are taken out of what a proxy answers, before it is cut for a message")
    func answers() async throws {
        let long = String(repeating: "x", count: 100)
        for body in [
            "proxy says DB_PASS=geheim123 and <password>geheim123</password>",
            "\(long) \(Self.base64("mein-alter-schluessel und mehr"))", "\(long) geheim sk_live_0123456789abcdefghij",
        ] {
            for status in [401, 404, 500, 502] {
                let reply = ScriptedTransport.Reply.html(status, body)
                let reader = try reader(reply)
                let error = await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) }
                let writer = N8NWriter(
                    connection: try N8NConnection(url: try ServerURL("https://n8n.example.com")) {
                        "mein-alter-schluessel"
                    }, transport: ScriptedTransport(reply), clock: ManualClock())
                let answer = await writer.send(.retry("7", loadWorkflow: false))
                for text in ["\(String(describing: error))", "\(answer)"] {
                    for secret in ["geheim123", "bWVpbi1hbHRl", "sk_live_0123"] {
                        #expect(!text.contains(secret), "\(text)")
                    }
                }
            }
        }
    }
}
