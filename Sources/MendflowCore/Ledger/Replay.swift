/// A replay as the ledger tells of it: what a person started for some executions once, and how it stands.
public struct Replay: Sendable, Hashable {
    /// How it stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// It goes on.
        case running
        /// A person or the replay itself stopped it; it may go on.
        case paused
        /// A person ended it before its end.
        case aborted
        /// Nothing of it is left to do.
        case ended

        /// What may follow.
        public var next: Set<State> {
            switch self {
            case .running: [.paused, .aborted, .ended]
            case .paused: [.running, .aborted]
            case .aborted, .ended: []
            }
        }
    }

    /// What it began with.
    public var start: ReplayStart
    /// When it began, and since when it stands as it does: retries that were reserved before say nothing of its pace.
    public var begunAt: AgentTime, since: AgentTime
    /// How it stands, who did that (empty where it did so by itself), and why.
    public var state: State, movedBy: String, why: String

    /// Makes a replay that begins.
    public init(_ start: ReplayStart, at time: AgentTime) {
        self.start = start
        begunAt = time
        since = time
        state = .running
        movedBy = start.by
        why = start.reason
    }

    /// Its name, which is that of its policy.
    public var name: String { start.name }
    /// Whether retries may be sent for it.
    public var isRunning: Bool { state == .running }
    /// Whether it may still do something, now or after a person lets it go on.
    public var isOpen: Bool { state == .running || state == .paused }

    /// How it stands, for people.
    public var standing: String {
        let who = movedBy.isEmpty ? "" : " by \(movedBy)"
        return "\(name) is \(state.rawValue)\(who)" + (why.isEmpty ? "" : ": \(why)")
    }

    /// The name of the replay of a number.
    public static func name(_ number: Int) -> String { "replay-\(number)" }

    /// The number in a replay's name; nil for the name of anything else. Policies in files may not be named so.
    public static func number(in name: String) -> Int? {
        guard name.hasPrefix("replay-"), let number = Int(name.dropFirst(7)), Replay.name(number) == name, number > 0
        else { return nil }
        return number
    }
}

/// What a replay begins with.
public struct ReplayStart: Sendable, Hashable {
    /// Its name, which is that of its policy.
    public var name: String
    /// The hash of its policy's text, which the ledger holds.
    public var version: String
    /// How many executions were chosen, and when the first of them ended.
    public var total: Int, earliest: ServerTime
    /// Who started it, why, and by which words the executions were chosen.
    public var by: String, reason: String, selection: String

    /// Makes a beginning.
    public init(
        name: String, version: String, total: Int, earliest: ServerTime, by: String, reason: String, selection: String
    ) {
        self.name = name
        self.version = version
        self.total = total
        self.earliest = earliest
        self.by = by
        self.reason = reason
        self.selection = selection
    }
}

/// How a replay is moved from one state to another.
public struct ReplayMove: Sendable, Hashable {
    /// The replay's name, and the state that it gets.
    public var name: String, state: Replay.State
    /// Who does it (empty where the replay does it by itself), and why.
    public var by: String, why: String

    /// Makes a move.
    public init(_ name: String, _ state: Replay.State, by: String, why: String) {
        self.name = name
        self.state = state
        self.by = by
        self.why = why
    }
}
