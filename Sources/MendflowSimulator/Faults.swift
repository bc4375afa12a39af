public import MendflowHTTP

extension Simulator {
    /// An endpoint, as faults and the record name it.
    public enum Endpoint: String, Sendable, Hashable, CaseIterable {
        /// `GET /executions`
        case list
        /// `GET /executions/{id}`
        case read
        /// `DELETE /executions/{id}`
        case delete
        /// `POST /executions/{id}/retry`
        case retry
        /// `POST /executions/{id}/stop`
        case stop
        /// `POST /executions/stop`
        case stopMany
        /// `GET /executions/{id}/tags`
        case readTags
        /// `PUT /executions/{id}/tags`
        case writeTags
        /// `GET /workflows`
        case workflows
        /// `GET /workflows/{id}`
        case workflow
        /// `GET /tags`
        case workflowTags
        /// `GET /discover`
        case discover
        /// `GET /healthz`
        case health
        /// `GET /healthz/readiness`
        case readiness
        /// Any method on `/webhook/PATH`
        case webhook
    }

    /// Which requests a fault applies to, and what it does to them.
    public struct FaultRule: Sendable {
        /// The endpoints; nil for all.
        public var endpoints: Set<Endpoint>?
        /// The executions by id; nil for all.
        public var executions: Set<Int>?
        /// How many matching requests pass first.
        public var passing: Int
        /// To how many it applies after that; nil for all.
        public var times: Int?
        /// The time in which it may apply, in milliseconds since 1970; nil for always.
        public var during: Range<Int64>?
        /// It applies to one in so many of them, chosen by the seed; 1 means every one.
        public var oneIn: Int
        /// What it does to them.
        public var fault: Fault

        /// Makes a rule.
        public init(
            _ fault: Fault, at endpoints: Set<Endpoint>? = nil, executions: Set<Int>? = nil, passing: Int = 0,
            times: Int? = 1, during: Range<Int64>? = nil, oneIn: Int = 1
        ) {
            precondition(oneIn > 0, "one in so many, at least one")
            self.fault = fault
            self.endpoints = endpoints
            self.executions = executions
            self.passing = passing
            self.times = times
            self.during = during
            self.oneIn = oneIn
        }

        /// A storm: for a while one in so many requests is answered in this way, whatever it asked for.
        public static func storm(_ fault: Fault, during: Range<Int64>, oneIn: Int = 1) -> FaultRule {
            FaultRule(fault, times: nil, during: during, oneIn: oneIn)
        }
    }

    /// What can go wrong with a request. Times are in milliseconds.
    public enum Fault: Sendable {
        /// The connection is refused.
        case refuse
        /// The request arrives and is never processed; the connection is dropped after so long.
        case loseRequest(after: Int64 = 0)
        /// The request is processed; the connection is dropped after so long, or when the answer is due.
        case loseAnswer(after: Int64 = 0)
        /// The request is processed so much later.
        case delayRequest(Int64)
        /// The answer comes so much later.
        case delayAnswer(Int64)
        /// Something in front of the server cuts the caller off at once, and passes the request on so much later.
        case passOnLater(Int64)
        /// Something in front of the server answers; the request never gets there.
        case answerBefore(HTTPResponse)
        /// The request is processed, but after so long this answer is sent instead of the real one.
        case answerAfter(HTTPResponse, after: Int64 = 0)
        /// The request is processed; if the real answer takes longer than this, this one is sent, as a gateway does.
        case answerUnlessIn(Int64, HTTPResponse)
        /// Only the first so many bytes of the answer's body arrive, as if they were all.
        case truncate(to: Int)
        /// The request is processed twice; the second answer counts.
        case duplicate
        /// The retry's child vanishes when it ends.
        case childNotSaved
        /// A person retries the same execution just before the request is processed: both run.
        case personRetriesFirst
        /// A person retries the same execution so long after the request was processed.
        case personRetriesAfter(Int64)
        /// The process at work on the retry's child dies after so long and is back a while later: the main process in
        /// regular mode, a worker in queue mode.
        case processDies(after: Int64, back: Int64 = 30_000)
        /// The retry's child ended before the main process began to wait for it, as happens in queue mode: the call is never
        /// answered, and until the main process is started anew it takes the child to be running, so that the child is
        /// kept and in no list.
        case neverAnswered
        /// The stop is acknowledged and nothing stops.
        case stopIgnored
        /// The stop is done, but the run goes on and later writes its own end over it.
        case stopUndone
    }
}

extension Simulator {
    /// Where a fault befell a request.
    public struct FaultPlace: Sendable, Hashable {
        /// The fault's name.
        public var fault: String
        /// Where the request went; nil for paths that are not there.
        public var endpoint: Endpoint?
    }
}

