import MendflowCore
import MendflowHTTP
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowService

@Suite("The service")
struct ServiceTests {
    /// Echoes who asks for what, for readers; `/open` is everybody's.
    struct Echo: ServicePart {
        func access(to request: ServiceRequest) -> ServiceAccess {
            [["open"], ["login"]].contains(request.path) ? .everybody : .readers
        }
        func answer(_ request: ServiceRequest) async -> HTTPResponse? {
            guard request.path.first != "nowhere" else { return nil }
            return .text(
                200, "\(request.asker) \(request.pathText) \(request.query["q"] ?? "-") \(request.form["f"] ?? "-")")
        }
        var bodyBytes: Int { 100 }
    }

    static let token = "a-token-that-nobody-guesses"
    let clock = VirtualClock(.noon)

    func service(token: String? = nil, hosts: [String] = []) -> Service {
        var gate = Service.Guard(hosts: hosts)
        if let token { gate.token = { token } }
        return Service([Echo()], guard: gate, clock: clock, random: { 7 })
    }

    static func get(_ target: String, host: String = "127.0.0.1:9464", _ more: [(String, String)] = []) -> HTTPRequest {
        request(.get, target, host, more)
    }

    static func post(_ target: String, _ form: String, _ more: [(String, String)] = []) -> HTTPRequest {
        let type = ("Content-Type", "application/x-www-form-urlencoded")
        return request(.post, target, "localhost", [type] + more, Array(form.utf8))
    }

    private static func request(
        _ method: HTTPMethod, _ target: String, _ host: String, _ more: [(String, String)], _ body: [UInt8]? = nil
    ) -> HTTPRequest {
        let fields = [("Host", host)] + more
        return HTTPRequest(
            method, target, headers: HTTPHeaders(fields.map { HTTPHeaders.Field($0.0, $0.1) }), body: body)
    }

    static func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    /// Signs in and answers the cookie.
    func signIn(_ service: Service) async throws -> String {
        let answer = await service.answer(Self.post("/login", "token=\(Self.token)&next=%2Finbox"))
        #expect(answer.status == 303 && answer.head.headers["Location"] == "/inbox")
        let cookie = try #require(answer.head.headers["Set-Cookie"])
        #expect(cookie.hasSuffix("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"))
        return String(cookie.prefix { $0 != ";" })
    }

    @Test("knows by which name somebody signed in, as long as nobody writes another one into the session")
    func name() {
        let token = ServiceToken(Self.token)
        let session = token.session(of: "Ada L.; \u{202e}x", at: .noon, random: 7)
        #expect(token.user(of: session, at: .noon + .hours(11)) == "Ada L.; \u{202e}x")
        #expect(token.user(of: session, at: .noon + .hours(12)) == nil && !session.contains(";"))
        var parts = session.split(separator: ".").map(String.init)
        parts[2] = Hex.text(Array("eve".utf8))
        #expect(parts.count == 4 && token.user(of: parts.joined(separator: "."), at: .noon) == nil)
        #expect(ServiceToken("another-token-of-somebody").user(of: session, at: .noon) == nil)
    }

    @Test("hands over path, query and form, decoded")
    func decodes() async {
        let service = service()
        let answer = await service.answer(Self.get("/a//b%20c/?q=x+y%21&q=2"))
        #expect(Self.text(answer) == "anonymous /a/b c x y! -\n")
        #expect(Self.text(await service.answer(Self.get("http://proxy/a?q=1"))) == "anonymous /a 1 -\n")
    }

    @Test(
        "refuses what is no address", arguments: ["/%", "/%zz", "/%ff", "/a?q=%0", "/%00", "/a%1bb"])
    func malformed(target: String) async {
        #expect(await service().answer(Self.get(target)).status == 400)
    }

    @Test(
        "is asked under addresses, localhost and its own names, so that no page of somebody else's reads it",
        arguments: [
            ("127.0.0.1:9464", true), ("localhost", true), ("LOCALHOST.:80", true), ("10.1.2.3:9464", true),
            ("[::1]:9464", true), ("mendflow.example.com", true), ("Mendflow.Example.com:443", true),
            ("evil.example.com", false), ("127.0.0.1.evil.example.com", false), ("localhost.evil.com", false),
            ("1.2.3", false), ("010.0.0.1", false), ("[x]:1", false), ("", false), ("a b", false),
        ])
    func names(host: String, isAllowed: Bool) async {
        let service = service(hosts: ["mendflow.example.com"])
        #expect(await service.answer(Self.get("/", host: host)).status == (isAllowed ? 200 : 421), "\(host)")
    }

