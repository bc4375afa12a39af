import Glibc
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
            (
                "https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage",
                "https://api.telegram.org/[redacted]/sendMessage"
            ),
            ("bot 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw is gone", "bot [redacted] is gone"),
            (
                "POST https://hooks.slack.com/services/T01/B02/x failed",
                "POST https://hooks.slack.com/services/[redacted] failed"
            ),
            ("hooks.slack.com/services/T01/B02/QWERTY", "hooks.slack.com/services/[redacted]"),
            (
                "https://discord.com/api/webhooks/11223344/Tok_abcdefgh?wait=1",
                "https://discord.com/api/webhooks/11223344/[redacted]?wait=1"
            ),
            (
                "https://ptb.discordapp.com/api/v10/webhooks/1/abcdefghij/github",
                "https://ptb.discordapp.com/api/v10/webhooks/1/[redacted]/github"
            ),
            ("https://h/hook/a1b2c3d4e5f6a7b8c9d0e1f2/run", "https://h/hook/[redacted]/run"),
            ("https://h/x/AbCdEf01-23456789_abcdefgh01", "https://h/x/[redacted]"),
            ("https://u%3Apw@h/x", "https://[redacted]@h/x"), ("https://u:pw%40h/x", "https://[redacted]%40h/x"),
            ("to https%3A%2F%2Fu%3Apw%40h%2Fx?", "to https%3A%2F%2F[redacted]%40h%2Fx?"),
            ("glpat-AbCdEfGhIjKlMnOpQrSt revoked", "[redacted] revoked"),
            ("SG.abcdefghijklmnopqrstuv.wxyzABCDEFGHIJKLMNOPQRST no", "[redacted] no"),
            ("hf_abcdefghijklmnopqrstuvwxyzABCDEFGH not valid", "[redacted] not valid"),
            ("secret_abcdefghijklmnopqrstuvwxyz0123456789ABCDE", "[redacted]"),
            ("ntn_abcdefghijklmnop0123456789", "[redacted]"),
            ("patAbCdEfGhIjKlMn.0123456789abcdef0123456789abcdef0123456789abcdef", "[redacted]"),
            ("auth SK0123456789abcdef0123456789abcdef!", "auth [redacted]!"),
            ("account AC0123456789abcdef0123456789abcdef", "account [redacted]"),
            ("pk_live_51AbCdEfGhIjKlMnOp", "[redacted]"), ("ya29.a0AfH6SMBxyz0123456", "[redacted]"),
            ("xapp-1-A012-3456-abcdef", "[redacted]"), ("shpat_0123456789abcdef", "[redacted]"),
            ("the api key is isKey112233.", "the api key is [redacted]."),
            ("curl -sSubob:hunter22 https://h", "curl -sSu[redacted] https://h"),
            ("curl -sSfu bob:hunter22 https://h", "curl -sSfu [redacted] https://h"),
            ("cannot reach bob:hunter22@db.example.com", "cannot reach bob:[redacted]@db.example.com"),
            ("cannot reach bob:hunter22@db:5432/x", "cannot reach bob:[redacted]@db:5432/x"),
            ("bob:hunter22@10.0.0.5 refused", "bob:[redacted]@10.0.0.5 refused"),
            ("refused: key=a1b2c3d4e5f6a7b8", "refused: key=[redacted]"),
            ("X-Auth-Token abc12 was refused", "X-Auth-Token [redacted] was refused"),
            ("Incorrect API key provided: abc12345", "Incorrect API key provided: [redacted]"),
            ("API Key: abcdefgh", "API Key: [redacted]"), ("your token is tok55667788", "your token is [redacted]"),
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
            "token is invalid", "The API key is not valid", "api key was not found", "primary key: 5",
            "password is too short",
            "mail to:bob2024@example.com bounced", "npm:string-width4@4.2.3 is not there", "duplicate key=17",
            "app:v1.2b@sha256:0123abcd is no image", "duplicate key=order-2026-11-customer", "curl -sS https://h:80/u",
            "X-Auth-Token is missing",
            "https://n8n.example.com/workflow/AbCdEfGh12345678/executions/9007199254740993",
            "https://h/webhook/3f2504e0-4f89-41d3-9a0c-0305e82c3301/x", "https://h/a-page-with-a-long-name-2026-11",
            "https://h/My%20Report%202026%20Final%20Version.pdf", "https://h/orders/123456789012345678901234567",
            "GET https://h/v1/customers?page=2 a1b2c3d4e5f6a7b8c9d0e1f2 is an id", "see docs/a1b2c3d4e5f6a7b8c9d0e1f2",
            "Größe überschritten 🦊", "N8N_SECURE_COOKIE=false, N8N_METRICS=true",
        ])
    func kept(text: String) {
        #expect(SecretScrubber.scrub(text) == text)
    }

    @Test(
        "takes out every format that is known, whole, and once and for all",
        arguments: SecretFormat.all)
    func formats(format: SecretFormat) {
        let clean = SecretScrubber.scrub(format.text)
        #expect(!clean.contains(format.secret), "\(clean)")
        // Nor is a piece of it left.
        let letters = Array(format.secret)
        for start in stride(from: 0, through: letters.count - 10, by: 1) {
            let piece = String(letters[start..<start + 10])
            #expect(!clean.contains(piece), "\(clean)")
        }
        #expect(clean.contains(SecretScrubber.mark) && SecretScrubber.scrub(clean) == clean)
    }

    @Test("knows what the public rule sets know: at least 400 formats, and at least 150 texts that are none")
    func coverage() {
        #expect(Set(SecretFormat.all.map(\.text)).count >= 400)
        #expect(Set(SecretKept.texts).count >= 150)
    }

    @Test(
        "takes tokens out of names, and nothing that only stands behind a telling word",
        arguments: SecretFormat.tokens + SecretFormat.services)
    func names(format: SecretFormat) {
        #expect(!SecretScrubber.scrub(name: format.text).contains(format.secret))
        for name in ["Reset password: step 2", "token=count", "Sync https://me:you@host", "Größe 🦊"] {
            #expect(SecretScrubber.scrub(name: name) == name)
        }
    }

    @Test("leaves harmless texts whole", arguments: SecretKept.texts)
    func harmless(text: String) { #expect(SecretScrubber.scrub(text) == text) }

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
        arguments: [
            "://", "\\", "bearer ", "password:\\", "-----BEGIN", "[", "secret={", "eyJ.", "token=", #"secret="{""#,
            "cookie: null ", "a", "/", "/webhooks/1/", "://a/", "hooks.slack.com/", "%3A%2F%2F", "SG.", "1234567:", "@",
            "api key is ", "3f2504e0-4f89-41d3-9a0c-", "://%40",
            "code=", "code=a1", "code:\"", "-u=", "-u a", "hvs.", "x.y1z.", "MTIzNDU2Nzg5MDEyMzQ1Njc4.", "secret ",
            "secret\t",
            "\"secret\",", "secret\",'", "secret\" value", "key=\"secret\" value=", "<password ", "<password>", "Q~",
            "--token ", "sid=\"", "response=\"", "pass=", "value=", "value=\"", "name=token ", "<key>token",
            "name=\"token\">",
            "mysql -p", "mysql -p\"", "sshpass -p ", "curl -ua", "MIIEv", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n", "$2b$",
            "AUTH ",
            "\\u003d", "密码", "密码：", "a/b@", "hooks.zapier.com/a/", "/key/", "token[0", "token]", "token(\"", "by '",
            "-----BEGIN PRIVATE", "perm:", "1//0", "&quot;token&quot;", "}", "<token a", "<token a>",
        ])
    func hostile(piece: String) {
        // Four times the text costs about four times the work; where each place looked at all others, sixteen times.
        let (short, long) = (work(on: piece, 10_000), work(on: piece, 40_000))
        #expect(long < 10 * max(short, 400_000))
    }

    /// The processor time, in nanoseconds, that this thread needs for a text of many pieces: the least of three tries.
    private func work(on piece: String, _ length: Int) -> Int {
        let text = String(repeating: piece, count: length / piece.utf8.count)
        return (0..<3).map { _ in
            let start = SecretScrubberTests.processorTime()
            #expect(SecretScrubber.scrub(text, limit: length).utf8.count <= length)
            return SecretScrubberTests.processorTime() - start
        }.min() ?? 0
    }

    private static func processorTime() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
