public import MendflowCore

extension PlanReport {
    /// A retry that holds a place in `max_in_flight`.
    public struct PlaceHolder: Sendable, Hashable {
        /// The intent, the execution that it retries, how far it has come, and its run where that is known.
        public var intent: IntentID, execution: ExecutionID, state: IntentState, run: ExecutionID?
        /// Makes one of a retry.
        public init(_ intent: Intent) {
            self.intent = intent.id
            execution = intent.draft.execution
            state = intent.state
            run = intent.child
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
            view.intents.filter { !$0.draft.isShadow && $0.isInFlight(snapshot) }.map(PlaceHolder.init)
        }
    }
}
