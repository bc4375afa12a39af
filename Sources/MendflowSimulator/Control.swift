public import MendflowHTTP

extension Simulator {
    /// The paths that steer the simulated server itself begin with this.
    public static let controlPath = "/simulate"

    /// Answers a request under `/simulate`, which no n8n has: what happens to the server, and its state in JSON. Nil
    /// for any other path. They work while the server is down, and need no key.
    public mutating func control(_ request: HTTPRequest, now: Int64) -> HTTPResponse? {
        let (path, query) = Route.parts(of: request.url)
        guard path == Self.controlPath || path.hasPrefix(Self.controlPath + "/") else { return nil }
        proceed(to: now)
        let command = String(path.dropFirst(Self.controlPath.count + 1))
        if command.isEmpty, request.method == .get { return .json(state) }
        guard Self.commands.contains(command) else {
            return complaint(404, "there is no \(path); POST " + Self.commands.joined(separator: ", ") + " are there")
        }
        guard request.method == .post else { return complaint(405, "\(path) takes POST") }
        do {
            try obey(command, Dictionary(query.map { ($0.key, $0.value) }) { _, last in last }, now)
        } catch {
            return complaint(400, error.text)
        }
        proceed(to: now)
        return .json(state)
    }

    private static let commands = ["kill", "start", "kill-worker", "start-worker", "upgrade", "fail"]

    private struct Complaint: Error { var text: String }

    private func complaint(_ status: Int, _ text: String) -> HTTPResponse { .json(status, ["error": .string(text)]) }

    private mutating func obey(_ command: String, _ query: [String: String], _ now: Int64) throws(Complaint) {
        switch command {
        case "kill": kill(now: now)
        case "start": start(now: now)
        case "kill-worker": killWorker(try worker(query), now: now)
        case "start-worker": startWorker(try worker(query), now: now)
        case "upgrade":
            guard let release = query["to"].flatMap({ Release($0) }), release >= .oldestSimulated else {
                throw Complaint(
                    text: "upgrade needs to=RELEASE: A, B, C, D or a release from \(Release.oldestSimulated) on")
            }
            upgrade(to: release, now: now)
        default: faults.append(try rule(query))
        }
    }

    /// The worker that is meant, counted from 1 outside.
    private func worker(_ query: [String: String]) throws(Complaint) -> Int {
        let count = configuration.mode.workers
        guard count > 0 else { throw Complaint(text: "there are no workers in regular mode") }
        guard let number = Int(query["worker"] ?? "1"), (1...count).contains(number) else {
            throw Complaint(text: "worker is a number from 1 to \(count)")
        }
        return number - 1
    }

    private func rule(_ query: [String: String]) throws(Complaint) -> FaultRule {
        guard let fault = query["fault"].flatMap({ Fault.named[$0] }) else {
            throw Complaint(text: "fault is one of " + Fault.named.keys.sorted().joined(separator: ", "))
        }
        guard let times = Int(query["next"] ?? "1"), (1...1_000_000).contains(times) else {
            throw Complaint(text: "next is how many requests it befalls, a number from 1 to 1000000")
        }
        guard let name = query["endpoint"] else { return FaultRule(fault, times: times) }
        guard let endpoint = Endpoint(rawValue: name) else {
            throw Complaint(text: "endpoint is one of " + Endpoint.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return FaultRule(fault, at: [endpoint], times: times)
    }

    private var state: JSON {
        let word =
            switch power {
            case .up: "up"
            case .down: "down"
            case .starting: "starting"
            }
        return [
            "release": .string(configuration.release.description), "power": .string(word),
            "workers": .int(Int64(configuration.mode.workers)),
            "workersDown": .array(downWorkers.sorted().map { .int(Int64($0) + 1) }),
            "executions": .int(Int64(database.ids.count)),
            "faultsToCome": .int(Int64(faults.reduce(0) { $0 + ($1.times ?? 1) })),
        ]
    }
}

extension Simulator.Fault {
    /// The faults that `/simulate/fail` knows by name.
    static let named: [String: Self] = [
        "refuse": .refuse, "lose-request": .loseRequest(), "lose-answer": .loseAnswer(),
        "delay-request": .delayRequest(30_000), "delay-answer": .delayAnswer(30_000), "error-before": .errorBefore,
        "error-after": .errorAfter, "gateway-timeout": .gatewayTimeout, "bad-gateway": .badGateway,
        "database-not-ready": .databaseNotReady, "starting-up": .startingUp,
        "too-many-requests": .tooManyRequests(retryAfter: 60), "truncate": .truncate(to: 100),
        "duplicate": .duplicate, "child-not-saved": .childNotSaved, "person-retries-first": .personRetriesFirst,
        "never-answered": .neverAnswered, "process-dies": .processDies(after: 1_000), "stop-ignored": .stopIgnored,
        "stop-undone": .stopUndone,
    ]
}
