extension LedgerView {
    /// What was recorded last about an execution, by all policies together, so that only changes are written.
    public struct RecordedVerdict: Sendable, Hashable {
        /// What became of it by one policy.
        public enum Phase: Sendable, Hashable {
            /// The action is due.
            case act
            /// Caps, which others share, hold it for the moment, whichever of them is full just now.
            case capped
            /// It waits or is held, for a reason.
            case held(Reason)
        }
        /// One policy's part of it.
        public struct Part: Sendable, Hashable {
            /// The policy's name and the hash of its text; nil where no policy was concerned.
            public var policy: String?, version: String?
            /// The execution's status when it was judged.
            public var status: ExecutionStatus
            /// What became of it.
            public var phase: Phase
            /// Makes a part.
            public init(policy: String?, version: String?, status: ExecutionStatus, phase: Phase) {
                self.policy = policy
                self.version = version
                self.status = status
                self.phase = phase
            }
        }
        /// The parts, in the order of the plan.
        public var parts: [Part]
        /// Makes a recorded verdict.
        public init(_ parts: [Part]) { self.parts = parts }
    }
}

extension LedgerView.RecordedVerdict.Phase: RawRepresentable {
    /// It by its name; nil where there is none of that name.
    public init?(rawValue: String) {
        switch rawValue {
        case "act": self = .act
        case "capped": self = .capped
        default:
            guard let reason = Reason(rawValue: rawValue) else { return nil }
            self = .held(reason)
        }
    }

    /// Its name: `act`, `capped`, or that of the reason.
    public var rawValue: String {
        switch self {
        case .act: "act"
        case .capped: "capped"
        case .held(let reason): reason.rawValue
        }
    }

    /// Why it waits or is held; nil where it is due, or held by caps.
    public var reason: Reason? { if case .held(let reason) = self { reason } else { nil } }
}
