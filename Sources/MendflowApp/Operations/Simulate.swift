import MendflowCore
import MendflowHTTPServer
import MendflowSimulator
import MendflowSimulatorServer

/// `simulate`: the model of n8n as a server on loopback, with live workflows that fail now and then.
public enum Simulate {
    /// Serves until a signal; `ready` gets the URL once it answers.
    public static func run(
        port: Int, speed: Int, ready: @escaping @Sendable (String) -> Void
    ) async throws(MendflowFailure) {
        let clock = ScaledClock(scale: speed)
        let server: SimulatorServer
        do {
            server = try DemoWorld.serve(DemoWorld.simulator(at: clock.now()), clock, port: port)
        } catch {
            throw MendflowFailure(.failed, "the simulator cannot listen on port \(port): \(error)")
        }
        ready(server.url)
        await RunAgent.untilStopped { do { try await SystemClock().sleep(for: .days(365)) } catch {} }
        await server.stop()
    }
}
