public import MendflowCore

/// Told what the loop of an instance does, for whoever shows that it lives. Nothing that it does changes what the loop does.
public protocol AgentObserver: Sendable {
    /// A tick begins.
    func begins() async
    /// A tick is over.
    func ended(_ report: TickReport) async
    /// There is nothing to do until a moment of the clock's monotonic time; `isAsked` where the server asked for it.
    func rests(until next: Period, isAsked: Bool) async
}
