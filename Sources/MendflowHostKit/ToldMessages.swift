import MendflowCore
public import MendflowHTTP
public import MendflowSimulator
public import MendflowTestKit

/// Carries what a simulated n8n tells by itself to whoever takes hints in, as n8n sends it: in chunks without a length, with the
/// header fields that it was given.
public struct ToldMessages: Sendable {
    private let simulation: Simulation
    private let headers: HTTPHeaders
    private let ask: @Sendable (HTTPRequest) async -> HTTPResponse?

    /// Makes a carrier with a token.
    public init(
        _ simulation: Simulation, token: String, ask: @escaping @Sendable (HTTPRequest) async -> HTTPResponse?
    ) {
        self.simulation = simulation
        headers = ["Authorization": "Bearer \(token)", "Transfer-Encoding": "chunked"]
        self.ask = ask
    }

    /// The request that a message makes.
    public static func request(_ told: Simulator.Told, _ headers: HTTPHeaders) -> HTTPRequest {
        var headers = headers
        let path: String
        switch told {
        case .traces:
            path = "/hints/otlp/v1/traces"
            headers["Content-Type"] = "application/x-protobuf"
        case .failure:
            path = "/hints/error-trigger"
            headers["Content-Type"] = "application/json"
        }
        return HTTPRequest(.post, path, headers: headers, body: told.body)
    }

    /// Carries everything once it is due, until its task is cancelled. What nobody answers with 200 is lost.
    public func carry() async {
        while !Task.isCancelled {
            let (due, next) = simulation.box.withSimulator { n8n in
                (n8n.takeTold(now: simulation.clock.now().milliseconds), n8n.nextTold)
            }
            for told in due { _ = await ask(ToldMessages.request(told, headers)) }
            // Something may fail at any moment, and be told soon after.
            let wait = next.map { $0 - simulation.clock.now().milliseconds } ?? 500
            guard (try? await simulation.clock.sleep(for: .milliseconds(max(50, min(wait, 500))))) != nil else {
                return
            }
        }
    }
}
