import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowText
import MendflowWorkspace

/// What the doctor asks of a ledger that several agents share, and of what they put on record about themselves.
struct FleetFinding: Sendable {
    /// Who is there, and who leads what.
    var fleet: Fleet
    /// How far the store's clock is ahead of this machine's, and how long it took to answer.
    var ahead: Period, took: Period
    /// What the agents that are there said last, by their names.
    var told: [AgentName: Word] = [:]

    /// What an agent said of itself.
    struct Word: Sendable, Hashable {
        /// The reading of the files that it goes by, as text, and its version; nil where it does not say.
        var contents: String?, version: String?
    }

    /// Asks; nil where one agent has the ledger to itself.
    static func read(_ workspace: Workspace) async throws(MendflowFailure) -> FleetFinding? {
        // The first time a connection may have to be made.
        guard try await Fleet.read(workspace) != nil else { return nil }
        let (before, began) = (workspace.clock.now(), workspace.clock.monotonic())
        guard let fleet = try await Fleet.read(workspace) else { return nil }
        let took = max(.zero, workspace.clock.monotonic() - began)
        let middle = before + Period(milliseconds: took.milliseconds / 2)
        var finding = FleetFinding(fleet: fleet, ahead: fleet.now - middle, took: took)
        guard let store = try await workspace.openLedgerReading() else { return finding }
        finding.told = try await workspace.ledger { () throws(LedgerFailure) in
            try await FleetFinding.told(by: Set(fleet.agents.filter(\.isPresent).map(\.name)), store)
        }
        return finding
    }

    /// How many records are looked at, a page at a time.
    private static let (most, page): (Int64, Int64) = (100_000, 2000)

    /// The last words of some agents, as far back as is worth looking.
    private static func told(
        by agents: Set<AgentName>, _ store: any LedgerStore
    ) async throws(LedgerFailure) -> [AgentName: Word] {
        let state = try await store.load(LedgerScope(instances: []))
        let (head, floor) = (state.head.chain.sequence, state.floor)
        var (end, told): (Int64, [AgentName: Word]) = (head, [:])
        while end > floor, head - end < most {
            let from = max(floor, end - page)
            for sealed in try await store.records(after: from, limit: Int(end - from)).reversed() {
                guard let event = try sealed.lifecycle, let agent = event.inForce?.agent, agents.contains(agent)
                else { continue }
                told[agent, default: Word()].add(event)
            }
            if agents.allSatisfy({ told[$0]?.isWhole ?? false }) { break }
            end = from
        }
        return told
    }
}

extension FleetFinding.Word {
    fileprivate var isWhole: Bool { contents != nil && version != nil }

    /// Takes what an older record has and newer ones do not: only the first of an agent names its version.
    fileprivate mutating func add(_ event: Lifecycle) {
        contents = contents ?? event.inForce?.contents
        if version == nil, case .started(let started) = event { version = started.version }
    }
}
