import MendflowHTTP

extension Simulator {
    /// How many requests an API key may send (2.47): reads and writes apart, each in windows that begin one after the other.
    public struct RateLimit: Sendable, Hashable {
        /// How many reads and how many writes a window holds.
        public var reads: Int, writes: Int
        /// How long a window is, in milliseconds.
        public var window: Int64

        /// Makes a limit.
        public init(reads: Int, writes: Int, window: Int64 = 60_000) {
            precondition(window > 0, "a window is longer than nothing")
            self.reads = reads
            self.writes = writes
            self.window = window
        }
    }

    /// What counts as one of an API key's limits.
    struct LimitName: Sendable, Hashable {
        var user: String
        var isWrite: Bool
    }

    /// How much of a limit is used up, in the window that ends at a time.
    struct LimitUse: Sendable, Hashable {
        var end: Int64
        var used = 0
    }

    /// Counts a request; the answer where there is no room for it. A request that is refused was never processed.
    mutating func countRequest(_ request: HTTPRequest, of user: APIKey) -> HTTPResponse? {
        guard configuration.release.limitsRates, let limit = configuration.rateLimit else { return nil }
        let name = LimitName(request, user)
        var use = limitUse[name] ?? LimitUse(end: 0)
        if use.end <= now { use = LimitUse(end: now + limit.window) }
        let isRefused = use.used >= limit.most(name)
        if !isRefused { use.used += 1 }
        limitUse[name] = use
        guard isRefused else { return nil }
        var response = HTTPResponse.message(429, "Too many requests")
        response.head.headers["Retry-After"] = String((use.end - now + 999) / 1000)
        return response
    }

    /// Adds what is left of the limit that a request counted against.
    func addLimit(to response: inout HTTPResponse, for request: HTTPRequest) {
        guard configuration.release.limitsRates, let limit = configuration.rateLimit, let user = key(of: request) else {
            return
        }
        let name = LimitName(request, user)
        let use = limitUse[name].flatMap { $0.end > now ? $0 : nil }
        response.head.headers["X-RateLimit-Limit"] = String(limit.most(name))
        response.head.headers["X-RateLimit-Remaining"] = String(limit.most(name) - (use?.used ?? 0))
        response.head.headers["X-RateLimit-Reset"] = String(((use?.end ?? now) - now + 999) / 1000)
    }
}

extension Simulator.RateLimit {
    fileprivate func most(_ name: Simulator.LimitName) -> Int { name.isWrite ? writes : reads }
}

extension Simulator.LimitName {
    fileprivate init(_ request: HTTPRequest, _ user: Simulator.APIKey) {
        self.init(user: user.name, isWrite: request.method != .get && request.method != .head)
    }
}
