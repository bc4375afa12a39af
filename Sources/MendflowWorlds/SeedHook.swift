import MendflowCore
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Synchronization

/// A server that takes messages, and that refuses, loses and delays them as long as the world is in turmoil.
final class SeedHook: Sendable {
    /// A message that it took.
    struct Taken: Sendable {
        /// The keys of what it told.
        var keys: [String]
        /// When it left and when it was taken, by how long the world had lived, and which process sent it.
        var sent: Period, lived: Period, process: Int
        /// Whether that was told that it was taken.
        var isAnswered: Bool
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

    /// The way to it from a process, past somebody who looks whether what is told is on record.
    func door(of process: Int, _ world: SeedWorld) -> any Transport {
        HookDoor(hook: self, process: process, world: world)
    }

    fileprivate func take(_ keys: [String], from process: Int) async throws(TransportFailure) -> TransferSummary {
        let sent = clock.monotonic()
        let isRough = clock.now() < SeedWorld.start + SeedPlan.turmoil
        let fate = isRough ? state.withLock { $0.random.below(6) } : 5
        // It takes its time, sometimes longer than anybody waits.
        let delay = isRough ? Period.seconds(Int64(state.withLock { $0.random.below(40) })) : .seconds(1)
        do { try await clock.sleep(for: delay) } catch {
            throw TransportFailure(.cancelled, bytesSent: 0, message: "cancelled")
        }
        if fate == 0 { throw TransportFailure(.unconnected, bytesSent: 0, message: "refused") }
        if fate == 1 { return answer(503) }
        // Whoever waits for half a minute may have given up in the very moment of the answer.
        let isAnswered = fate != 2 && delay < .seconds(29)
        state.withLock {
            $0.taken.append(
                Taken(keys: keys, sent: sent, lived: clock.monotonic(), process: process, isAnswered: isAnswered))
        }
        if fate == 2 { throw TransportFailure(.cutOff, bytesSent: 1, message: "lost") }
        return answer(200)
    }

    private func answer(_ status: Int) -> TransferSummary {
        TransferSummary(
            head: HTTPResponseHead(status: status), bytesSent: 1, bytesReceived: 0, framing: .none, stopped: false)
    }
}

/// A process' way to the server that takes messages.
private struct HookDoor: Transport {
    let hook: SeedHook
    let process: Int
    let world: SeedWorld
    private var record: SeedRecord { world.record }

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        let keys = HookDoor.keys(in: String(decoding: request.body ?? [], as: UTF8.self))
        await witness(keys)
        let answer = try await hook.take(keys, from: process)
        fillDisk(answer)
        return answer
    }

    /// In some worlds the disk is full for a while by the time that a message is known to have gone out.
    private func fillDisk(_ answer: TransferSummary) {
        guard world.plan.fillsDiskWhenTold, answer.head.status == 200, hook.taken.count.isMultiple(of: 2),
            world.clock.now() < SeedWorld.start + SeedPlan.turmoil
        else { return }
        world.disk.trouble(.full)
        world.inPassing { world in
            await world.pass(.minutes(3))
            world.disk.trouble(nil)
        }
    }

    /// What is told is on record before it is, and so is what is told as one message: another process would put it together
    /// otherwise.
    private func witness(_ keys: [String]) async {
        do throws(LedgerFailure) {
            guard let ledger = try world.ledger else {
                return record.accuse("told", "\(keys) were told, and there is no ledger")
            }
            let numbers = keys.map(Judge.record)
            for number in numbers where try await ledger.records(after: number - 1, limit: 1).isEmpty {
                record.accuse("told", "record \(number) was told, and is not on record")
            }
            guard numbers.count > 1 else { return }
            let composed = Set(try await ledger.load(LedgerScope(instances: [])).channel("hook")?.composed ?? [])
            if !composed.isSuperset(of: numbers) {
                record.accuse("told", "\(numbers) were told as one, and it is not on record that they are to be")
            }
        } catch { record.accuse("told", "\(error)") }
    }

    /// The keys of all that a message tells: its own, or those of the notices in it.
    private static func keys(in body: String) -> [String] {
        let keys = body.split(separator: #""key":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
        return keys.count > 1 ? keys.filter { !$0.contains("..") } : keys
    }
}
