import MendflowCore
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Synchronization

/// What lies between machines and servers, where there are several: machines may not reach them, or hear no answer.
final class SharedNetwork: Sendable {
    /// How a machine is cut off from n8n.
    enum Cut: Sendable {
        /// Nothing comes through.
        case whole
        /// What is asked comes through and is done, and no answer comes back.
        case answers
    }
    private let cuts = Mutex<[Int: Cut]>([:])

    func cut(_ machine: Int, _ cut: Cut?) { cuts.withLock { $0[machine] = cut } }
    func cut(of machine: Int) -> Cut? { cuts.withLock { $0[machine] } }
    func heal() { cuts.withLock { $0 = [:] } }
}

/// The way of one process among several to a server. It looks, when a change is there, whether the process that has sent
/// it leads by the database's own record, in that very moment.
struct SharedTransport: Transport {
    let base: any Transport
    let world: SeedWorld
    let process: Int, machine: Int
    /// What has to be led to send here.
    let lease: String

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        let changes = request.method != .get && request.method != .head
        if world.network.cut(of: machine) == .whole {
            try await wait(.seconds(20), bytesSent: 0)
            throw TransportFailure(.unconnected, bytesSent: 0, message: "no route to host")
        }
        if changes {
            guard observer(.sending) == .more else { throw Self.stopped }
            leaves(request)
            // It is under way for a while: what an agent looked at last must hold until it is there.
            try await wait(world.delay, bytesSent: 1)
            world.sees(request, arriveOf: process, under: lease)
        }
        let summary = try await base.send(request) { event in
            if case .sending = event, changes { .more } else { observer(event) }
        }
        guard world.network.cut(of: machine) != nil else { return summary }
        // Whoever waits for a network that swallows everything waits until the deadline.
        try await wait(.hours(1), bytesSent: 1)
        throw TransportFailure(.cutOff, bytesSent: 1, message: "the connection ended before an answer")
    }

    private static let stopped = TransportFailure(.cancelled, bytesSent: 0, message: "stopped before anything left")

    private func wait(_ period: Period, bytesSent: Int) async throws(TransportFailure) {
        do { try await world.clock.sleep(for: period) } catch {
            throw TransportFailure(.cancelled, bytesSent: bytesSent, message: "nobody waits for the answer any more")
        }
    }

    /// It leaves: that is on record by then.
    private func leaves(_ request: HTTPRequest) {
        if lease == "main", let database = world.database {
            WitnessedTransport(base: base, world: world).witnessNow(request, database.ledger)
        }
    }
}
