internal import MendflowCore
internal import MendflowHTTP

/// Turns an answer that cannot be used, or the lack of one, into a failure whose message says what to do about it.
struct ReadFailures {
    let connection: N8NConnection
    let call: Call
    let now: AgentTime

    func failure(_ kind: ReadFailure.Kind, _ message: String, _ answer: Answer? = nil) -> ReadFailure {
        ReadFailure(
            kind, request: connection.scrub(call.display), status: answer?.status,
            message: connection.scrub(message), retryAfter: answer?.retryAfter(now: now))
    }

    /// The failure of an exchange without a whole answer.
    func of(_ exchange: ExchangeFailure) -> ReadFailure {
        switch exchange {
        case .key(let message): failure(.unauthorized, message)
        case .transport(let transport, let deadline): of(transport, deadline)
        }
    }

    private func of(_ transport: TransportFailure, _ deadline: Period?) -> ReadFailure {
        let advice: String
        switch transport.kind {
        case _ where deadline != nil:
            advice =
                "no whole answer from \(connection) within \(deadline ?? .zero); n8n is overloaded, or something"
                + " in between holds the request"
        case .unresolved:
            advice = "the host of \(connection) could not be resolved (\(transport.message)); check url and DNS"
        case .unconnected:
            advice = "no connection to \(connection) (\(transport.message)); is n8n running, are host and port right?"
        case .tls:
            advice =
                "the TLS handshake with \(connection) failed (\(transport.message)); for a private authority set"
                + " ca_file; for a server without TLS the url begins with http://"
        case .cancelled: advice = "given up before the answer came"
        case .cutOff:
            advice = "the connection to \(connection) ended before a whole answer (\(transport.message))"
        case .notHTTP:
            advice = "\(connection) does not speak HTTP (\(transport.message)); check port and scheme of url"
        case .tooLarge:
            advice =
                "the answer of \(connection) is none of n8n's (\(transport.message)); see what stands between it and"
                + " Mendflow, n8n's own heads are small"
        case .invalidRequest, .other:
            advice = "the request to \(connection) failed (\(transport.message))"
        }
        var result = failure(transport.kind == .tooLarge ? .tooLarge : .unreachable, advice)
        result.status = transport.status
        return result
    }

    /// The failure that an answer is, if it is not what was asked for.
    func of(_ answer: Answer) -> ReadFailure {
        if answer.isStartingUp {
            return failure(.startingUp, "n8n is starting up; it is asked again at the next tick", answer)
        }
        switch answer.status {
        case 200: return unusable(answer)
        case 204: return failure(.notN8N, ReadFailures.empty, answer)
        case 300...399: return redirect(answer)
        case 401, 403: return denied(answer)
        case 429:
            let wait = answer.retryAfter(now: now).map { "; it asks to wait \($0)" } ?? ""
            return failure(.throttled, "too many requests, says the server or a proxy in front of it\(wait)", answer)
        case 500...599: return broken(answer)
        default: return refused(answer)
        }
    }

    private static let empty =
        "an empty 204, which n8n gives to user agents with 'bot' in their name and proxies to clients they distrust;"
        + " check the user agent and what stands in front of n8n"

    private func unusable(_ answer: Answer) -> ReadFailure {
        if answer.overflowed || answer.fault == .tooMuchKept {
            return failure(.tooLarge, "an answer of more than \(call.bodyLimit >> 20) MiB, which is not read", answer)
        }
        if answer.received == 0 {
            return failure(.notN8N, "an empty answer where n8n gives JSON; check url and api_path", answer)
        }
        if answer.isJSON, !answer.isWhole, answer.fault == nil {
            return failure(.notN8N, "JSON that ends in the middle; a proxy may cut answers off", answer)
        }
        if let fault = PageFault(answer, of: call) {
            return failure(fault.isOfN8N ? .serverError : .notN8N, fault.message, answer)
        }
        let what =
            answer.isWhole ? "JSON that n8n's API does not give here" : "no JSON but \(connection.excerpt(answer))"
        return failure(.notN8N, "\(what); \(connection) may not be n8n: check url and api_path", answer)
    }

