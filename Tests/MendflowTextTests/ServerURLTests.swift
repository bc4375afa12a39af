import MendflowText
import Testing

@Suite("The address of a server")
struct ServerURLTests {
    @Test(
        "is read into its parts; scheme and host have no case, a slash at the end says nothing",
        arguments: [
            ("https://n8n.example.com", "https://n8n.example.com", nil, ""),
            ("HTTP://N8N.example.com:5678/", "http://n8n.example.com", 5678, ""),
            ("https://example.com/Tools/n8n//", "https://example.com", nil, "/Tools/n8n"),
            ("http://[::1]:5678", "http://[::1]", 5678, ""), ("http://[FE80::1]/x", "http://[fe80::1]", nil, "/x"),
            ("https://x/{y}[z]&*!|%`:,'q'", "https://x", nil, "/{y}[z]&*!|%`:,'q'"),
        ] as [(String, String, UInt16?, String)])
    func parts(text: String, origin: String, port: UInt16?, path: String) throws {
        let url = try ServerURL(text)
        #expect(url.origin == origin + (port.map { ":\($0)" } ?? "") && url.port == port && url.path == path)
        #expect(try ServerURL(url.description) == url)
    }

    @Test(
        "is refused for what is wrong with it",
        arguments: [
            (.scheme, ["n8n.example.com", "ftp://x", "", "https:/x", "://x"]),
            (.user, ["https://u:p@x", "http://u@x/y"]), (.query, ["https://x?y=1", "https://x#y", "https://x/a?"]),
            (
                .host,
                [
                    "https://", "https:///a", "https://:80", "https://x:", "https://x:0", "https://x:65536",
                    "https://x:1a", "http://[]", "http://[", "http://[::1", "http://[::1]5678",
                ]
            ),
            (.characters, ["https://a b", "https://x/a\\b", "https://x/\"", "https://ä.example", "https://x/\n"]),
            (.apiPath, ["https://x/api/v1", "https://x/API/v1/"]),
        ] as [(ServerURL.Fault, [String])])
    func faults(fault: ServerURL.Fault, texts: [String]) {
        for text in texts { #expect(throws: fault, "\(text)") { try ServerURL(text) } }
    }
}
