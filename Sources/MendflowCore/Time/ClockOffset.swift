/// How far n8n's clock is ahead of the agent's: the only way from a time on the one clock to the same moment on the other.
///
/// The poller measures it at every answer that tells n8n's time, which has whole seconds.
public struct ClockOffset: Sendable, Hashable {
    /// n8n's clock minus the agent's; negative where n8n's is behind.
    public var ahead: Period

    /// Makes an offset of what n8n's clock is ahead.
    public init(ahead: Period) { self.ahead = ahead }

    /// Makes an offset of what both clocks showed at one moment.
    public init(_ server: ServerTime, _ agent: AgentTime) {
        ahead = server - ServerTime(milliseconds: agent.milliseconds)
    }

    /// Both clocks show the same; also what is taken for granted of a server that does not tell its time.
    public static let zero = ClockOffset(ahead: .zero)

    /// What n8n's clock shows when the agent's shows this.
    public func server(_ time: AgentTime) -> ServerTime { ServerTime(milliseconds: (time + ahead).milliseconds) }

    /// What the agent's clock shows when n8n's shows this.
    public func agent(_ time: ServerTime) -> AgentTime { AgentTime(milliseconds: (time - ahead).milliseconds) }
}
