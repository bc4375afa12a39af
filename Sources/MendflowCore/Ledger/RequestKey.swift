/// What a request bears as `Idempotency-Key`. A server that knows keys (n8n facts 7.6) answers the same request under the same
/// key as it did before, and does nothing again; others ignore it.
public struct RequestKey: Sendable, Hashable, CustomStringConvertible {
    /// The key: 1 to 128 visible ASCII characters.
    public let text: String

    /// Takes a key as it was written down; nil where it is none.
    public init?(_ text: String) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    /// The key of an intent's request. The number alone would not do: a ledger that was begun anew gives it again.
    public init(_ intent: IntentID, reservedAt: AgentTime) {
        text = "mendflow-\(intent.number)-\(reservedAt.milliseconds)"
    }

    /// The key of a probe.
    public init(probeAt time: AgentTime) { text = "mendflow-probe-\(time.milliseconds)" }

    /// The key.
    public var description: String { text }
}

extension ActionKind {
    /// Whether its request bears a key: n8n looks at those of `POST` alone.
    public var bearsKey: Bool {
        switch self {
        case .retry, .stop, .bulkStop: true
        case .tag, .delete: false
        }
    }
}
