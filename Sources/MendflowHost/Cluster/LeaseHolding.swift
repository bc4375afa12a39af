import MendflowCore
import MendflowLedger
import Synchronization

/// A lease as its holder knows it, by a clock that never goes back: until when it lasts at least, for it was asked for before
/// the store began to count.
///
/// It stands between a decision and its request three times: what is appended names its epoch, what is about to be sent is
/// checked against its end, and once more when the connection stands and the first byte is about to leave.
final class LeaseHolding: LedgerHold {
    /// The instance that is led under it, by whom, and the lease's epoch.
    let instance: String, holder: AgentName, epoch: Int64
    /// How long a lease must last still where something is sent: by then it has left or never will.
    private let margin: Period
    private let clock: any AgentClock

    private struct State {
        /// Until when it lasts at least, in monotonic time; nil where it is over for good.
        var until: Period?
        /// The newest record that was seen in the ledger under it.
        var seen = AuditHead.start
    }
    private let state: Mutex<State>

    /// Takes one that lasts until a monotonic time.
    init(_ instance: String, _ epoch: Int64, of seat: Seat, until: Period, clock: any AgentClock) {
        self.instance = instance
        self.epoch = epoch
        holder = seat.name
        margin = seat.margin
        self.clock = clock
        state = Mutex(State(until: until))
    }

    /// It was prolonged, unless it is over for good.
    func prolong(until: Period) { state.withLock { if $0.until != nil { $0.until = until } } }

    /// It is another's by now, or nobody's, or the ledger is not the one that it was taken in: nothing is known under it any more.
    func end() { state.withLock { $0 = State(until: nil) } }

    /// The newest record that was seen in the ledger under it.
    var seen: AuditHead { state.withLock { $0.seen } }
    func saw(_ head: AuditHead) {
        state.withLock { if $0.until != nil, head.sequence > $0.seen.sequence { $0.seen = head } }
    }

    /// What is left of it; nil where it is over.
    private var rest: Period? {
        let now = clock.monotonic()
        return state.withLock { $0.until.flatMap { $0 > now ? $0 - now : nil } }
    }

    /// Whether it lasts still.
    var lasts: Bool { rest != nil }

    /// What an append proves it by; nil where it is over.
    var token: FenceToken? {
        lasts ? FenceToken(instance: instance, epoch: epoch, margin: margin, holder: holder) : nil
    }

    /// Makes sure that something may be sent.
    func confirm() throws(LedgerFailure) {
        guard let rest, rest > margin else {
            throw .fenced("the lease of '\(instance)' does not last long enough to send anything")
        }
    }

    /// None: what an agent elsewhere was about to send, nobody can tell from here.
    var marks: SendMarks? { nil }
    func beginMarks(at head: AuditHead) throws(LedgerFailure) {}
    /// Nothing is marked; what matters is that the lease lasts.
    func mark(_ intent: IntentID) throws(LedgerFailure) { try confirm() }
}
