import MendflowCore
import Testing

@Suite("Scrubbing of secrets")
struct SecretScrubberTests {
    @Test(
        "takes out what follows a telling name, or is a secret by its shape",
        arguments: [
            ("Authorization: Bearer abc.def-123 failed", "Authorization: [redacted]"),
            ("Authorization: Basic dXNlcjpwYXNz\nnext line", "Authorization: [redacted]\nnext line"),
            (#"{"authorization":"Bearer xyz","a":1}"#, #"{"authorization":"[redacted]","a":1}"#),
            ("sent Bearer abcDEF123456 to host", "sent Bearer [redacted] to host"),
            ("Cookie: n8n-auth=abc; other=1", "Cookie: [redacted]"),
            ("GET https://h/x?api_key=abc123&page=2", "GET https://h/x?api_key=[redacted]&page=2"),
            ("GET https://h/x?key=abc123&page=2", "GET https://h/x?key=[redacted]&page=2"),
            ("https://h/x?X-Amz-Signature=ff00&b=1", "https://h/x?X-Amz-Signature=[redacted]&b=1"),
            ("https://h/x?access_token=a.b.c", "https://h/x?access_token=[redacted]"),
            (#"{"password":"p\"w,d","user":"u"}"#, #"{"password":"[redacted]","user":"u"}"#),
            (#"{"clientSecret" : "abc"}"#, #"{"clientSecret" : "[redacted]"}"#),
            (#"body: "{\"password\":\"abc\",\"x\":1}""#, #"body: "{\"password\":\"[redacted]\",\"x\":1}""#),
            (#"{"secrets":{"a":["x"]},"b":1}"#, #"{"secrets":[redacted],"b":1}"#),
            ("password=hunter2, user=me", "password=[redacted], user=me"),
            ("X-N8N-API-KEY: abc", "X-N8N-API-KEY: [redacted]"),
            ("key n8n_api_0123456789abcdef is wrong", "key [redacted] is wrong"),
            ("provided: sk-proj-0123456789abcdef.", "provided: [redacted]."),
            ("AKIAIOSFODNN7EXAMPLE denied", "[redacted] denied"),
            ("jwt eyJhbGciOi.eyJzdWIi.c2ln!", "jwt [redacted]!"),
            ("connect postgres://me:pw@db:5432/x failed", "connect postgres://[redacted]@db:5432/x failed"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest",
                "[redacted]\nrest"
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIE", "[redacted]"),
            (#"password: "never closed"#, #"password: "[redacted]"#),
        ])
    func taken(text: String, clean: String) {
        #expect(SecretScrubber.scrub(text) == clean)
        #expect(SecretScrubber.scrub(clean) == clean)
    }

    @Test(
        "leaves ordinary messages as they are",
        arguments: [
            "", "Unexpected token < in JSON at position 0", "Authorization failed - please check your credentials",
            "connect ECONNREFUSED 127.0.0.1:5432", "Bearer authentication is required", "Basic authentication failed",
            "max_tokens: 4096 is too large", "Your password has expired", "getaddrinfo ENOTFOUND api.example.com",
            "The service is receiving too many requests from you", "Invalid token", #"{"token":null}"#,
            "Error: 503 - \"Service Unavailable\" (retry after 30 s)", "https://example.com/a?page=2&monkey=1",
            "Größe überschritten 🦊", "N8N_SECURE_COOKIE=false, N8N_METRICS=true",
        ])
    func kept(text: String) {
        #expect(SecretScrubber.scrub(text) == text)
    }

    @Test("is bounded in bytes, and cuts between characters", arguments: 3...40)
    func bounded(limit: Int) {
        let cut = SecretScrubber.scrub(String(repeating: "aä€🦊", count: 20), limit: limit)
        #expect(cut.utf8.count <= limit)
        #expect(cut.hasSuffix("…"))
        #expect(!cut.contains("\u{FFFD}"))
    }

    @Test("does not leave half a secret where the text is cut")
    func cutInsideSecret() {
        let text = String(repeating: "x", count: 90) + " n8n_api_" + String(repeating: "0a", count: 200)
        let cut = SecretScrubber.scrub(text, limit: 100)
        #expect(!cut.contains("n8n_api_") && !cut.contains("0a0a"))
    }

    @Test(
        "takes time in proportion to hostile text",
        .timeLimit(.minutes(1)),
        arguments: [
            "://", "\\", "bearer ", "password:\\", "-----BEGIN", "[", "secret={", "eyJ.", "token=", #"secret="{""#,
            "cookie: null ", "a",
        ])
    func hostile(piece: String) {
        let text = String(repeating: piece, count: 100_000 / piece.utf8.count)
        #expect(SecretScrubber.scrub(text, limit: 100_000).utf8.count <= 100_000)
    }
}