extension Simulator.Fault {
    /// What it is called in tables: its case, and the status of an answer that it makes up.
    public var name: String {
        switch self {
        case .refuse: "refused"
        case .loseRequest: "request lost"
        case .loseAnswer: "answer lost"
        case .delayRequest: "request late"
        case .delayAnswer: "answer late"
        case .passOnLater: "passed on later"
        case .answerBefore(let answer): "\(answer.status) before the deed"
        case .answerAfter(let answer, _): "\(answer.status) after the deed"
        case .answerUnlessIn(_, let answer): "\(answer.status) unless in time"
        case .truncate: "answer cut off"
        case .duplicate: "request twice"
        case .childNotSaved: "child not saved"
        case .personRetriesFirst: "person retries first"
        case .personRetriesAfter: "person retries after"
        case .processDies: "process dies at work"
        case .neverAnswered: "never answered"
        case .stopIgnored: "stop ignored"
        case .stopUndone: "stop undone"
        }
    }

    /// n8n's 500, before anything is done.
    public static let errorBefore = Simulator.Fault.answerBefore(.message(500, "Internal server error"))
    /// n8n's 500, after the deed is begun.
    public static let errorAfter = Simulator.Fault.answerAfter(.message(500, "Internal server error"))
    /// A proxy's 504 after a minute, while the run goes on.
    public static let gatewayTimeout = Simulator.Fault.answerUnlessIn(60_000, .page(504, "Gateway Time-out"))
    /// A proxy's 502; the request never got to n8n.
    public static let badGateway = Simulator.Fault.answerBefore(.page(502, "Bad Gateway"))
    /// A text of a server that is starting, with status 503.
    public static let databaseNotReady = Simulator.Fault.answerBefore(.startUp(.databaseNotReady))
    /// A text of a server that is starting, with status 200.
    public static let startingUp = Simulator.Fault.answerBefore(.startUp(.text))

    /// A proxy's 429.
    public static func tooManyRequests(retryAfter seconds: Int) -> Self {
        var response = HTTPResponse.page(429, "Too Many Requests")
        response.head.headers["Retry-After"] = String(seconds)
        return .answerBefore(response)
    }

    /// A redirect to another place.
    public static func redirect(to location: String, status: Int = 302) -> Self {
        .answerBefore(HTTPResponse(status: status, headers: ["Location": location]))
    }
}

extension Simulator {
    /// The fault for a request, used up; nil for none.
    mutating func nextFault(_ endpoint: Endpoint?, execution: Int?) -> Fault? {
        for place in faults.indices {
            let rule = faults[place]
            guard rule.times != 0, rule.endpoints.map({ endpoint.map($0.contains) ?? false }) ?? true,
                rule.executions.map({ execution.map($0.contains) ?? false }) ?? true,
                rule.during?.contains(now) ?? true
            else { continue }
            if rule.passing > 0 {
                faults[place].passing -= 1
                continue
            }
            if rule.oneIn > 1, draw() % UInt64(rule.oneIn) != 0 { continue }
            if let times = rule.times { faults[place].times = times - 1 }
            faultCounts[FaultPlace(fault: rule.fault.name, endpoint: endpoint), default: 0] += 1
            return rule.fault
        }
        return nil
    }

    /// The next number that the seed decides (SplitMix64).
    private mutating func draw() -> UInt64 {
        random &+= 0x9e37_79b9_7f4a_7c15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension HTTPResponse {
    /// An answer with a JSON body.
    static func json(_ status: Int, _ body: Simulator.JSON) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json; charset=utf-8"], body: body.bytes)
    }

    /// A good answer with a JSON body.
    static func json(_ body: Simulator.JSON) -> HTTPResponse { json(200, body) }

    /// The Public API's error body.
    static func message(_ status: Int, _ text: String) -> HTTPResponse {
        json(status, ["message": .string(text)])
    }

    /// A proxy's page.
    static func page(_ status: Int, _ title: String) -> HTTPResponse {
        let page = "<html><head><title>\(status) \(title)</title></head><body><h1>\(title)</h1></body></html>\n"
        return HTTPResponse(status: status, headers: ["Content-Type": "text/html"], body: Array(page.utf8))
    }

    /// What a server that is starting answers.
    static func startUp(_ kind: Simulator.StartUp) -> HTTPResponse {
        switch kind {
        case .databaseNotReady: json(503, ["code": 503, "message": "Database is not ready!"])
        case .text:
            HTTPResponse(
                status: 200, headers: ["Content-Type": "text/html; charset=utf-8"],
                body: Array("n8n is starting up. Please wait".utf8))
        }
    }
}
