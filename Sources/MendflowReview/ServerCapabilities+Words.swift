public import MendflowCore

/// What a capability, or the lack of one, means for whoever runs the agent.
public struct CapabilityNote: Sendable, Hashable {
    /// The capability's name, as in JSON.
    public var name: String
    /// Whether the server has it; nil where that is not known.
    public var holds: Bool?
    /// What it means.
    public var message: String
    /// Whether the lack of it costs something that a user should know.
    public var isCost: Bool
}

extension ServerCapabilities {
    /// How the API behaves, in words.
    public var eraWords: String {
        switch era {
        case .a: "it answers as n8n 2.27 does: lists no waiting runs, and ignores some filters by status"
        case .b: "it answers as n8n 2.35 does"
        case .c: "it answers as n8n 2.41 does"
        }
    }

    /// Every capability but the scopes, in words; `gapBudget` is how many ids are asked for per tick.
    public func notes(gapBudget: Int) -> [CapabilityNote] {
        [
            CapabilityNote(
                name: "started_after", holds: boundsByStart,
                message: boundsByStart
                    ? "lists can be bounded by start: a poll reads what is new and no more"
                    : "lists cannot be bounded by start: each poll costs the server a count of its whole table",
                isCost: !boundsByStart),
            CapabilityNote(
                name: "exact_filters", holds: filtersExactly,
                message: filtersExactly
                    ? "each status has a list of its own"
                    : "crashed, queued and unknown runs have no list of their own: rows are told apart here",
                isCost: false),
            CapabilityNote(
                name: "ignore_data_size_limit", holds: ignoresSizeLimit,
                message: ignoresSizeLimit
                    ? "no run's data is too large for n8n to hand out"
                    : "the data of very large runs cannot be read: conditions on their errors are unknown",
                isCost: !ignoresSizeLimit),
            CapabilityNote(
                name: "lists_waiting", holds: !hidesWaiting,
                message: hidesWaiting
                    ? "waiting runs are in no list: found by asking ids, up to \(gapBudget) per tick"
                    : "waiting runs are listed", isCost: hidesWaiting),
            CapabilityNote(
                name: "lists_queued", holds: hidesQueued ? false : nil, message: queuedWords(gapBudget),
                isCost: hidesQueued),
        ]
            + notOffered.sorted().map { kind in
                CapabilityNote(
                    name: kind.rawValue, holds: false,
                    message: "this n8n has no request to \(kind.verb): what policies want of it is held as not_offered",
                    isCost: true)
            }
    }

    /// Every capability whose presence is known, by name.
    public var held: [String: Bool] {
        Dictionary(uniqueKeysWithValues: notes(gapBudget: 0).compactMap { note in note.holds.map { (note.name, $0) } })
    }

    /// The actions that the server has no request for, in words; nil where it has all.
    public var notOfferedWords: String? {
        notOffered.isEmpty ? nil : notOffered.sorted().map(\.verb).joined(separator: ", ")
    }

    private func queuedWords(_ gapBudget: Int) -> String {
        hidesQueued
            ? "queued runs are in no list (queue mode): found by asking ids, up to \(gapBudget) per tick"
            : "whether its lists show queued runs is not known before one is seen; in queue mode they do not"
    }
}

extension ActionKind {
    /// What is done, as a verb with its object.
    fileprivate var verb: String {
        switch self {
        case .retry: "retry an execution"
        case .stop: "stop an execution"
        case .bulkStop: "stop many executions at once"
        case .tag: "tag an execution"
        case .delete: "delete an execution"
        }
    }
}
