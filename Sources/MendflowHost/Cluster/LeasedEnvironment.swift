import MendflowEnvironment
import MendflowHTTP
import MendflowLedger

extension Environment {
    /// The same environment for whoever leads an instance: nothing is written or sent but under its lease.
    func leased(_ holding: LeaseHolding) -> Environment {
        var environment = self
        environment.ledgers = LeasedLedgers(base: ledgers, holding: holding)
        let connect = connect
        environment.connect = { connection in
            let transport = connect(connection)
            return connection.role == .reads ? transport : LeasedTransport(base: transport, holding: holding)
        }
        return environment
    }
}

/// Ledgers to which is written under a lease.
private struct LeasedLedgers: LedgerLocker {
    let base: any LedgerLocker
    let holding: LeaseHolding

    func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        let store = try await base.open(path, access)
        guard access != .read else { return store }
        return FencedLedgerStore(
            store, instance: holding.instance, known: { [holding] in holding.seen },
            saw: { [holding] in holding.saw($0) }, token: { [holding] in holding.token })
    }

    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { try base.lock(path) }
    func agent(on path: String) -> AgentSigns { base.agent(on: path) }
    func keeper(of path: String) -> (any LedgerKeeper)? { base.keeper(of: path) }
    func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? { try base.leases(of: path) }
}

/// Sends what changes something as long as the lease lasts: looked at last when the connection stands, for making one may
/// take long, and so may whatever froze this process meanwhile.
private struct LeasedTransport: Transport {
    let base: any Transport
    let holding: LeaseHolding

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        try await base.send(request) { [holding] event in
            if case .sending = event {
                do throws(LedgerFailure) { try holding.confirm() } catch { return .stop }
            }
            return observer(event)
        }
    }
}
