import MendflowCore
import MendflowOperations

/// A log that notes on the way what of changed files was refused, for whoever asks how the agent is.
struct RefusalLog: EventSink {
    let base: any EventSink
    let status: HostStatus

    func emit(_ event: AgentEvent) {
        if event.name == "policies.kept" { status.refused(event.message, at: event.at) }
        base.emit(event)
    }
}
