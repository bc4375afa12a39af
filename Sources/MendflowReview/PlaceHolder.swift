public import MendflowCore

extension PlanReport {
    /// A retry that holds a place in `max_in_flight`.
    public struct PlaceHolder: Sendable, Hashable {
        /// The intent, the execution that it retries, how far it has come, and its run where that is known.
        public var intent: IntentID, execution: ExecutionID, state: IntentState, run: ExecutionID?
        /// The policy that wanted it, and when it was sent by n8n's clock, where it was.
        public var policy: String, sentAt: ServerTime?
        /// Makes one of a retry.
        public init(_ intent: Intent, _ clockOffset: ClockOffset = .zero) {
            self.intent = intent.id
            execution = intent.draft.execution
            state = intent.state
            run = intent.child
            policy = intent.draft.policy
            sentAt = intent.sendingAt.map(clockOffset.server)
        }

        /// Which retry it is, and why it holds a place in `max_in_flight`.
        public var words: String {
            let why =
                switch (run, state) {
                case (let run?, _): "its run \(run) goes on"
                case (nil, .unresolved): "no answer came, and its run may go on"
                default: state.rawValue
                }
            return "retry of \(execution) (intent \(intent): \(why))"
        }

        /// All that hold one by what a snapshot shows, oldest first; what dry-run has written holds none.
        public static func all(_ view: LedgerView, _ snapshot: Snapshot) -> [PlaceHolder] {
            view.intents.filter { !$0.draft.isShadow && $0.isInFlight(snapshot) }.map {
                PlaceHolder($0, snapshot.clockOffset)
            }
        }
    }
}
