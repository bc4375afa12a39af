package import MendflowCore
package import MendflowLedger

/// Something worth telling an operator, before it is dated and given to the log.
package struct Remark: Sendable, Hashable {
    /// How much it matters.
    package var level: AgentEvent.Level
    /// A short stable name: `action.sent`, `read.failed`.
    package var name: String
    /// A sentence for people.
    package var message: String
    /// Everything else, in order.
    package var fields: [AgentEvent.Field]
    /// Of remarks on one topic only a change is told, or what is true still after `again`; nil is told every time.
    package var topic: Topic?

    /// What is told once, and again after a while.
    package struct Topic: Sendable, Hashable {
        /// What it is about.
        package var name: String
        /// After how long it is told again while it is true; nil for never.
        package var again: Period?

        package init(name: String, again: Period?) {
            self.name = name
            self.again = again
        }
    }

    /// Whether it only says that something is not wrong any more, which nobody need know who was not told that it was.
    package var isAllClear: Bool { topic != nil && level < .warning && topic?.again != nil }

    package init(
        _ level: AgentEvent.Level, _ name: String, _ message: String, _ fields: [(String, String)] = [],
        topic: Topic? = nil
    ) {
        self.level = level
        self.name = name
        self.message = message
        self.fields = fields.map { AgentEvent.Field($0.0, $0.1) }
        self.topic = topic
    }

    /// Says that n8n's clock is in doubt, and later that it is not any more.
    init(_ clock: ClockOffset) {
        let topic = Topic(name: "clock", again: .days(1))
        guard let trouble = clock.trouble else {
            self.init(.info, "clock.agreed", "n8n's clock is not in doubt any more", topic: topic)
            return
        }
        self.init(.warning, clock.isDisputed ? "clock.disputed" : "clock.overruled", trouble, topic: topic)
    }

    /// Something could not be written down. That another agent leads by now is how it should be.
    package init(_ failure: LedgerFailure, _ more: String = "") {
        if case .fenced = failure {
            self.init(.info, "ledger.fenced", "\(failure)\(more)")
        } else {
            self.init(.error, "ledger.failed", "\(failure)\(more)")
        }
    }

    /// Something could not be read.
    package init(_ failure: ReadFailure) {
        self.init(.warning, "read.failed", "\(failure)", [("kind", failure.kind.rawValue)])
    }
}
