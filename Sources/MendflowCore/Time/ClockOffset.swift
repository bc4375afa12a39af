/// How far n8n's clock is ahead of the agent's: the only way from a time on the one clock to the same moment on the other.
///
/// The poller measures it at every answer that tells n8n's time, which has whole seconds; `ServerClock` says whether that is
/// believed.
public struct ClockOffset: Sendable, Hashable {
    /// How sure it is. Periods say how far the `Date` of n8n's answers is ahead of the agent's clock.
    public enum Standing: Sendable, Hashable {
        /// What `Date` says is borne out by the agent's clock, or by rows.
        case agreed
        /// `Date` says something else, and rows bear out this.
        case overruled(date: Period)
        /// Nobody can tell: `Date`, rows and the agent's clock say different things. This is the earliest that may be.
        case disputed(date: Period)
    }

    /// n8n's clock minus the agent's; negative where n8n's is behind.
    public var ahead: Period
    /// How sure that is.
    public var standing: Standing

    /// Makes an offset of what n8n's clock is ahead.
    public init(ahead: Period, _ standing: Standing = .agreed) {
        self.ahead = ahead
        self.standing = standing
    }

    /// Makes an offset of what both clocks showed at one moment.
    public init(_ server: ServerTime, _ agent: AgentTime) {
        self.init(ahead: server - ServerTime(milliseconds: agent.milliseconds))
    }

    /// Both clocks show the same; also what is taken for granted of a server that does not tell its time.
    public static let zero = ClockOffset(ahead: .zero)

    /// What n8n's clock shows when the agent's shows this.
    public func server(_ time: AgentTime) -> ServerTime { ServerTime(milliseconds: (time + ahead).milliseconds) }

    /// What the agent's clock shows when n8n's shows this.
    public func agent(_ time: ServerTime) -> AgentTime { AgentTime(milliseconds: (time - ahead).milliseconds) }
}
