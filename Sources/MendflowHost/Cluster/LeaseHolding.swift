import MendflowCore
import MendflowLedger
import Synchronization

/// A lease as its holder knows it, by a clock that never goes back: until when it lasts at least, for it was asked for before
/// the store began to count.
///
/// It stands between a decision and its request three times: what is appended names its epoch, what is about to be sent is
/// checked against its end, and once more when the connection stands and the first byte is about to leave.
final class LeaseHolding: LedgerHold {
    /// The instance that is led under it.
    let instance: String
    /// How long a lease must last still where something is sent: by then it has left or never will.
    private let margin: Period
    private let clock: any AgentClock
    private let held: Mutex<(epoch: Int64, until: Period)?>
    private let end = Mutex(AuditHead.start)

    init(_ instance: String, margin: Period, clock: any AgentClock) {
        self.instance = instance
        self.margin = margin
        self.clock = clock
        held = Mutex(nil)
    }

    /// It was taken or prolonged; `until` is in monotonic time.
    func hold(_ epoch: Int64, until: Period) { held.withLock { $0 = (epoch, until) } }

    /// It is another's by now, or nobody's.
    func letGo() { held.withLock { $0 = nil } }

    /// The end of the ledger behind what was written last under it.
    var written: AuditHead { end.withLock { $0 } }
    func note(_ head: AuditHead) { end.withLock { if head.sequence > $0.sequence { $0 = head } } }

    /// Whether it lasts still.
    var lasts: Bool {
        let now = clock.monotonic()
        return held.withLock { $0.map { $0.until > now } ?? false }
    }

    /// What an append proves it by; nil where it is over.
    var token: FenceToken? {
        let now = clock.monotonic()
        return held.withLock { held in
            held.flatMap { $0.until > now ? FenceToken(instance: instance, epoch: $0.epoch, margin: margin) : nil }
        }
    }

    /// Makes sure that something may be sent.
    func confirm() throws(LedgerFailure) {
        let now = clock.monotonic()
        let isLong = held.withLock { $0.map { $0.until - now > margin } ?? false }
        guard isLong else { throw .fenced("the lease of '\(instance)' does not last long enough to send anything") }
    }

    /// None: what an agent elsewhere was about to send, nobody can tell from here.
    var marks: SendMarks? { nil }
    func beginMarks(at head: AuditHead) throws(LedgerFailure) {}
    /// Nothing is marked; what matters is that the lease lasts.
    func mark(_ intent: IntentID) throws(LedgerFailure) { try confirm() }
}
