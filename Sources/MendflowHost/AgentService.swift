import MendflowConsole
import MendflowCore
import MendflowEnvironment
import MendflowMetrics
import MendflowOperations
import MendflowPolicy
import MendflowService
import MendflowText
import MendflowWorkspace

/// The service of a running agent: its parts, and what listens for them.
struct AgentService: Sendable {
    private let listener: any Listener

    /// Begins to listen, where the configuration says so.
    ///
    /// - Throws: where the token cannot be had, or nobody can listen there; in the latter case with what to do about it.
    static func start(
        _ workspace: Workspace, _ status: HostStatus, _ meters: Meters, _ hints: HintReceivers,
        _ inForce: @escaping @Sendable () async -> Workspace, _ log: any EventSink
    ) async throws(MendflowFailure) -> AgentService? {
        guard let configuration = workspace.configuration.service else { return nil }
        status.looks.hears { hints.all }
        let observatory = Observatory(status.looks, present: inForce, files: { await status.values.policies.unheeded })
        let console = Console(observatory, canSignIn: configuration.token != nil)
        let service = Service(
            try await parts(workspace, status, meters, hints, log) + [console],
            guard: try gate(configuration, workspace),
            clock: workspace.clock, random: workspace.environment.random)
        let address = configuration.listen
        do throws(ListenFailure) {
            let listener = try await workspace.environment.listen(address, service.bodyBytes) {
                await service.answer($0)
            }
            let place = ListenAddress(number: address.number, port: listener.port)
            let message = "the service listens on \(place)" + (configuration.token == nil ? ", without a token" : "")
            log.emit(
                AgentEvent(
                    at: workspace.clock.now(), .info, "service.started", message,
                    fields: [.init("listen", place.description)]))
            return AgentService(listener: listener)
        } catch {
            let advice =
                "is another program there, or an agent that was started twice? Stop it, or name another port in "
                + "`service.listen` of \(workspace.path)"
            throw MendflowFailure(.failed, "\(error); \(advice)")
        }
    }

    /// Listens no more.
    func close() async { await listener.close() }

    /// What counts on the way what the agents send and write.
    static func meters(_ workspace: Workspace) -> Meters {
        let names = workspace.configuration.instances.map { ($0.address, $0.name) }
        return Meters(names: Dictionary(names) { first, _ in first }, clock: workspace.clock)
    }

    /// What is answered, in the order in which the parts are asked.
    private static func parts(
        _ workspace: Workspace, _ status: HostStatus, _ meters: Meters, _ hints: HintReceivers,
        _ log: any EventSink
    ) async throws(MendflowFailure) -> [any ServicePart] {
        let figures = AgentFigures(version: Version.text, process: ProcessUsage.now)
        let parts: [(any ServicePart)?] = [
            HealthPart(status: status, clock: workspace.clock),
            MetricsPart(try await MetricsSource(workspace, status, meters, figures)),
            try hints.part(log),
        ]
        return parts.compactMap(\.self)
    }

    /// Who is let in. The token is read anew each time, so that a file may be changed while the agent runs.
    private static func gate(
        _ configuration: Configuration.Service, _ workspace: Workspace
    ) throws(MendflowFailure) -> Service.Guard {
        guard let secret = configuration.token else { return Service.Guard(hosts: configuration.hosts) }
        let (source, environment) = (SecretSource(secret, besideFile: workspace.path), workspace.environment)
        let length: Int
        do throws(SecretSource.Fault) { length = try source.read(environment).count } catch {
            throw MendflowFailure(.findings, "the token of `service` cannot be had: \(error.description)")
        }
        guard length >= Service.shortestToken else {
            let advice = "`openssl rand -hex 24` makes one"
            throw MendflowFailure(
                .findings,
                "the token of `service` has \(length) characters and needs \(Service.shortestToken); \(advice)")
        }
        return Service.Guard(hosts: configuration.hosts) { try? source.read(environment) }
    }
}
