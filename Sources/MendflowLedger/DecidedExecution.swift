public import MendflowCore

/// The decision about one execution, by all policies together, with the evidence that it was made from.
public struct DecidedExecution: Sendable, Hashable {
    /// The instance and its epoch.
    public var instance: InstanceKey
    /// The execution, and the root of its chain.
    public var execution: ExecutionID, root: ExecutionID
    /// Whether it counts in dry-run only.
    public var isShadow: Bool
    /// The moment that it was judged at.
    public var now: ServerTime
    /// What each policy had to say, in the order of the plan; at least one.
    public var parts: [Part]
    /// What it was made from, with the planning before it: enough to decide again. Nil where nobody planned.
    public var evidence: DecisionEvidence?

    /// One policy's part.
    public struct Part: Sendable, Hashable {
        /// What is compared with the next decision.
        public var verdict: LedgerView.RecordedVerdict.Part
        /// `act`, or the label of the reason.
        public var label: String
        /// The literal request of what is or will be due; until when it waits; why not, in words.
        public var request: String?, until: ServerTime?, why: String?
        /// In dry-run the enforced policy that it would be taken from; why a bulk stop is held.
        public var takenFrom: String?, bulkHeld: String?

        /// Makes the part of a decision.
        public init(_ decision: Decision) {
            verdict = LedgerView.RecordedVerdict.Part(decision)
            label = decision.verdict.label
            switch decision.verdict {
            case .act(let action): request = action.request
            case .wait(let action, let until, _): (request, self.until) = (action.request, until)
            case .held(_, let why): (request, self.why) = (decision.withheld?.request, why.isEmpty ? nil : why)
            }
            takenFrom = decision.takenFrom
            bulkHeld = decision.bulkHeld
        }

        /// Makes a part of its own parts.
        package init(
            verdict: LedgerView.RecordedVerdict.Part, label: String, request: String?, until: ServerTime?,
            why: String?, takenFrom: String?, bulkHeld: String?
        ) {
            self.verdict = verdict
            self.label = label
            self.request = request
            self.until = until
            self.why = why
            self.takenFrom = takenFrom
            self.bulkHeld = bulkHeld
        }
    }

    /// Makes the entry of what a plan decided about one execution; `decisions` are all about it, at least one.
    public init(
        _ decisions: [Decision], instance: InstanceKey, isShadow: Bool, now: ServerTime,
        evidence: DecisionEvidence?
    ) {
        precondition(!decisions.isEmpty, "nothing was decided")
        self.instance = instance
        execution = decisions[0].execution
        root = decisions[0].root
        self.isShadow = isShadow
        self.now = now
        parts = decisions.map(Part.init)
        self.evidence = evidence
    }

    /// Makes an entry of its parts.
    package init(
        instance: InstanceKey, execution: ExecutionID, root: ExecutionID, isShadow: Bool, now: ServerTime,
        parts: [Part], evidence: DecisionEvidence?
    ) {
        self.instance = instance
        self.execution = execution
        self.root = root
        self.isShadow = isShadow
        self.now = now
        self.parts = parts
        self.evidence = evidence
    }

    /// What the next decision about the execution is compared with.
    public var verdict: LedgerView.RecordedVerdict { LedgerView.RecordedVerdict(parts.map(\.verdict)) }
}

extension LedgerView.RecordedVerdict {
    /// What decisions about one execution leave in the ledger.
    public init(_ decisions: [Decision]) { self.init(decisions.map(Part.init)) }
}

extension LedgerView.RecordedVerdict.Part {
    /// What one decision leaves in the ledger.
    init(_ decision: Decision) {
        self.init(
            policy: decision.policy?.name, version: decision.policy?.version, status: decision.status,
            phase: decision.phase)
    }
}

extension Decision {
    /// Rows that nobody wants are counted, not recorded one by one; so is what holds everything at once.
    public var isWorthRecording: Bool {
        switch verdict {
        case .held(.noPolicy, _), .held(.beforeBaseline, _), .held(.factPending, _): false
        case .held(.incompletePoll, _), .held(.paused, _), .held(.replayPaused, _), .held(.epochAlarm, _): false
        default: true
        }
    }

    fileprivate var phase: LedgerView.RecordedVerdict.Phase {
        switch verdict {
        case .act: .act
        case .wait(_, _, .maxActions), .wait(_, _, .instanceLimit), .wait(_, _, .rateLimit), .wait(_, _, .maxInFlight),
            .wait(_, _, .cooldown), .wait(_, _, .canary):
            .capped
        case .wait(_, _, let reason), .held(let reason, _): .held(reason)
        }
    }
}
