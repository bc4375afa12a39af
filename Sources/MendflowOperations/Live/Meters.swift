package import MendflowCore
package import MendflowEnvironment
package import MendflowHTTP
import MendflowLedger
private import Synchronization

/// Counts what a host sends to its servers and how long its ledger takes, on the way: it changes nothing that passes.
package final class Meters: Sendable {
    /// A request as it is counted.
    package struct Request: Sendable, Hashable {
        /// The instance, and what was asked for.
        package var instance: String, endpoint: N8NEndpoint
        /// The first digit of the status; nil where no answer came.
        package var statusClass: Int?
    }

    private struct State {
        var requests: [Request: Int] = [:]
        var appends = DurationCounts.writes
        /// Names of the instances by their addresses.
        var names: [String: String]
    }
    private let state: Mutex<State>
    private let clock: any AgentClock

    /// Makes them for the instances of these addresses.
    package init(names: [String: String], clock: any AgentClock) {
        state = Mutex(State(names: names))
        self.clock = clock
    }

    /// Takes in what instances are called by now; where they are known already nothing changes.
    package func know(_ named: [(address: String, name: String)]) {
        state.withLock { state in for (address, name) in named { state.names[address] = name } }
    }

    /// The requests that were sent.
    package var requests: [Request: Int] { state.withLock { $0.requests } }
    /// How long appends took.
    package var appends: DurationCounts { state.withLock { $0.appends } }

    /// An environment through which everything goes as before, and is counted.
    package func metered(_ environment: Environment) -> Environment {
        var metered = environment
        metered.connect = { [self] connection in
            let transport = environment.connect(connection)
            guard let name = state.withLock({ $0.names[connection.address] }) else { return transport }
            return MeteredTransport(base: transport, instance: name, meters: self)
        }
        metered.ledgers = WrappedLedgers(environment.ledgers) { [self] store, access in
            access == .read ? store : MeteredStore(ledger: store, meters: self)
        }
        return metered
    }

    private func note(_ request: Request) { state.withLock { $0.requests[request, default: 0] += 1 } }

    private struct MeteredTransport: Transport {
        let base: any Transport
        let instance: String
        let meters: Meters

        func send(
            _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
        ) async throws(TransportFailure) -> TransferSummary {
            var counted = Request(instance: instance, endpoint: N8NEndpoint(request), statusClass: nil)
            do throws(TransportFailure) {
                let summary = try await base.send(request, observer: observer)
                counted.statusClass = summary.head.status / 100
                meters.note(counted)
                return summary
            } catch {
                meters.note(counted)
                throw error
            }
        }
    }

    private struct MeteredStore: LedgerStore {
        let ledger: any LedgerStore
        let meters: Meters

        func append(
            _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
        ) async throws(LedgerFailure) -> LedgerHead {
            let began = meters.clock.monotonic()
            let done = try await ledger.append(entries, expecting: head, fence: fence)
            let took = meters.clock.monotonic() - began
            meters.state.withLock { $0.appends.note(max(.zero, took)) }
            return done
        }

        func seal(
            _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
        ) async throws(LedgerFailure) -> LedgerHead {
            try await ledger.seal(sealing, expecting: head, fence: fence)
        }
        func base() async throws(LedgerFailure) -> [LedgerCell] { try await ledger.base() }
        func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState { try await ledger.load(scope) }
        func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
            try await ledger.records(after: sequence, limit: limit)
        }
        func records(
            about executions: Set<ExecutionID>, instance: InstanceKey
        ) async throws(LedgerFailure) -> [SealedRecord] {
            try await ledger.records(about: executions, instance: instance)
        }
        func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
            try await ledger.verify(expecting: expected)
        }
    }
}

/// What of n8n's Public API is asked for, in as few words as tell loads apart.
package enum N8NEndpoint: String, Sendable, Hashable, CaseIterable {
    /// A page of executions.
    case list
    /// One execution, without or with its data.
    case execution
    case data
    /// Annotation tags of an execution.
    case tags
    /// What acts.
    case retry
    case stop
    case bulkStop = "bulk_stop"
    case delete
    /// Workflows.
    case workflows
    /// Anything else.
    case other

    /// What a request asks for.
    package init(_ request: HTTPRequest) {
        let target = request.url.split(separator: "?", maxSplits: 1)
        let parts = (target.first ?? "").split(separator: "/")
        guard let place = parts.lastIndex(of: "executions") else {
            self = parts.contains("workflows") ? .workflows : .other
            return
        }
        let behind = parts[parts.index(after: place)...]
        let query = target.count > 1 ? target[1] : ""
        switch (request.method, behind.count, behind.last) {
        case (.get, 0, _): self = .list
        case (.post, 1, "stop"): self = .bulkStop
        case (.delete, 1, _): self = .delete
        case (.get, 1, _): self = query.contains("includeData=true") ? .data : .execution
        case (.post, 2, "retry"): self = .retry
        case (.post, 2, "stop"): self = .stop
        case (_, 2, "tags"): self = .tags
        default: self = .other
        }
    }
}
