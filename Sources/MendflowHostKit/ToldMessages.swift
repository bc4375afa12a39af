import MendflowCore
public import MendflowHTTP
import MendflowSimulator
public import MendflowTestKit

/// Carries what a simulated n8n tells by itself to whoever takes hints in, as n8n sends it: in chunks without a length.
public struct ToldMessages: Sendable {
    private let simulation: Simulation
    private let token: String
    private let ask: @Sendable (HTTPRequest) async -> HTTPResponse?

    /// Makes a carrier with a token.
    public init(
        _ simulation: Simulation, token: String, ask: @escaping @Sendable (HTTPRequest) async -> HTTPResponse?
    ) {
        self.simulation = simulation
        self.token = token
        self.ask = ask
    }

    /// Carries everything once it is due, until its task is cancelled. What nobody answers with 200 is lost.
    public func carry() async {
        while !Task.isCancelled {
            let (due, next) = simulation.box.withSimulator { n8n in
                (n8n.takeTold(now: simulation.clock.now().milliseconds), n8n.nextTold)
            }
            for told in due {
                var request = told.request(to: "", token: token)
                request.headers.add("Transfer-Encoding", "chunked")
                _ = await ask(request)
            }
            // Something may fail at any moment, and be told soon after.
            let wait = next.map { $0 - simulation.clock.now().milliseconds } ?? 1_000
            guard (try? await simulation.clock.sleep(for: .milliseconds(max(50, min(wait, 1_000))))) != nil else {
                return
            }
        }
    }
}
