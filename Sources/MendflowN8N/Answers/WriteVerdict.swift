internal import MendflowCore
internal import MendflowHTTP

/// Decides whether a mutation that did not succeed can have done anything (semantics 29): proven refusals did nothing, all
/// else is unanswered.
struct WriteVerdict {
    let connection: N8NConnection
    let call: Call
    let kind: ActionKind
    let id: String

    /// The body that every recorded server sends with a 500. A gateway that fails in front of n8n uses other words, and
    /// those prove nothing.
    private static let serverError = #"{"message":"Internal server error"}"#

    /// What an exchange without a whole answer proves: that nothing was sent, or nothing at all.
    func of(_ failure: ExchangeFailure) -> WriteAnswer {
        switch failure {
        case .key(let message):
            return nothing(.notSent, .thisTry, nil, "\(call.display): \(message)")
        case .transport(let transport, let deadline):
            let words =
                "\(call.display) on \(connection): "
                + (deadline.map { "given up after \($0); " } ?? "") + transport.description
            guard transport.bytesSent == 0 else {
                return .unanswered(status: transport.status, message: connection.scrub(words))
            }
            return nothing(.notSent, .thisTry, nil, words)
        }
    }

    /// What a whole answer proves that does not say that the mutation was done.
    func of(_ answer: Answer, now: AgentTime) -> WriteAnswer {
        let wait = answer.retryAfter(now: now)
        if answer.isStartingUp {
            return nothing(.startingUp, .thisTry, answer.status, "n8n is starting up", wait)
        }
        if (300...399).contains(answer.status) {
            let target = answer.redirectTarget.map { " to \($0), set url to it" } ?? ", which is not followed"
            return nothing(.redirect, .thisTry, answer.status, "the URL redirects\(target)")
        }
        if answer.status == 429 {
            return nothing(
                .throttled, .thisTry, 429, "too many requests: \(answer.refusal ?? connection.excerpt(answer))", wait)
        }
        if let words = answer.refusal,
            let refusal = RefusalTable.refusal(of: kind, id: id, status: answer.status, message: words)
        {
            return nothing(
                .refusal(refusal.name), refusal.scope, answer.status,
                "n8n answers \(answer.status) '\(words)'" + advice(answer.status), wait)
        }
        let words = connection.scrub(doubt(answer))
        // n8n's own words to the letter, not a proxy's. Whether a run was made can then be told later, from the ids
        // that n8n gave meanwhile (semantics 29c).
        if answer.status == 500, answer.isJSON, answer.opening == WriteVerdict.serverError {
            return .failed(message: words, at: answer.serverTime)
        }
        return .unanswered(status: answer.status, message: words)
    }

    private func nothing(
        _ proof: Proof, _ scope: RefusalScope, _ status: Int?, _ message: String, _ wait: Period? = nil
    ) -> WriteAnswer {
        .nothing(
            proof: proof, scope: scope, status: status, message: connection.scrub(message), retryAfter: wait)
    }

    private func advice(_ status: Int) -> String {
        switch status {
        case 401: "; check the API key of this instance"
        case 403:
            "; the API key lacks the scope \(call.scope): edit or recreate it in n8n under Settings > n8n API"
        default: ""
        }
    }

    private func doubt(_ answer: Answer) -> String {
        let what =
            answer.status == 200
            ? "an answer that does not say what was done (\(connection.excerpt(answer)))"
            : "\(answer.status) \(answer.refusal.map { "'\($0)'" } ?? connection.excerpt(answer))"
        return "\(call.display) on \(connection) brought \(what); whether anything was done is not known"
    }
}