    private func redirect(_ answer: Answer) -> ReadFailure {
        if answer.status == 304 {
            return failure(.notN8N, "304 to a request that named no earlier answer; a cache stands in between", answer)
        }
        guard let target = answer.redirectTarget else {
            return failure(.notN8N, "a redirect, which is not followed; check url and api_path", answer)
        }
        return failure(.notN8N, "the URL redirects to \(target), set url to it", answer)
    }

    private func denied(_ answer: Answer) -> ReadFailure {
        guard let words = answer.refusal else {
            return failure(
                .notN8N,
                "a \(answer.status) that is not n8n's (\(connection.excerpt(answer))); a proxy in front of n8n wants a login, see"
                    + " headers in mendflow.yaml", answer)
        }
        if answer.status == 401 {
            return failure(
                .unauthorized,
                "n8n refuses the API key ('\(words)'); check that it belongs to this instance, has not expired or been"
                    + " deleted, and that its user is enabled", answer)
        }
        return failure(
            .forbidden,
            "the API key may not do this ('\(words)'): it lacks the scope \(call.scope); edit or recreate the key in"
                + " n8n under Settings > n8n API (keys keep the scopes they were made with)", answer)
    }

    private func broken(_ answer: Answer) -> ReadFailure {
        if let words = answer.refusal {
            return failure(
                .serverError, "n8n answers \(answer.status) '\(words)'; its log says why", answer)
        }
        if answer.retryAfter(now: now) != nil {
            return failure(.throttled, "\(answer.status) from a proxy that asks for patience", answer)
        }
        guard answer.status == 500 else {
            return failure(
                .unreachable,
                "\(answer.status) from a proxy in front of n8n (\(connection.excerpt(answer))); is n8n running?",
                answer)
        }
        return failure(
            .serverError, "500 without n8n's JSON (\(connection.excerpt(answer))); the server's log says why", answer)
    }

    private func refused(_ answer: Answer) -> ReadFailure {
        guard let words = answer.refusal else {
            return failure(
                .notN8N,
                "\(answer.status) with \(connection.excerpt(answer)); \(connection) may not be n8n, or its API is switched off or"
                    + " elsewhere: check url and api_path", answer)
        }
        let advice = answer.status == 404 ? "; check api_path, or n8n is too old for this request" : ""
        var result = failure(.refused, "n8n answers \(answer.status) '\(words)'\(advice)", answer)
        result.unknownQueryKey = answer.status == 400 ? ReadFailures.unknownQueryKey(words) : nil
        return result
    }

    /// The query key that a server of era A or B refuses in these words; nil for other words.
    static func unknownQueryKey(_ words: String) -> String? {
        let opening = "Unknown query parameter '"
        guard words.hasPrefix(opening), words.hasSuffix("'"), words.utf8.count > opening.utf8.count + 1 else {
            return nil
        }
        return String(words.dropFirst(opening.count).dropLast())
    }
}

extension N8NConnection {
    /// An answer's beginning for messages; cut after its secrets were taken out, or half of one would be left.
    func excerpt(_ answer: Answer) -> String {
        let words = scrub(answer.openingLine)
        if let title = N8NConnection.title(of: words) { return "a page with the title '\(title)'" }
        return words.isEmpty ? "nothing" : "'\(words.prefix(120))\(words.count > 120 ? "..." : "")'"
    }

    /// The title of a page, which tells more of it than its first letters; nil where there is none.
    private static func title(of page: String) -> String? {
        guard let begin = page.firstRange(of: "<title>")?.upperBound,
            let end = page[begin...].firstRange(of: "</title>")?.lowerBound
        else { return nil }
        let title = page[begin..<end].prefix(120)
        return title.allSatisfy(\.isWhitespace) ? nil : String(title)
    }
}
