public import MendflowCore
public import MendflowHTTP

/// What the agent answers over HTTP: checks who asks under which name, and hands a request to the part that knows the answer.
///
/// It knows nothing of sockets: a listener of the environment calls `answer`, and so do tests.
public struct Service: Sendable {
    /// How it is guarded.
    public struct Guard: Sendable {
        /// Names under which it may be asked, beside addresses and `localhost`.
        public var hosts: [String]
        /// The token, read anew for every request; nil where there is none. What it answers nil for cannot be had now, and
        /// then nobody is let in.
        public var token: (@Sendable () -> String?)?

        /// Makes one.
        public init(hosts: [String] = [], token: (@Sendable () -> String?)? = nil) {
            self.hosts = hosts
            self.token = token
        }
    }

    /// The fewest characters of a token.
    public static let shortestToken = ServiceToken.shortest
    static let cookie = "mendflow_session"
    private static let longestTarget = 8 << 10
    private static let longestName = 60

    private let parts: [any ServicePart]
    private let hosts: HostNames
    private let token: (@Sendable () -> String?)?
    private let clock: any AgentClock
    private let random: @Sendable () -> UInt64
    private let wrongTokens: WrongTokens
    /// Whether a part has a page for signing in.
    private let hasLoginPage: Bool

    /// Makes one of its parts, which are asked in this order; by `random` two sign-ins of one moment differ.
    public init(
        _ parts: [any ServicePart], guard gate: Guard, clock: any AgentClock, random: @escaping @Sendable () -> UInt64
    ) {
        self.parts = parts
        hosts = HostNames(names: Set(gate.hosts.map { $0.lowercased() }))
        token = gate.token
        self.clock = clock
        self.random = random
        wrongTokens = WrongTokens(clock: clock)
        let page = ServiceRequest(HTTPRequest(.get, "/login"), path: ["login"], mayRead: false)
        hasLoginPage = parts.contains { $0.access(to: page) == .everybody }
    }

    /// How large a body of a request may be: as much as the part that takes most.
    public var bodyBytes: Int { parts.map(\.bodyBytes).max() ?? 0 }

    /// The answer to a request.
    public func answer(_ http: HTTPRequest) async -> HTTPResponse {
        await found(http).guarded
    }

    private func found(_ http: HTTPRequest) async -> HTTPResponse {
        let token = token.map { $0().map(ServiceToken.init) }
        let isBearer = http.bearerToken.map { token??.matches($0) ?? false } ?? false
        guard let host = http.headers["host"] else { return .text(400, "the request names no host") }
        if token != nil, let sent = http.bearerToken, !isOpen(http),
            let wait = wrongTokens.wait(for: sent, isRight: isBearer)
        {
            return .wait(wait)
        }
        // No page makes a browser send the token in this header.
        guard isBearer || hosts.allow(host) || isForPrograms(http) else {
            return .text(
                421, "the service is not asked under this name; `hosts` of `service` in mendflow.yaml lists names")
        }
        guard [.get, .head, .post].contains(http.method) else { return .notAllowed(only: "GET, HEAD, POST") }
        guard http.url.utf8.count <= Service.longestTarget else { return .text(414, "the address is too long") }
        guard var request = ServiceRequest(decoding: http) else {
            return .text(400, "the address or the form is malformed")
        }
        let session = session(http, token ?? nil)
        request.asker = isBearer || session != nil ? .holder : .anonymous
        request.user = session?.user
        request.mayRead = token == nil || request.asker == .holder
        request.csrf = session.flatMap { session in (token ?? nil).map { $0.csrf(of: session.text) } }
        if request.posts, let answer = signing(request, token ?? nil) { return answer }
        return await answer(request, isBearer: isBearer, hasToken: token != nil)
    }

    private func answer(_ request: ServiceRequest, isBearer: Bool, hasToken: Bool) async -> HTTPResponse {
        var refusal: HTTPResponse?
        for part in parts {
            if part.access(to: request) == .readers,
                let denied = denial(request, isBearer: isBearer, hasToken: hasToken)
            {
                refusal = refusal ?? denied
                continue
            }
            guard request.http.body?.count ?? 0 <= part.bodyBytes else {
                refusal = refusal ?? .text(413, "the body is too large")
                continue
            }
            if let answer = await part.answer(request) { return answer }
        }
        return refusal ?? .text(404, "there is nothing here")
    }

    /// Why somebody may not ask for what is not everybody's.
    private func denial(_ request: ServiceRequest, isBearer: Bool, hasToken: Bool) -> HTTPResponse? {
        guard request.mayRead else {
            if hasLoginPage, request.reads, request.accepts("text/html") {
                return .see("/login?next=" + PercentText.encoded(request.http.url))
            }
            var denied = HTTPResponse.text(401, "this needs the service's token: Authorization: Bearer TOKEN")
            denied.head.headers["WWW-Authenticate"] = "Bearer realm=\"mendflow\""
            return denied
        }
        guard request.posts, !isBearer else { return nil }
        guard hasToken else {
            return .text(403, "a service without a token changes nothing: set token_env or token_file of `service`")
        }
        let sent = request.http.headers["x-mendflow-csrf"] ?? request.form["csrf"]
        return isOwnForm(request, sent) ? nil : .text(403, "this form is not from this session: load the page again")
    }

