import MendflowCore
import MendflowLedger

// A retry whose answer was lost, asked for again under its key: look for its run, prove that the server honours keys, write
// that down, send. Whatever is not as it has to be leaves the intent as it is.
extension ActionRun {
    mutating func prove(accountedTo highest: ExecutionID?) -> Effect {
        guard let highest, intent.witness != nil else { return leave("no row is known, or the server honours no keys") }
        state = .proving(accountedTo: highest)
        return .prove
    }

    mutating func askAgain(_ answer: KeyAnswer?, at now: AgentTime, accountedTo last: ExecutionID) -> Effect {
        guard let witness = intent.witness, case .refused(let status, let message)? = answer else {
            return leave("the server is not seen to honour keys, or has forgotten those of before")
        }
        let proof = AskingProof(witness, refusedAt: now, status: status, message: message, accountedTo: last)
        state = .marking(request)
        let words = "asking again for the \(intent.draft.action.rawValue) of \(intent.draft.execution), under its key"
        return .append([.asked(IntentRef(intent), proof)], isOutcome: false, [Remark(.info, "action.asking", words)])
    }

    /// Gives up asking: before it is on record as sent nothing has changed, and afterwards its outcome is open as it was. Where
    /// nobody knows whether it is on record, that is written down as well; on an intent that is open already it changes nothing.
    mutating func dropAsking(_ objection: String, isRecorded: Bool, at now: ServerTime?) -> Effect {
        guard isRecorded else { return leave(objection) }
        return settle(
            Settlement(.unresolved, .unanswered(status: nil, message: objection), answeredAt: now), "action.unresolved")
    }

    private mutating func leave(_ why: String) -> Effect {
        state = .finished
        let words = "\(intent.draft.action.rawValue) of \(intent.draft.execution) is not asked for again now: \(why)"
        return .leave(Remark(.info, "action.not_asked", words, [("policy", intent.draft.policy)]))
    }

    /// What an answer leaves open that would prove of a request sent once that it did nothing: the one before may have done it,
    /// or be on its way. Nil where the answer tells.
    func doubt(_ answer: WriteAnswer, at now: AgentTime, _ time: ServerTime?) -> Settlement? {
        guard case .nothing(_, _, let status, let message, let wait) = answer else { return nil }
        return Settlement(
            .unresolved, .unanswered(status: status, message: message), notBefore: wait.map { now + $0 },
            answeredAt: time)
    }
}