    @Test("is asked under any name by whoever sends the token, which no page can make a browser do")
    func bearerName() async {
        let service = service(token: Self.token)
        let good = Self.get("/x", host: "agent.cluster", [("Authorization", "Bearer \(Self.token)")])
        #expect(Self.text(await service.answer(good)) == "holder /x - -\n")
        let bad = Self.get("/x", host: "agent.cluster", [("Authorization", "Bearer something-else")])
        #expect(await service.answer(bad).status == 421)
        #expect(await service.answer(HTTPRequest(.get, "/x")).status == 400)
    }

    @Test("shows nothing to strangers where there is a token, but what is everybody's")
    func strangers() async {
        let service = service(token: Self.token)
        let denied = await service.answer(Self.get("/x"))
        #expect(denied.status == 401 && denied.head.headers["WWW-Authenticate"] == "Bearer realm=\"mendflow\"")
        #expect(Self.text(await service.answer(Self.get("/open"))) == "anonymous /open - -\n")
        let browser = await service.answer(Self.get("/x?a=1", [("Accept", "text/html,*/*;q=0.8")]))
        #expect(browser.status == 303 && browser.head.headers["Location"] == "/login?next=%2Fx%3Fa%3D1")
        #expect(await service.answer(Self.get("/nowhere")).status == 401, "nor which pages there are")
    }

    @Test("lets nobody in while the token cannot be had")
    func lostToken() async {
        let service = Service([Echo()], guard: .init(token: { nil }), clock: clock, random: { 7 })
        #expect(await service.answer(Self.get("/x", [("Authorization", "Bearer ")])).status == 401)
        #expect(await service.answer(Self.get("/x", [("Authorization", "Bearer x")])).status == 401)
        let login = await service.answer(Self.post("/login", "token="))
        #expect(login.head.headers["Set-Cookie"] == nil)
    }

    @Test("signs a browser in with the token for twelve hours, and nobody without it")
    func signsIn() async throws {
        let service = service(token: Self.token)
        let cookie = try await signIn(service)
        let signed = Self.get("/x", [("Cookie", "other=1; \(cookie)")])
        #expect(Self.text(await service.answer(signed)) == "holder /x - -\n")
        let forged = Self.get("/x", [("Cookie", cookie.dropLast() + (cookie.last == "0" ? "1" : "0"))])
        #expect(await service.answer(forged).status == 401)
        let changed = self.service(token: "another-token-of-this-service")
        #expect(await changed.answer(signed).status == 401, "a session ends with its token")
        clock.advance(by: .hours(12))
        #expect(await service.answer(signed).status == 401)
        let failed = await service.answer(Self.post("/login", "token=guess&next=//evil.example.com"))
        #expect(failed.head.headers["Location"] == "/login?failed=1&next=%2F")
        #expect(failed.head.headers["Set-Cookie"] == nil)
    }