    private func isOwnForm(_ request: ServiceRequest, _ sent: String?) -> Bool {
        guard let sent, let csrf = request.csrf, request.http.headers["sec-fetch-site"] != "cross-site" else {
            return false
        }
        return ServiceToken.same(sent, csrf)
    }
}

extension HTTPRequest {
    /// The token that it sends along.
    package var bearerToken: String? {
        guard let field = headers["authorization"] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    }
}

extension Service {
    /// Whether it asks for what is for programs alone, and shows nothing.
    private func isForPrograms(_ http: HTTPRequest) -> Bool {
        guard let request = ServiceRequest(decoding: http) else { return false }
        return parts.contains { $0.access(to: request) == .programs }
    }

    /// Whether it is for a part that needs no token of the service's, or looks at one of its own.
    private func isOpen(_ http: HTTPRequest) -> Bool {
        guard let request = ServiceRequest(decoding: http) else { return true }
        return parts.contains { $0.access(to: request) != .readers }
    }

    /// The session of a browser that is signed in.
    private func session(_ http: HTTPRequest, _ token: ServiceToken?) -> (text: String, user: String)? {
        guard let token else { return nil }
        for field in http.headers.fields where field.name.lowercased() == "cookie" {
            for pair in field.value.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                guard pair.hasPrefix(Service.cookie + "=") else { continue }
                let session = String(pair.dropFirst(Service.cookie.utf8.count + 1))
                if let user = token.user(of: session, at: clock.now()) { return (session, user) }
            }
        }
        return nil
    }

    /// `POST /login` with the token signs a browser in, `POST /logout` out; nil for anything else. The pages are the console's.
    private func signing(_ request: ServiceRequest, _ token: ServiceToken?) -> HTTPResponse? {
        switch request.path {
        case ["login"]:
            let next = Service.local(request.form["next"])
            let sent = request.form["token"] ?? ""
            let isRight = token?.matches(sent) ?? false
            if let wait = wrongTokens.wait(for: sent, isRight: isRight) { return .wait(wait) }
            guard let token, isRight else {
                return .see("/login?failed=1&next=" + PercentText.encoded(next))
            }
            let user = String((request.form["name"] ?? "").filter { !$0.isNewline }.prefix(Service.longestName))
            let session = token.session(of: user, at: clock.now(), random: random())
            return cookie(session, seconds: ServiceToken.sessionLength.milliseconds / 1000, then: next)
        case ["logout"]:
            guard isOwnForm(request, request.form["csrf"]) else { return .text(403, "load the page again") }
            return cookie("", seconds: 0, then: "/login")
        default: return nil
        }
    }

    private func cookie(_ session: String, seconds: Int64, then path: String) -> HTTPResponse {
        var response = HTTPResponse.see(path)
        response.head.headers["Set-Cookie"] =
            "\(Service.cookie)=\(session); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
        return response
    }

    /// A path of ours to go on with; `/` where a text may lead elsewhere.
    static func local(_ next: String?) -> String {
        guard let next, next.first == "/", !next.hasPrefix("//"), !next.contains("\\"),
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return "/" }
        return next
    }
}

extension ServiceRequest {
    /// A request as it came; nil where its address or its form is malformed.
    package init?(decoding http: HTTPRequest) {
        var target = http.url[...]
        // A proxy may name the whole address.
        if !target.hasPrefix("/"), let end = target.firstRange(of: "://") {
            target = target[end.upperBound...].drop { $0 != "/" }
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for part in (parts.first ?? "").split(separator: "/") {
            guard let part = PercentText.decoded(part) else { return nil }
            path.append(part)
        }
        guard let query = FormFields(encoded: parts.count > 1 ? parts[1] : "") else { return nil }
        self.init(http, path: path, query: query, mayRead: false)
        let type = HTTPResponseHead(status: 0, headers: http.headers).mediaType
        if type == "application/x-www-form-urlencoded", let body = http.body {
            guard let text = String(validating: body, as: UTF8.self), let form = FormFields(encoded: text) else {
                return nil
            }
            self.form = form
        }
    }
}

extension HTTPResponse {
    /// For whoever has sent too many wrong tokens.
    fileprivate static func wait(_ time: Period) -> HTTPResponse {
        let seconds = max(1, (time.milliseconds + 999) / 1000)
        var response = HTTPResponse.text(429, "too many wrong tokens came; the next one is looked at in \(seconds) s")
        response.head.headers["Retry-After"] = String(seconds)
        return response
    }

    /// This answer with what keeps browsers from doing more with it than showing it.
    var guarded: HTTPResponse {
        var response = self
        let policy =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
        for (name, value) in [("Content-Security-Policy", policy), ("Cache-Control", "no-store")]
        where response.head.headers[name] == nil {
            response.head.headers[name] = value
        }
        response.head.headers["X-Content-Type-Options"] = "nosniff"
        response.head.headers["Referrer-Policy"] = "no-referrer"
        response.head.headers["X-Frame-Options"] = "DENY"
        return response
    }
}
