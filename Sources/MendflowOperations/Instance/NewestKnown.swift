public import MendflowCore
public import MendflowWorkspace

/// The newest moment of which anything is known. A time that people name and that lies ahead of it is mistyped, and is refused in
/// the same words everywhere: taken as it is, it would be answered as if nothing had happened.
public struct NewestKnown: Sendable {
    private let time: ServerTime, words: String
    /// How far behind it a time may be: n8n's clock may be ahead of ours.
    private let margin: Period

    /// Now, by n8n's clock as far as that is known.
    public static func now(_ clock: any AgentClock, n8n offset: ClockOffset = .zero) -> NewestKnown {
        let now = offset.server(clock.now())
        return NewestKnown(time: now, words: "it is \(now.rfc3339) now", margin: .minutes(5))
    }

    /// The end of a history.
    static func end(of span: Range<ServerTime>) -> NewestKnown {
        NewestKnown(time: span.upperBound, words: "the history ends at \(span.upperBound.rfc3339)", margin: .zero)
    }

    /// Refuses a time that lies ahead; `name` is what people call it.
    public func check(_ asked: ServerTime?, _ name: String) throws(MendflowFailure) {
        guard let asked, asked > time + margin else { return }
        throw MendflowFailure(
            .usage, "\(name) \(asked.rfc3339) lies ahead of everything that is known: \(words)")
    }
}