    @Test("looks at ten wrong tokens a minute, and lets whoever guesses wait, with the right one too")
    func guesses() async throws {
        let service = service(token: Self.token)
        let cookie = ("Cookie", try await signIn(service))
        func ask(_ token: String) async -> HTTPResponse {
            await service.answer(Self.get("/x", [("Authorization", "Bearer \(token)")]))
        }
        for number in 0..<9 { #expect(await ask("guess-\(number)").status == 401) }
        #expect(await ask(Self.token).status == 200, "nobody guesses yet")
        clock.advance(by: .seconds(10))
        #expect(await service.answer(Self.post("/login", "token=guess-9")).status == 303)
        let refused = await service.answer(Self.post("/login", "token=guess-10"))
        #expect(refused.status == 429 && refused.head.headers["Retry-After"] == "50")
        #expect(await ask("guess-11").status == 429)
        #expect(await ask(Self.token).status == 429, "a right guess must not be told from a wrong one")
        #expect(await service.answer(Self.post("/login", "token=\(Self.token)")).status == 429)
        #expect(await service.answer(Self.get("/x", [cookie])).status == 200, "who is signed in goes on")
        #expect(await service.answer(Self.get("/open", [("Authorization", "Bearer x")])).status == 200)
        clock.advance(by: .seconds(50))
        #expect(await ask(Self.token).status == 200)
    }

    @Test("does not let one program with a wrong token keep others from the service")
    func oneWrongProgram() async {
        let service = service(token: Self.token)
        func scrape(_ token: String) async -> Int {
            await service.answer(Self.get("/metrics", [("Authorization", "Bearer \(token)")])).status
        }
        for _ in 0..<10 { #expect(await scrape("of-last-year") == 401) }
        #expect(await scrape("of-last-year") == 429)
        #expect(await scrape(Self.token) == 200)
        // Others that are tried behind its back count all the same.
        for number in 0..<9 { #expect(await scrape("guess-\(number)") == 429) }
        #expect(await scrape(Self.token) == 429)
        clock.advance(by: .minutes(1))
        #expect(await scrape(Self.token) == 200)
    }

    @Test("takes a post from a session only with what its own form carries")
    func forms() async throws {
        let service = service(token: Self.token)
        let cookie = ("Cookie", try await signIn(service))
        let csrf = ServiceToken(Self.token).csrf(of: String(cookie.1.drop { $0 != "=" }.dropFirst()))
        #expect(await service.answer(Self.post("/x", "f=1", [cookie])).status == 403)
        #expect(await service.answer(Self.post("/x", "f=1&csrf=\(csrf)0", [cookie])).status == 403)
        let good = Self.post("/x", "f=1&csrf=\(csrf)", [cookie])
        #expect(Self.text(await service.answer(good)) == "holder /x - 1\n")
        let header = Self.post("/x", "f=2", [cookie, ("X-Mendflow-CSRF", csrf)])
        #expect(Self.text(await service.answer(header)) == "holder /x - 2\n")
        let cross = Self.post("/x", "f=1&csrf=\(csrf)", [cookie, ("Sec-Fetch-Site", "cross-site")])
        #expect(await service.answer(cross).status == 403)
        let bearer = Self.post("/x", "f=3", [("Authorization", "bearer \(Self.token)")])
        #expect(Self.text(await service.answer(bearer)) == "holder /x - 3\n")
        let out = await service.answer(Self.post("/logout", "csrf=\(csrf)", [cookie]))
        #expect(out.head.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
        #expect(await service.answer(Self.post("/logout", "csrf=x", [cookie])).status == 403)
    }

    @Test("changes nothing where there is no token")
    func readOnly() async {
        let service = service()
        #expect(await service.answer(Self.get("/x")).status == 200)
        #expect(await service.answer(Self.post("/x", "f=1")).status == 403)
        #expect(Self.text(await service.answer(Self.post("/open", "f=1"))) == "anonymous /open - 1\n")
    }

    @Test("refuses other methods, long addresses, large bodies and what no part knows, in plain text")
    func limits() async {
        let service = service()
        let method = await service.answer(HTTPRequest(.delete, "/x", headers: ["Host": "localhost"]))
        #expect(method.status == 405 && method.head.headers["Allow"] == "GET, HEAD, POST")
        #expect(await service.answer(Self.get("/" + String(repeating: "x", count: 9_000))).status == 414)
        #expect(await service.answer(Self.post("/open", String(repeating: "x", count: 101))).status == 413)
        let nothing = await service.answer(Self.get("/nowhere"))
        #expect(nothing.status == 404 && nothing.head.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(service.bodyBytes == 100)
    }

    @Test("tells browsers to run nothing, guess nothing, frame nothing and tell nobody", arguments: ["/x", "/nowhere"])
    func headers(target: String) async {
        let fields = await service().answer(Self.get(target)).head.headers
        let policy = fields["Content-Security-Policy"] ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(fields["X-Content-Type-Options"] == "nosniff" && fields["Referrer-Policy"] == "no-referrer")
        #expect(fields["Cache-Control"] == "no-store" && fields["X-Frame-Options"] == "DENY")
    }

    @Test("goes on after a sign-in only within itself")
    func next() {
        #expect(Service.local("/inbox?a=1") == "/inbox?a=1")
        for text in [nil, "", "//evil.example.com", "https://evil.example.com", "/\\evil", "/a\r\nX: y", "/ü"] {
            #expect(Service.local(text) == "/")
        }
    }

    @Test("writes texts into addresses so that they come back")
    func encoding() {
        let text = "a b/ü?&=+%\n"
        #expect(PercentText.decoded(PercentText.encoded(text)) == text)
        #expect(FormFields(encoded: "x=" + PercentText.encoded(text) + "&y")?.fields.map(\.value) == [text, ""])
        #expect(FormFields(encoded: String(repeating: "a&", count: 201)) == nil)
    }
}
