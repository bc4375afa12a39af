package import MendflowCore
package import MendflowLedger
package import MendflowOperations
import MendflowPolicy
package import MendflowWorkspace

/// How a channel stands, for whoever asks.
package struct ChannelStatus: Sendable {
    /// The channel's name, and where it leads: `webhook`, `email` or `command`.
    package var channel: String, kind: String
    /// What the ledger says of it; nil before the agent has begun it.
    package var standing: ChannelStanding?
    /// What waits, the oldest first: keys, lines, from when on, and why it waits.
    package var waiting: [Waiting]

    /// When what failed is tried next; nil where nothing failed, or no agent is there: whoever tells then tries at once.
    package var nextTry: AgentTime?

    /// A message that waits.
    package struct Waiting: Sendable {
        /// The message.
        package var notice: Notice
        /// Why it waits, and when it is tried next; nil where nobody can tell.
        package var why: NoticeWait, triedAt: AgentTime?
    }

    /// Every channel of the configuration, by the ledger alone; `carrier` is who tells, where that can be seen.
    package static func read(
        _ workspace: Workspace, carrier: NoticeCarrier?
    ) async throws(MendflowFailure) -> [ChannelStatus] {
        guard let store = try await workspace.openLedgerReading() else {
            throw await workspace.missingLedger()
        }
        let now = workspace.clock.now()
        return try await workspace.ledger { () throws(LedgerFailure) in
            let state = try await store.load(LedgerScope(instances: []))
            let reader = try await NoticeReader(store)
            var all: [ChannelStatus] = []
            for channel in workspace.configuration.channels {
                var status = ChannelStatus(
                    channel: channel.name, kind: channel.destination.kind, standing: state.channel(channel.name),
                    waiting: [])
                if carrier == .agent || carrier == nil { status.nextTry = status.standing?.nextTry }
                if let standing = status.standing, let reader {
                    var queue = ChannelQueue(channel, standing)
                    while queue.hasRoom {
                        let found = try await reader.findings(after: queue.read)
                        for (record, finding) in found { queue.follow(finding, of: record) }
                        if found.isEmpty { break }
                    }
                    let sent = try await reader.sent(by: channel.name, since: now - Deliveries.window)
                    status.waiting = queue.waiting.map { notice in
                        let (why, at) = NoticeWait.of(notice, standing, sent: sent, carrier, at: now)
                        return Waiting(notice: notice, why: why, triedAt: at)
                    }
                }
                all.append(status)
            }
            return all
        }
    }
}

/// Why a message waits.
package enum NoticeWait: String, Sendable, Hashable, CaseIterable {
    /// Nobody is there who tells it.
    case nobody
    /// A command holds the ledger, and tells it at its end.
    case command
    /// It may be over soon, and then nobody has to hear of it.
    case held
    /// Sending failed, and is tried later and later.
    case failing
    /// As many messages went out lately as may.
    case crowded
    /// Nothing keeps it: it is told with the next look.
    case turn

    /// Why a message waits at a time, and when it is tried next where that is known; `sent` is what went out lately.
    package static func of(
        _ notice: Notice, _ standing: ChannelStanding, sent: [(at: AgentTime, isPressing: Bool)],
        _ carrier: NoticeCarrier?, at now: AgentTime
    ) -> (why: NoticeWait, triedAt: AgentTime?) {
        switch carrier {
        case .nobody?: return (.nobody, nil)
        case .command?: return (.command, nil)
        case .agent?, nil: break
        }
        let like = sent.filter { $0.isPressing == notice.isPressing }.map(\.at).sorted()
        let isCrowded = like.count >= Deliveries.burst
        let times: [(NoticeWait, AgentTime?)] = [
            (.held, notice.due), (.failing, standing.nextTry),
            (.crowded, isCrowded ? like[like.count - Deliveries.burst] + Deliveries.window : nil),
        ]
        // The last of what has to be over.
        let last = times.compactMap { why, at in at.map { (why, $0) } }.filter { $0.1 > now }.max { $0.1 < $1.1 }
        return last ?? (.turn, nil)
    }

    /// Why, for people.
    package var words: String {
        switch self {
        case .nobody: "nobody is there who tells it"
        case .command: "told by the command that holds the ledger, at its end"
        case .held: "it may be over by then"
        case .failing: "the last try failed"
        case .crowded: "as many as may go out in ten minutes did"
        case .turn: "told with the next look"
        }
    }
}
