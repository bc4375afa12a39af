/// Why a retry whose answer was lost may be asked for again under its key (semantics 29e): no run of it is seen, and where it ran
/// all the same, or is still on its way, the server knows its key and runs it once.
public struct AskingProof: Sendable, Hashable {
    /// The key that the server had before the request left.
    public var witness: KeyWitness
    /// When it refused that key to another request, and how.
    public var refusedAt: AgentTime, status: Int, message: String
    /// Every id from the watermark up to this one, the highest known, is a row that is no retry of the execution.
    public var accountedTo: ExecutionID

    /// Makes a proof.
    public init(
        _ witness: KeyWitness, refusedAt: AgentTime, status: Int, message: String, accountedTo: ExecutionID
    ) {
        self.witness = witness
        self.refusedAt = refusedAt
        self.status = status
        self.message = message
        self.accountedTo = accountedTo
    }

    /// For so long after a request left it may be asked again: n8n keeps a key for twelve hours (n8n facts 7.6).
    public static let horizon = Period.hours(11)
    /// How old the server's refusal may be when the request leaves.
    private static let freshness = Period.minutes(1)
    /// How often a request is asked again at most.
    public static let mostTimes = 12

    /// What speaks against asking an intent's request again at a time; nil where it may be.
    public func objection(to intent: Intent, at now: AgentTime) -> String? {
        guard intent.draft.action == .retry, !intent.draft.isShadow else { return "it is no retry" }
        guard intent.child == nil else { return "its run is known" }
        guard intent.key != nil, let sent = intent.sendingAt, let watermark = intent.watermark?.number else {
            return "it bore no key"
        }
        guard intent.witness == witness, witness.takenAt <= sent else { return "the witness is not its own" }
        guard now >= sent, now - sent <= AskingProof.horizon else { return "it left too long ago" }
        guard now >= refusedAt, now - refusedAt <= AskingProof.freshness else {
            return "the witness was not asked just now"
        }
        guard let last = accountedTo.number, last >= watermark else { return "its run was not looked for" }
        return intent.asked < AskingProof.mostTimes ? nil : "it was asked for \(intent.asked) times"
    }
}
