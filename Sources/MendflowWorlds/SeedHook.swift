import MendflowCore
import MendflowHTTP
import MendflowTestKit
import Synchronization

/// A server that takes messages, and that refuses, loses and delays them as long as the world is in turmoil.
final class SeedHook: Transport {
    /// A message that it took.
    struct Taken: Sendable {
        /// The keys of what it told.
        var keys: [String]
        var at: AgentTime
    }
    private struct State {
        var random: SplitMix64
        var taken: [Taken] = []
    }
    private let state: Mutex<State>
    private let clock: VirtualClock

    /// Where it is.
    static let url = "http://hook"

    init(seed: UInt64, _ clock: VirtualClock) {
        state = Mutex(State(random: SplitMix64(seed: seed ^ 0x484F_4F4B)))
        self.clock = clock
    }

    /// All that it took, oldest first.
    var taken: [Taken] { state.withLock { $0.taken } }

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        let isRough = clock.now() < SeedWorld.start + SeedPlan.turmoil
        let fate = isRough ? state.withLock { $0.random.below(6) } : 5
        // It takes its time, sometimes longer than anybody waits.
        let delay = isRough ? Period.seconds(Int64(state.withLock { $0.random.below(40) })) : .seconds(1)
        do { try await clock.sleep(for: delay) } catch {
            throw TransportFailure(.cancelled, bytesSent: 0, message: "cancelled")
        }
        if fate == 0 { throw TransportFailure(.unconnected, bytesSent: 0, message: "refused") }
        if fate == 1 { return answer(503) }
        let keys = SeedHook.keys(in: String(decoding: request.body ?? [], as: UTF8.self))
        state.withLock { $0.taken.append(Taken(keys: keys, at: clock.now())) }
        if fate == 2 { throw TransportFailure(.cutOff, bytesSent: 1, message: "lost") }
        return answer(200)
    }

    private func answer(_ status: Int) -> TransferSummary {
        TransferSummary(
            head: HTTPResponseHead(status: status), bytesSent: 1, bytesReceived: 0, framing: .none, stopped: false)
    }

    /// The keys of all that a message tells: its own, or those of the notices in it.
    private static func keys(in body: String) -> [String] {
        let keys = body.split(separator: #""key":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
        return keys.count > 1 ? keys.filter { !$0.contains("..") } : keys
    }
}
