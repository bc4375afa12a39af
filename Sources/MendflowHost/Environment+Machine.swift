import MendflowCore
public import MendflowEnvironment
import MendflowHTTPClient
import MendflowLedger
import MendflowLedgerPostgres
import MendflowLedgerSQLite
import MendflowMail

extension Environment {
    /// The machine: its clocks, files and signals, libcurl, SQLite, standard error.
    public static func machine(_ variables: [String: String]) -> Environment {
        var machine = Environment(
            clock: SystemClock(), files: MachineFiles(), variables: variables,
            user: user(variables, id: MachineFiles.userID, name: MachineFiles.userName),
            connect: { connection in
                CurlTransport(
                    CurlTransport.Configuration(
                        role: connection.role == .reads ? .reads : .mutations, caFile: connection.caFile,
                        proxy: connection.usesProxy ? .environment : .none))
            }, ledgers: MachineLedgers(variables), log: { LogWriter(format: $0 ? .json : .logfmt, level: $1) },
            signals: { handle in
                StopSignals.ignoreBrokenPipes()
                return MachineSignals(
                    stop: StopSignals { handle(.stop) }, reload: ReloadSignal { handle(.reload) })
            })
        machine.atRest = ProcessMemory.tidy
        machine.listen = { (address, bodyBytes, answer) throws(ListenFailure) in
            try MachineListener.start(address, bodyBytes, answer)
        }
        machine.mail = CurlMail()
        machine.programs = MachinePrograms(variables)
        return machine
    }

    /// Who runs the program, for the record: whoever became somebody else by sudo, else the name that the machine has for the
    /// user, and the number alone where it has none, as in a container.
    static func user(_ variables: [String: String], id: UInt32, name: (UInt32) -> String?) -> String {
        [variables["SUDO_USER"], name(id)].compactMap(\.self).first { !$0.isEmpty } ?? "user \(id)"
    }
}

/// The signals of the process, as long as this lives.
private struct MachineSignals: Sendable {
    var stop: StopSignals
    var reload: ReloadSignal
}

/// Ledgers in files, and on PostgreSQL where the path is an address.
private struct MachineLedgers: LedgerLocker {
    private var (files, postgres): (any LedgerLocker, any LedgerLocker)

    init(_ variables: [String: String]) { (files, postgres) = (SQLiteLedgers(), PostgresLedgers(variables: variables)) }

    func unlocked(by password: LedgerPassword) -> any LedgerLocker {
        var ledgers = self
        ledgers.postgres = postgres.unlocked(by: password)
        return ledgers
    }

    private func locker(_ path: String) -> any LedgerLocker { PostgresLedgers.isMeant(by: path) ? postgres : files }

    func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        try await locker(path).open(path, access)
    }

    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { try locker(path).lock(path) }

    func keeper(of path: String) -> (any LedgerKeeper)? { locker(path).keeper(of: path) }

    func agent(on path: String) -> AgentSigns { locker(path).agent(on: path) }

    func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? { try locker(path).leases(of: path) }
}

/// Ledgers in files.
private struct SQLiteLedgers: LedgerLocker {
    func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        switch access {
        case .read: try SQLiteLedgerStore.openReading(path: path)
        case .append, .create: try SQLiteLedgerStore.open(path: path, create: access == .create)
        }
    }

    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { try LedgerLock(ledger: path) }

    func keeper(of path: String) -> (any LedgerKeeper)? { SQLiteLedgerKeeper(path: path) }

    func agent(on path: String) -> AgentSigns {
        AgentSigns(isHeld: LedgerLock.isHeld(ledger: path), begun: LedgerLock.begun(ledger: path))
    }
}
