public import MendflowCore
import MendflowHTTP
import MendflowHTTPClient
public import MendflowSimulator

/// Sends what a simulated n8n tells by itself to an agent's service, over HTTP.
public struct ToldPosts: Sendable {
    private let box: SimulatorBox
    private let clock: any AgentClock
    private let url: String
    private let token: String
    private let transport = CurlTransport(.init(role: .mutations))

    /// Makes a sender to a service.
    public init(box: SimulatorBox, clock: any AgentClock, url: String, token: String) {
        self.box = box
        self.clock = clock
        self.url = url
        self.token = token
    }

    /// Sends everything once it is due, until its task is cancelled. What nobody takes is lost.
    public func carry() async {
        while !Task.isCancelled {
            let now = ClockOffset.zero.server(clock.now()).milliseconds
            let (due, next) = box.withSimulator { ($0.takeTold(now: now), $0.nextTold) }
            for told in due {
                _ = try? await transport.send(told.request(to: url, token: token)) { _ in .more }
            }
            // Something may fail at any moment, and be told soon after.
            let wait = next.map { min($0 - now, 100) } ?? 100
            guard (try? await clock.sleep(for: .milliseconds(max(5, wait)))) != nil else { break }
        }
        transport.shutdown()
    }
}
