import MendflowCore
import MendflowHTTP
import MendflowLedger

extension Environment {
    /// The same environment without any way to change something: no file is written, no ledger is opened but to be read, nothing
    /// is sent to a server but GET and HEAD, no mail and no program,
    /// and nothing listens.
    public var readOnly: Environment {
        var environment = self
        environment.files = ReadOnlyFiles(base: files)
        environment.ledgers = ReadOnlyLedgers(base: ledgers)
        let connect = connect
        environment.connect = { ReadOnlyTransport(base: connect($0)) }
        environment.mail = NoMail()
        environment.programs = NoPrograms()
        environment.listen = { (address, _, _) throws(ListenFailure) in
            throw ListenFailure(address: address, reason: "nothing listens from here")
        }
        return environment
    }
}

/// Sends what changes nothing.
struct ReadOnlyTransport: Transport {
    let base: any Transport

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        guard request.method == .get || request.method == .head else {
            throw TransportFailure(.invalidRequest, bytesSent: 0, message: "\(request.method) is not sent from here")
        }
        return try await base.send(request, observer: observer)
    }
}

/// Opens ledgers to read.
struct ReadOnlyLedgers: LedgerLocker {
    let base: any LedgerLocker

    func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        guard access == .read else { throw .unusable("\(path): nothing is written from here") }
        return try await base.open(path, .read)
    }

    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold {
        throw .unusable("\(path): nobody acts from here")
    }

    func agent(on path: String) -> AgentSigns { base.agent(on: path) }

    /// None: a keeper copies and replaces.
    func keeper(of path: String) -> (any LedgerKeeper)? { nil }

    func unlocked(by password: LedgerPassword) -> any LedgerLocker {
        ReadOnlyLedgers(base: base.unlocked(by: password))
    }

    func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? {
        try base.leases(of: path).map { ReadOnlyLeases(base: $0, path: path) }
    }
}

/// Shows leases, and takes none.
struct ReadOnlyLeases: LeaseTable {
    let base: any LeaseTable
    let path: String

    func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
        throw .unusable("\(path): nobody acts from here")
    }
    func board() async throws(LedgerFailure) -> LeaseBoard { try await base.board() }
    func settleDoubt() async throws(LedgerFailure) { throw .unusable("\(path): nothing is written from here") }
    func returns() -> AsyncStream<Void> { base.returns() }
}
