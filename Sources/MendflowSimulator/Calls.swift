import MendflowHTTP

extension Simulator {
    /// A call under way.
    struct Call: Sendable {
        var request: HTTPRequest
        /// Its place in `requests`.
        var place: Int
        var endpoint: Endpoint?
        /// The fault that will be done to its answer.
        var fault: Fault?
    }

    /// What an endpoint answers: a response now, or one that is due when a run ends.
    enum Answer {
        case now(HTTPResponse)
        /// When the run of that execution ends or falls asleep.
        case whenEnded(Int)
    }

    /// Decides which fault applies to a request, then processes the request under it.
    mutating func accept(_ id: CallID) {
        guard let request = calls[id]?.request, let place = calls[id]?.place else { return }
        if power == .down { return deliver(id, .drop(.refused)) }
        let route = Route(request, base: configuration.base, release: configuration.release)
        remember(place) { $0.endpoint = route.endpoint }
        calls[id]?.endpoint = route.endpoint
        let fault = nextFault(route.endpoint, execution: route.id.flatMap { Int($0) })
        switch fault {
        case .refuse: deliver(id, .drop(.refused))
        case .loseRequest(let after): schedule(.replies(id, .drop(.lost)), at: now + after)
        case .answerBefore(let response): deliver(id, .answer(response))
        case .delayRequest(let time): schedule(.processes(id), at: now + time)
        case .personRetriesFirst:
            if let execution = route.id.flatMap({ Int($0) }) {
                _ = try? startRetry(execution, loadWorkflow: true, by: .person("person"))
            }
            process(id)
        case .duplicate:
            process(twin(of: request, place))
            process(id)
        case .passOnLater(let time):
            schedule(.processes(twin(of: request, place)), at: now + time)
            deliver(id, .drop(.cutOff))
        default:
            calls[id]?.fault = fault
            process(id)
        }
    }

    /// The same request once more, whose answer nobody waits for.
    private mutating func twin(of request: HTTPRequest, _ place: Int) -> CallID {
        counter += 1
        let twin = CallID(number: counter)
        calls[twin] = Call(request: request, place: place)
        return twin
    }

    mutating func process(_ id: CallID) {
        guard let call = calls[id] else { return }
        switch call.fault {
        case .answerAfter(let response, let after): schedule(.replies(id, .answer(response)), at: now + after)
        case .answerUnlessIn(let time, let response): schedule(.replies(id, .answer(response)), at: now + time)
        case .loseAnswer(let after): schedule(.replies(id, .drop(.cutOff)), at: now + after)
        default: break
        }
        faultInHand = call.fault
        let said = respond(to: call)
        faultInHand = nil
        switch said {
        case .now(let response): answer(id, response)
        case .whenEnded(let execution):
            callers[execution, default: []].append(id)
            switch call.fault {
            case .neverAnswered: stuck.insert(execution)
            case .processDies(let after, let back): schedule(.processDies(of: execution, back: back), at: now + after)
            case .personRetriesAfter(let after):
                guard let original = database[execution]?.retryOf else { break }
                schedule(.personRetries(original), at: now + after)
            default: break
            }
        }
    }

    /// Takes the endpoint's answer and does to it what the fault says: delays, cuts, drops or replaces it.
    mutating func answer(_ id: CallID, _ response: HTTPResponse) {
        guard let call = calls[id] else { return }
        switch call.fault {
        case .answerAfter: return
        case .loseAnswer: deliver(id, .drop(.cutOff))
        case .delayAnswer(let time): schedule(.replies(id, .answer(response)), at: now + time)
        case .truncate(let length):
            var cut = response
            cut.body = Array(response.body.prefix(length))
            deliver(id, .answer(cut))
        default: deliver(id, .answer(response))
        }
    }

    mutating func deliver(_ id: CallID, _ reply: Reply) {
        guard let call = calls.removeValue(forKey: id) else { return }
        var reply = reply
        if case .answer(var response) = reply {
            addTag(to: &response, for: call)
            addLimit(to: &response, for: call.request)
            // Added last, so that a 304 carries a `Date` too.
            response.head.headers["Date"] = httpDate(clock + configuration.dateAhead)
            if call.request.method == .head {
                response.head.headers["Content-Length"] = String(response.body.count)
                response.body = []
            }
            reply = .answer(response)
        }
        remember(call.place) { $0.reply = reply }
        outbox.append((id, reply))
    }

    /// n8n's own good answers carry an `ETag`; a client that has that answer already gets 304.
    private func addTag(to response: inout HTTPResponse, for call: Call) {
        let isRead = call.request.method == .get || call.request.method == .head
        guard isRead, response.status == 200, let endpoint = call.endpoint, endpoint != .webhook else { return }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in response.body { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let tag = "W/\"\(String(response.body.count, radix: 16))-\(String(hash, radix: 36))\""
        let known = call.request.headers.fields.filter { $0.name.lowercased() == "if-none-match" }
        if known.contains(where: { names($0.value, tag) }) { response = HTTPResponse(status: 304) }
        response.head.headers["ETag"] = tag
    }

    /// Whether a list of tags, or `*`, names a tag; weak ones and strong ones are the same.
    private func names(_ list: String, _ tag: String) -> Bool {
        list.split(separator: ",").contains { element in
            var element = element.drop { $0 == " " || $0 == "\t" }
            while let last = element.last, last == " " || last == "\t" { element.removeLast() }
            return element == "*" || element == tag || "W/" + element == tag
        }
    }
}
