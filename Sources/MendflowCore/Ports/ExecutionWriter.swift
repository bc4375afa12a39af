/// Why it is certain that a mutation did nothing (semantics 29).
public enum Proof: Sendable, Hashable, CustomStringConvertible {
    /// (a) No byte of the request left us.
    case notSent
    /// (b) One of n8n's own recorded refusals, by its name in the table.
    case refusal(String)
    /// (b) A redirect, which is not followed.
    case redirect
    /// (b) 429.
    case throttled
    /// (b) One of the two texts of a server that starts up.
    case startingUp
    /// The step before sending ended: reserved and never sent.
    case neverSent
    /// (c) 500 in n8n's own words, and every id made meanwhile is accounted for and none is our child.
    case accounted

    /// What the names of refusals begin with by which a server says that it has no such request at all.
    public static let notOffered = "not_offered"

    /// Whether the server said that it has no such request at all.
    public var saysNotOffered: Bool {
        if case .refusal(let name) = self { name.hasPrefix(Proof.notOffered) } else { false }
    }

    /// What it says, for people.
    public var words: String {
        switch self {
        case .notSent: "nothing left this machine"
        case .refusal(let name): "refused (\(name))"
        case .redirect: "answered with a redirect, which is not followed"
        case .throttled: "n8n asked to wait"
        case .startingUp: "n8n was starting up"
        case .neverSent: "not sent"
        case .accounted: "nothing ran"
        }
    }

    /// The proof's label, bounded.
    public var description: String {
        switch self {
        case .notSent: "not_sent"
        case .refusal(let name): "refusal:\(name)"
        case .redirect: "redirect"
        case .throttled: "throttled"
        case .startingUp: "starting_up"
        case .neverSent: "never_sent"
        case .accounted: "accounted"
        }
    }
}

/// What a proven refusal means for later tries.
public enum RefusalScope: String, Sendable, Hashable {
    /// Try again after backoff.
    case thisTry = "this_try"
    /// This execution cannot be acted on any more (404, 409).
    case execution
    /// The key may not do this kind of action on this instance (401, 403).
    case action
}

/// The answer to a mutation, classified by whether anything can have happened.
public enum WriteAnswer: Sendable, Hashable {
    /// Done; for a retry the new execution and the status with which it ended or went to sleep.
    case applied(child: ExecutionID?, status: ExecutionStatus?)
    /// A retry was done: its run went to its end, and n8n calls it failed all the same, for an error of the run before.
    case ranToItsEnd(child: ExecutionID)
    /// A bulk stop was carried out; n8n says that it stopped so many.
    case stopped(count: Int)
    /// 500 in n8n's own words: unanswered, unless every id made until after `at`, as the answer tells it, is accounted for
    /// (semantics 29c).
    case failed(message: String, at: ServerTime?)
    /// Proven to have done nothing.
    case nothing(proof: Proof, scope: RefusalScope, status: Int?, message: String, retryAfter: Period?)
    /// Whether it did anything is not known.
    case unanswered(status: Int?, message: String)
}

/// Changes things on one instance. An agent in dry-run is composed without one.
public protocol ExecutionWriter: Sendable {
    /// Sends a request, once, under its key; a retry is answered when the retried run ends or goes to sleep, hours later
    /// perhaps.
    func send(_ request: ExecutionRequest, key: RequestKey?) async -> WriteAnswer
    /// Sends a probe, once: it changes nothing.
    func send(_ probe: KeyProbe) async -> KeyAnswer
}

/// What n8n's stop-many body can say.
public struct BulkStopRequest: Sendable, Hashable {
    /// `queued`, `running`, `waiting`; at least one.
    public var statuses: [ExecutionStatus]
    /// One workflow; nil is all of them, which n8n takes at its word.
    public var workflow: WorkflowID?
    /// Bounds on the start. Either of them leaves queued runs out, which have none (n8n facts 17).
    public var startedAfter: ServerTime?, startedBefore: ServerTime?

    /// Makes a request.
    public init(
        statuses: [ExecutionStatus], workflow: WorkflowID?, startedAfter: ServerTime? = nil,
        startedBefore: ServerTime? = nil
    ) {
        precondition(!statuses.isEmpty, "n8n refuses an empty list of statuses")
        self.statuses = statuses
        self.workflow = workflow
        self.startedAfter = startedAfter
        self.startedBefore = startedBefore
    }
}
