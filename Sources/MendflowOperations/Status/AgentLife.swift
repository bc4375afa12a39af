public import MendflowCore
import MendflowLedger
import MendflowText
import MendflowWorkspace

/// Whether an agent works on the ledger, as far as can be told from outside.
public enum AgentLife: Sendable, Hashable {
    /// One does.
    case running
    /// None does: a command holds the ledger, for this.
    case busy(AgentErrand)
    /// The last one stopped in good order.
    case stopped(AgentTime)
    /// The last one did not say that it stops: killed, or the machine went down. Heard of it was then.
    case silent(AgentTime)
    /// None ever has.
    case never

    /// Whether one works.
    public var isRunning: Bool { self == .running }

    /// What signs, the last start and stop, and the last tick of any instance amount to. Where the lock cannot be seen, a tick of
    /// a moment ago tells.
    /// `errand` is what the last start was for, where it was no agent's.
    init(
        isHeld: Bool?, started: AgentTime?, stopped: AgentTime?, tick: AgentTime?, _ now: AgentTime, fresh: Period,
        errand: AgentErrand? = nil
    ) {
        let working = errand.map { AgentLife.busy($0) } ?? .running
        let heard = [started, tick].compactMap { $0 }.max()
        switch (isHeld, heard) {
        case (true, _): self = working
        case (_, nil): self = stopped.map { .stopped($0) } ?? .never
        case (_, let heard?):
            if let stopped, stopped >= heard {
                self = .stopped(stopped)
            } else {
                self = isHeld == nil && heard + fresh >= now ? working : .silent(heard)
            }
        }
    }
}

/// What the agent that works now said of itself when it started.
struct AgentStart: Sendable {
    /// How many of the last records are looked at where nothing tells where it began.
    private static let looked: Int64 = 5000
    var at: AgentTime
    /// What for, where it is no agent that works for itself.
    var errand: AgentErrand?
    /// The modes of the instances, by their names.
    private var modes: [String: Mode]

    /// Reads it where it began, or among the last records; nil where it is not there.
    static func read(
        _ begun: AuditHead?, in store: any LedgerStore, _ head: AuditHead
    ) async throws(LedgerFailure) -> AgentStart? {
        if let begun, let sealed = try await store.records(after: begun.sequence - 1, limit: 1).first,
            sealed.hash == begun.hash, let start = try AgentStart(sealed)
        {
            return start
        }
        let last = try await store.records(after: max(0, head.sequence - looked), limit: Int(looked))
        for sealed in last.reversed() {
            if let start = try AgentStart(sealed) { return start }
        }
        let carried = try await store.load(LedgerScope(instances: [])).newestSegment?.carried ?? []
        for sealed in carried.reversed() where begun.map({ $0.hash == sealed.hash }) ?? true {
            if let start = try AgentStart(sealed) { return start }
        }
        return nil
    }

    private init?(_ sealed: SealedRecord) throws(LedgerFailure) {
        guard case .started(let started)? = try sealed.lifecycle else { return nil }
        at = try sealed.entry().at
        modes = started.inForce.modes
        errand =
            switch started.errand {
            case nil: nil
            case .plan: .plan
            case .replay(let name, _): .replay(name)
            }
    }

    /// How far it may go on an instance; nil where it knows none of that name.
    func mode(_ instance: String) -> Mode? { modes[instance] }
}
