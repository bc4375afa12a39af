import MendflowCore
import MendflowHTTP
import MendflowText
import Testing

@testable import MendflowN8N

@Suite("The connection")
struct ConnectionTests {
    @Test(
        "puts the API's path behind the URL's",
        arguments: [
            ("https://n8n.example.com", "https://n8n.example.com/api/v1/x"),
            ("HTTP://N8N.example.com:5678/", "http://n8n.example.com:5678/api/v1/x"),
            ("https://example.com/Tools/n8n/", "https://example.com/Tools/n8n/api/v1/x"),
            ("http://[::1]:5678", "http://[::1]:5678/api/v1/x"),
        ])
    func urls(_ url: String, _ expected: String) throws {
        let call = Call(path: ["x"], content: .kept(by: .skip), bodyLimit: 1, scope: "")
        #expect(call.url(on: try connection(url)) == expected)
    }

    @Test("refuses a user agent that n8n takes for a bot, and headers that HTTP cannot carry")
    func headers() {
        #expect(throws: N8NConnectionFault.self) {
            try N8NConnection(url: try ServerURL("https://x"), userAgent: "Mendbot/1") { "k" }
        }
        let fault = #expect(throws: N8NConnectionFault.self) {
            try N8NConnection(url: try ServerURL("https://x"), extraHeaders: [("A", "secret\r\nB: c")]) { "k" }
        }
        #expect(fault?.description.contains("secret") == false)
    }

    @Test("a key with blanks or line ends inside is never sent", arguments: ["a b", "a\nb", "ä", "\n", ""])
    func keys(_ key: String) {
        let holder = KeyHolder { key }
        #expect(throws: KeyHolder.Fault.self) { try holder.current() }
    }

    @Test(
        "reads HTTP's dates",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Thu, 29 Feb 2024 23:59:60 GMT", "2024-03-01T00:00:00Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
            ("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"),
        ])
    func dates(_ text: String, _ expected: String) {
        #expect(ServerTime(httpDate: text) == ServerTime(rfc3339: expected))
    }

    @Test(
        "refuses what is none",
        arguments: [
            "", "now", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49 GMT",
            "Sat, 01 Jan 0000 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 Nov -994 08:49:37 GMT", "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Nov 19940 8:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT", "Wed, 31 Nov 1994 08:49:37 GMT",
            "Wed, 29 Feb 2023 08:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 -8:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 gmt",
            "Sun, 06 Nov 1994 08:49:37 GMT+2", "Sun, 06 Nov 1994 08:49:37 +25", "Sun, 06 nov 1994 08:49:37 GMT",
            "Som, 06 Nov 1994 08:49:37 GMT", "Sun, 06  Nov 1994 8:49:37 GMT", "Sun, 06 N\u{301}v 1994 08:49:37 GM",
        ])
    func badDates(_ text: String) {
        #expect(ServerTime(httpDate: text) == nil)
        // An answer that bears it tells no time, and asks for no wait.
        let now = ServerTime(milliseconds: 1_777_896_000_000)
        #expect(Period(retryAfter: text, now: now) == nil)
    }

    @Test("Retry-After is at most 15 minutes and never negative, whatever it says")
    func retryAfter() throws {
        let now = try #require(ServerTime(rfc3339: "2026-11-23T19:09:30Z"))
        #expect(Period(retryAfter: "5", now: now) == .seconds(5))
        #expect(Period(retryAfter: "99999999999999999999", now: now) == .minutes(15))
        #expect(Period(retryAfter: "86400", now: now) == .minutes(15))
        #expect(Period(retryAfter: "Fri, 31 Dec 9999 23:59:59 GMT", now: now) == .minutes(15))
        #expect(Period(retryAfter: "Mon, 23 Nov 2026 19:09:00 GMT", now: now) == .zero)
        #expect(Period(retryAfter: "soon", now: now) == nil)
        #expect(Period(retryAfter: "-5", now: now) == nil && Period(retryAfter: "٥", now: now) == nil)
        #expect(Period(retryAfter: "", now: now) == nil)
        #expect(Period(retryAfter: nil, now: now) == nil)
    }
}
