public import MendflowCore

/// Something that happened in a chain of retries.
public struct TimelineEntry: Sendable, Hashable {
    /// Who did it.
    public enum Actor: String, Sendable, Hashable {
        /// Mendflow.
        case us
        /// A person, or another program.
        case person
        /// n8n itself: a trigger, a webhook.
        case n8n
    }
    /// When; nil where that is not known.
    public var at: Timestamp?
    /// Who.
    public var actor: Actor
    /// The execution it is about.
    public var execution: ExecutionID
    /// What.
    public var words: String

    /// Everything that rows and intents tell of a chain, oldest first.
    static func all(of chain: Chain, _ view: LedgerView) -> [TimelineEntry] {
        let ours = Set(view.intents.compactMap(\.child))
        var entries = chain.nodes.map { node in
            TimelineEntry(
                at: node.row?.startedAt ?? node.row?.createdAt ?? node.row?.stoppedAt,
                actor: node.parent == nil ? .n8n : ours.contains(node.id) ? .us : .person, execution: node.id,
                words: words(of: node))
        }
        for intent in view.intents where chain.contains(intent.draft.execution) {
            var words = "\(intent.draft.action.rawValue): \(intent.state.rawValue)"
            if !intent.draft.tags.isEmpty { words += " [\(intent.draft.tags.joined(separator: ", "))]" }
            if let note = intent.note { words += " (\(note))" }
            words += ", policy \(intent.draft.policy), intent \(intent.id)"
            entries.append(
                TimelineEntry(at: intent.reservedAt, actor: .us, execution: intent.draft.execution, words: words))
        }
        return entries.enumerated().sorted { one, other in
            let (a, b) = (one.element.at ?? Timestamp(milliseconds: 0), other.element.at ?? Timestamp(milliseconds: 0))
            return a != b ? a < b : one.offset < other.offset
        }.map(\.element)
    }

    private static func words(of node: Chain.Node) -> String {
        let origin = node.parent.map { "retry of \($0)" }
        guard let row = node.row else { return "\(origin ?? "first run"), gone: n8n does not show it any more" }
        var words = "\(origin ?? "run (\(row.mode))"): \(row.status.rawValue)"
        if let end = row.stoppedAt, !row.status.isLive { words += " at \(end)" }
        if let till = row.waitTill, row.status == .waiting { words += " until \(till)" }
        return words
    }
}
