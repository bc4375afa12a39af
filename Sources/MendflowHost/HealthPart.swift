import MendflowCore
import MendflowHTTP
import MendflowOperations
import MendflowService
import MendflowText

/// `/healthz` and `/readyz`, for whoever restarts processes and whoever is called at night.
struct HealthPart: ServicePart {
    let status: HostStatus
    let clock: any AgentClock

    func access(to request: ServiceRequest) -> ServiceAccess {
        ["healthz", "readyz"].contains(request.path.first) && request.reads ? .everybody : .readers
    }

    func answer(_ request: ServiceRequest) async -> HTTPResponse? {
        guard request.path == ["healthz"] || request.path == ["readyz"] else { return nil }
        guard request.reads else { return .notAllowed(only: "GET, HEAD") }
        let health = HostHealth(await status.values, now: clock.monotonic())
        let isForReadiness = request.path == ["readyz"]
        let isGood = isForReadiness ? health.isReady : health.isLive
        let status = isGood ? 200 : 503
        // Why is for those who may see the rest too: it has n8n's words in it.
        guard request.mayRead else { return .text(status, isGood ? "ok" : "not ok") }
        if request.query["verbose"] != nil || request.accepts("application/json") {
            return .json(HealthWords.json(health), status: status)
        }
        let reasons = health.instances.flatMap { HealthWords.reasons($0, isForReadiness: isForReadiness) }
        return .text(status, isGood ? "ok" : reasons.joined(separator: "\n"))
    }
}

/// What health says, in words.
enum HealthWords {
    static func reasons(_ instance: HostHealth.Instance, isForReadiness: Bool) -> [String] {
        let lacks = isForReadiness ? instance.lacks.map(words) : []
        return (instance.stall.map { [words($0)] } ?? [] + lacks).map { "\(instance.name): \($0)" }
    }

    static func json(_ health: HostHealth) -> JSONValue {
        .object([
            "live": .flag(health.isLive), "ready": .flag(health.isReady),
            "instances": .list(
                health.instances.map { instance in
                    let seconds = instance.readBefore.map { Int($0.milliseconds / 1000) }
                    return .object([
                        "name": .text(instance.name), "live": .flag(instance.stall == nil),
                        "ready": .flag(instance.isReady),
                        "read_seconds_ago": .optional(seconds),
                        "reasons": .texts((instance.stall.map { [words($0)] } ?? []) + instance.lacks.map(words)),
                    ])
                }),
        ])
    }

    private static func words(_ stall: HostHealth.Stall) -> String {
        switch stall {
        case .ticking(let period): "a tick has been going on for \(whole(period))"
        case .overdue(let period): "the next tick is overdue by \(whole(period))"
        }
    }

    private static func words(_ lack: HostHealth.Lack) -> String {
        switch lack {
        case .starting: "it was not read yet"
        case .unread(let period, let failure):
            "it was not read " + (period.map { "for \(whole($0))" } ?? "since the start")
                + (failure.map { "; \($0)" } ?? "")
        case .silenced(let period): "n8n asks to be left alone for \(whole(period)) still"
        case .unwritten: "the ledger cannot be written"
        case .alarm(let why): "alarm: \(why)"
        case .doubt(let why): "paused, for the ledger may not know all that was sent: \(why)"
        case .ended(let why): "its loop has ended: \(why)"
        case .unled: "no agent leads it"
        }
    }

    /// Without what is below a second.
    private static func whole(_ period: Period) -> Period { .seconds(period.milliseconds / 1000) }
}
