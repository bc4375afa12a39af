import MendflowEnvironment
import MendflowHTTP
import MendflowLedger

extension Environment {
    /// The same environment for whoever leads an instance: nothing is written or sent but under its lease.
    func leased(_ holding: LeaseHolding) -> Environment {
        var environment = self
        environment.ledgers = WrappedLedgers(ledgers) { store, access in
            guard access != .read else { return store }
            return FencedLedgerStore(
                store, instance: holding.instance, known: { holding.seen }, saw: { holding.saw($0) },
                token: { holding.token })
        }
        let connect = connect
        environment.connect = { connection in
            let transport = connect(connection)
            return connection.role == .reads ? transport : LeasedTransport(base: transport, holding: holding)
        }
        return environment
    }
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
