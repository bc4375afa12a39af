/// What an intent's outcome rests on. Programs decide by the case; `words` is for people only.
public enum OutcomeEvidence: Sendable, Hashable {
    /// Nothing was sent: the agent stopped before, or the last look objected (its words).
    case notSent(objection: String?)
    /// It is proven that the request did nothing; with the server's status and message.
    case proof(Proof, status: Int?, message: String)
    /// Proof (c): no id above `from` up to `upTo` is a retry of the execution (semantics 29).
    case accounted(from: ExecutionID?, upTo: ExecutionID)
    /// n8n answered that it was done; for a retry the status with which the retried run ended or went to sleep.
    case answered(ExecutionStatus?)
    /// n8n answered 500 in its own words: it may have done it all the same.
    case failed(message: String)
    /// No answer that tells anything came.
    case unanswered(status: Int?, message: String)
    /// The agent that sent it ended before an answer came.
    case agentEnded
    /// A retry of the execution was seen that the request may have started. `isDoubtful`: nobody can tell whether it is ours
    /// or a person's, for no answer has named it; records of old say otherwise of what was seen while an answer was awaited.
    case child(ExecutionID, ExecutionStatus, isDoubtful: Bool)
    /// A span of n8n's own tracing says that a retry of the execution has ended, with which status it claims and when; n8n has
    /// no row of it. Ours or a person's.
    case toldBySpan(ExecutionID, ExecutionStatus, at: ServerTime?)
    /// A stop was carried out: the run is seen to be canceled.
    case stopVerified
    /// A run ended otherwise than by our stop; `wasCanceled` where it had looked stopped before.
    case endedOtherwise(ExecutionStatus, wasCanceled: Bool)
    /// A run goes on although it was stopped twice.
    case goesOn(ExecutionStatus)
    /// n8n's count of a bulk stop beside the number that was expected.
    case bulkAnswered(expected: Int, stopped: Int)
    /// What was seen of a bulk stop's runs; `before` is what was known until then, in words.
    case bulkVerified(before: String?, canceled: Int, live: Int)
    /// Tags: all were there before the write.
    case tagsPresent
    /// Tags: all are there after the write.
    case tagsVerified
    /// Tags: some are not there after the write.
    case tagsMissing
    /// Tags: written, and reading them back failed.
    case tagsUnverified(String)
    /// Tags: whether they were written is not known, and writing a set again does nothing twice.
    case tagsMayBeWrittenAgain
    /// A deletion: n8n has no such row any more.
    case deletionVerified
    /// A deletion: the row is there still.
    case notDeleted
    /// Replaced by one more request, as the policy allows.
    case sentAgain
    /// An operator's word.
    case resolved(by: String, reason: String)

    /// For people: what it rests on; nil where there is nothing to say beyond the state.
    public var summary: String? {
        switch self {
        case .notSent(let objection): Self.joined([Proof.neverSent.words, objection])
        case .proof(let proof, let status, let message):
            Self.joined([proof.words, status.map(String.init), message])
        case .accounted(let from, let last):
            "\(Proof.accounted.words): no id from \(from?.text ?? "") to \(last) is a retry of it"
        case .answered(let status): status.map { "answered: \($0.rawValue)" }
        case .failed(let message): message
        case .unanswered(let status, let message): Self.joined([status.map(String.init), message])
        case .agentEnded: "the agent ended before an answer came"
        case .child(let id, let status, let isDoubtful):
            "child \(id) seen \(status.rawValue)\(isDoubtful ? ", ours or a person's" : "")"
        case .toldBySpan(let id, let status, _):
            "a span of n8n's tracing says that retry \(id), ours or a person's, ended as \(status.rawValue); it was not kept"
        case .stopVerified: "verified: canceled"
        case .endedOtherwise(let status, let wasCanceled):
            "\(wasCanceled ? "canceled at first, then" : "not canceled:") \(status.rawValue)"
        case .goesOn(let status): "still \(status.rawValue)"
        case .bulkAnswered(let expected, let stopped): "\(expected) predicted, \(stopped) stopped"
        case .bulkVerified(let before, let canceled, let live):
            "\(before ?? ""), \(canceled) verified as canceled, \(live) still live"
        case .tagsPresent: "were there already"
        case .tagsVerified: "verified"
        case .tagsMissing: "the tags are not there after the write"
        case .tagsUnverified(let why): "written, not verified: \(why)"
        case .tagsMayBeWrittenAgain: "not verified; it may be written again"
        case .deletionVerified: "verified: gone"
        case .notDeleted: "it is there still"
        case .sentAgain: "sent again, as the policy allows"
        case .resolved(let who, let reason): "resolved by \(who): \(reason)"
        }
    }

    private static func joined(_ parts: [String?]) -> String { parts.compactMap { $0 }.joined(separator: ": ") }
}
