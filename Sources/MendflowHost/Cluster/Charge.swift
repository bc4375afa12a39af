import MendflowCore
import MendflowLedger

/// How an agent stands with one instance, or with the telling of messages, which is led as one is: pure, with a transition for
/// all that befalls it.
///
/// A lease and a loop are two things: the loop of an older lease may not have come to its end when the next one is held, and
/// a lease may be held before anything is begun under it.
struct Charge: Sendable {
    let name: String
    /// What is led by this name, as it is now; nil where it is gone.
    private(set) var led: Led?
    /// The lease that is held.
    private(set) var held: Held?
    /// The epoch of a lease that is given back.
    private(set) var returned: Int64?
    private(set) var loop: Loop?
    /// What has ended by itself: as it was then it is not led from here any more.
    private var done: Led?
    /// Until when it is left to others, in monotonic time.
    private var leftUntil: Period?

    /// A lease, and until when it lasts at least, in monotonic time.
    struct Held: Sendable {
        var epoch: Int64
        var until: Period
    }

    /// What leads it, from its beginning until it has come to its end.
    struct Loop: Sendable {
        /// The lease under which it was begun.
        var epoch: Int64
        var led: Led
        /// When it began, in monotonic time.
        var since: Period
        /// Whether it comes to its end so that another agent can lead.
        var isHandedOn = false
    }

    /// A loop that is to be begun.
    struct Beginning: Sendable {
        var name: String
        var led: Led
        var lease: Held
    }

    init(_ name: String) { self.name = name }

    /// Whether it may be led from here now.
    func isWanted(at now: Period) -> Bool { led != nil && done == nil && leftUntil.map { $0 <= now } ?? true }
    /// Whether it has ended by itself.
    var isDone: Bool { done != nil }
    /// Whether it is left to others for a while.
    var isLeftAlone: Bool { leftUntil != nil }
    /// Whether nothing is left to know of it.
    var isForgotten: Bool {
        led == nil && held == nil && returned == nil && loop == nil && done == nil && leftUntil == nil
    }
}

// What befalls it.
extension Charge {
    /// The roll was called, and it is this now: a loop of what is gone, or is another one by the same name, comes to its end.
    mutating func call(_ led: Led?, now: Period) -> [ClusterEffect] {
        self.led = led
        if done != led { done = nil }
        if led == nil || leftUntil.map({ $0 <= now }) ?? false { leftUntil = nil }
        // Taken, and gone before it was begun.
        if led == nil, loop == nil { giveBack() }
        return loop.map { $0.led != led } ?? false ? [.end(name)] : []
    }

    /// Its lease was taken, or goes on.
    mutating func took(_ lease: Lease, until: Period) -> [ClusterEffect] {
        // What came to its end while the turn was taken is given back at the next one.
        guard returned != lease.epoch else { return [] }
        let isNew = held == nil
        held = Held(epoch: lease.epoch, until: until)
        let news = isNew ? say(.info, "lease.taken", "led from here from now on, lease \(lease.epoch)") : []
        guard let loop else { return news }
        return news + [loop.epoch == lease.epoch ? .prolong(name, until: until) : .end(name)]
    }

    /// Its lease is over, for another leads it now, or nobody.
    mutating func lost(to holder: AgentName?) -> [ClusterEffect] {
        held = nil
        let by = holder.map { "; \($0) leads it now" } ?? ""
        return [.cut(name)] + say(.warning, "lease.lost", "the lease is over\(by)")
    }

    /// Its lease may be over, and nobody can be asked.
    mutating func lapsed() -> [ClusterEffect] {
        held = nil
        return [.cut(name)] + say(.warning, "lease.over", "the lease has ended, and whether it goes on cannot be told")
    }

    /// Another agent should lead it.
    mutating func handOn(isBlind: Bool) -> [ClusterEffect] {
        guard let loop else { return [] }
        let isNews = isBlind && !loop.isHandedOn
        self.loop?.isHandedOn = true
        let why = "n8n is not reached from here, and is from another agent: it is handed on"
        return (isNews ? say(.warning, "lease.blind", why) : []) + [.end(name)]
    }

    /// Begins it where it is held and is not led yet: where the loop of an older lease has not come to its end, that is waited for.
    mutating func begin(at now: Period) -> Beginning? {
        guard let held, let led, loop == nil else { return nil }
        loop = Loop(epoch: held.epoch, led: led, since: now)
        return Beginning(name: name, led: led, lease: held)
    }

    /// Its loop has come to its end, by itself or not (nil); for the `pause` it is left to others where it could not be led now.
    mutating func ended(_ ending: Cluster.Ending?, now: Period, pause: Period) -> [ClusterEffect] {
        guard let loop else { return [] }
        switch ending {
        case nil: break
        case .done: done = loop.led
        case .notNow: leftUntil = now + pause
        }
        self.loop = nil
        // Nothing of it goes on, so that another may begin at once. A later lease has not begun yet, and goes on.
        guard held?.epoch == loop.epoch else { return [] }
        giveBack()
        return say(.info, "lease.returned", "it is given back")
    }

    /// What is held is given back at the next turn.
    mutating func giveBack() {
        guard let held else { return }
        (returned, self.held) = (held.epoch, nil)
    }

    /// A turn gave this lease back.
    mutating func settle(_ epoch: Int64?) { if returned == epoch { returned = nil } }

    /// What could not be led before may be now.
    mutating func tryAgain() { leftUntil = nil }

    private func say(_ level: AgentEvent.Level, _ event: String, _ message: String) -> [ClusterEffect] {
        [.say(level, event, message, instance: name)]
    }
}
