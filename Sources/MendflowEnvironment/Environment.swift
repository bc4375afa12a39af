public import MendflowCore
public import MendflowHTTP
public import MendflowLedger

/// Everything that the program touches outside itself. Nothing above it reads a clock, a file, a variable or a socket by
/// itself, so that a whole host runs in memory as well as on a machine.
public struct Environment: Sendable {
    /// The time.
    public var clock: any AgentClock
    /// The clock by which an answer is late, where it is not `clock`, since that one runs faster than the machine's.
    public var slowerDeadlines: (any AgentClock)?
    /// The clock by which an answer is late.
    public var deadlines: any AgentClock { slowerDeadlines ?? clock }
    /// Files: configuration, policies, keys, time zones.
    public var files: any FileSystem
    /// The environment variables, in which keys may stand.
    public var variables: [String: String]
    /// Who runs the program, for the record.
    public var user: String
    /// Opens a way to a server; nothing is sent before it is asked to.
    public var connect: @Sendable (Connection) -> any Transport
    /// The ledgers.
    public var ledgers: any LedgerLocker
    /// Makes a log of events of a level and above.
    public var log: @Sendable (_ json: Bool, _ level: AgentEvent.Level) -> any EventSink
    /// Hands signals to a host, as long as what is answered lives.
    public var signals: @Sendable (_ handle: @escaping @Sendable (HostSignal) -> Void) -> any Sendable
    /// Listens on an address of this machine.
    public var listen: Listening = { (address, _, _) throws(ListenFailure) in
        throw ListenFailure(address: address, reason: "nothing listens here")
    }
    /// Mail, and programs of the machine: ways to tell people of things.
    public var mail: any MailSender = NoMail(), programs: any ProgramRunner = NoPrograms()
    /// A number that nobody foresees.
    public var random: @Sendable () -> UInt64 = { .random(in: 0...(.max)) }
    /// Told that an agent has nothing to do until its next tick.
    public var atRest: @Sendable () -> Void = {}

    /// Makes an environment.
    public init(
        clock: any AgentClock, files: any FileSystem, variables: [String: String], user: String,
        connect: @escaping @Sendable (Connection) -> any Transport, ledgers: any LedgerLocker,
        log: @escaping @Sendable (_ json: Bool, _ level: AgentEvent.Level) -> any EventSink,
        signals: @escaping @Sendable (_ handle: @escaping @Sendable (HostSignal) -> Void) -> any Sendable
    ) {
        self.clock = clock
        self.files = files
        self.variables = variables
        self.user = user
        self.connect = connect
        self.ledgers = ledgers
        self.log = log
        self.signals = signals
    }
}

/// A way to a server (semantics 30): reads and mutations have one of their own each, so that neither holds up the other.
public struct Connection: Sendable, Hashable {
    /// What it is for.
    public enum Role: Sendable, Hashable {
        /// Reads: a few connections, used again.
        case reads
        /// Mutations: a fresh connection each, for a used one may send a request twice.
        case mutations
    }
    /// What it is for.
    public var role: Role
    /// The server's address, by which a simulated network finds it.
    public var address: String
    /// A file with the authority of the server's certificate; nil for those of the machine.
    public var caFile: String?
    /// Whether the proxy of the environment is used.
    public var usesProxy: Bool

    /// Makes one.
    public init(_ role: Role, address: String, caFile: String?, usesProxy: Bool) {
        self.role = role
        self.address = address
        self.caFile = caFile
        self.usesProxy = usesProxy
    }
}

/// What is asked of a running host from outside.
public enum HostSignal: Sendable, Hashable {
    /// Stop in good order.
    case stop
    /// Read configuration and policies anew.
    case reload
}

/// How a ledger is opened.
public enum LedgerAccess: Sendable, Hashable {
    /// To read.
    case read
    /// To read and append; it has to be there.
    case append
    /// The same; it is made where there is none.
    case create
}

/// Where ledgers are kept, and who acts on them.
public protocol LedgerLocker: Sendable {
    /// Opens a ledger.
    ///
    /// - Throws: `LedgerFailure.missing` where there is none, or why it cannot be opened.
    func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore
    /// Makes sure that nobody else acts on a ledger, as long as what is answered lives.
    ///
    /// - Throws: `LedgerFailure.locked` where somebody does.
    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold
    /// What can be seen of an agent that acts on a ledger, without getting in its way.
    func agent(on path: String) -> AgentSigns
    /// What keeps a ledger on its disk; nil where it is on none.
    func keeper(of path: String) -> (any LedgerKeeper)?
    /// The same, where a password opens what asks for one.
    func unlocked(by password: LedgerPassword) -> any LedgerLocker
    /// The leases by which several agents share a ledger; nil where one agent has it to itself, by `lock`.
    ///
    /// - Throws: why it cannot be told.
    func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)?
}

extension LedgerLocker {
    /// None: it is on no disk.
    public func keeper(of path: String) -> (any LedgerKeeper)? { nil }
    /// The same: none asks for a password.
    public func unlocked(by password: LedgerPassword) -> any LedgerLocker { self }
    /// None: one agent has it to itself.
    public func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? { nil }
}

/// A password that is read anew each time that it is needed.
public struct LedgerPassword: Sendable {
    /// Where it stands, which tells it from others; never what it says.
    public var place: String
    /// Reads it.
    public var read: @Sendable () throws(LedgerFailure) -> String

    /// Says where a password stands.
    public init(_ place: String, read: @escaping @Sendable () throws(LedgerFailure) -> String) {
        self.place = place
        self.read = read
    }
}

/// What can be seen from outside of an agent that acts on a ledger, or did last.
public struct AgentSigns: Sendable, Hashable {
    /// Whether one holds the ledger; nil where that cannot be seen from here.
    public var isHeld: Bool?
    /// The record with which it began; nil where nothing tells.
    public var begun: AuditHead?

    /// Makes signs.
    public init(isHeld: Bool? = nil, begun: AuditHead? = nil) {
        self.isHeld = isHeld
        self.begun = begun
    }
}
