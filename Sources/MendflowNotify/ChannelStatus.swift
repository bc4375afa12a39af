package import MendflowCore
package import MendflowLedger
import MendflowOperations
import MendflowPolicy
package import MendflowWorkspace

/// How a channel stands, for whoever asks.
package struct ChannelStatus: Sendable {
    /// The channel's name, and where it leads: `webhook`, `email` or `command`.
    package var channel: String, kind: String
    /// What the ledger says of it; nil before the agent has begun it.
    package var standing: ChannelStanding?
    /// What waits, the oldest first: keys, lines and from when on.
    package var waiting: [Notice]

    init(_ channel: Configuration.Channel, _ standing: ChannelStanding?, _ waiting: [Notice]) {
        self.channel = channel.name
        kind = channel.destination.kind
        self.standing = standing
        self.waiting = waiting
    }

    /// Every channel of the configuration, by the ledger alone.
    package static func read(_ workspace: Workspace) async throws(MendflowFailure) -> [ChannelStatus] {
        guard let store = try await workspace.openLedgerReading() else {
            throw MendflowFailure(ledger: .missing(workspace.ledgerPath))
        }
        return try await workspace.ledger { () throws(LedgerFailure) in
            let state = try await store.load(LedgerScope(instances: []))
            let reader = try await NoticeReader(store)
            var all: [ChannelStatus] = []
            for channel in workspace.configuration.channels {
                guard let standing = state.channel(channel.name), let reader else {
                    all.append(ChannelStatus(channel, nil, []))
                    continue
                }
                var queue = ChannelQueue(channel, standing)
                while queue.hasRoom {
                    let found = try await reader.findings(after: queue.read)
                    for (record, finding) in found { queue.follow(finding, of: record) }
                    if found.isEmpty { break }
                }
                all.append(ChannelStatus(channel, standing, queue.waiting))
            }
            return all
        }
    }
}
