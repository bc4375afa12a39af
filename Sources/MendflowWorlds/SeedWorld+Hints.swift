import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHostKit
import MendflowSimulator
import MendflowTestKit
import MendflowText
private import Synchronization

/// Where the host of the moment takes hints in; nobody is there while there is no host.
final class HintDoor: Sendable {
    typealias Answer = @Sendable (HTTPRequest) async -> HTTPResponse

    private struct State {
        var number = 0
        var answer: Answer?
        /// What was carried here last, to be carried here again.
        var carried: [HTTPRequest] = []
    }
    private let state = Mutex(State())

    /// What a host's environment listens with.
    var listening: Listening {
        { [self] (address, _, answer) throws(ListenFailure) in
            let number = state.withLock { state in
                state.number += 1
                state.answer = answer
                return state.number
            }
            return Opened(door: self, number: number, port: address.port)
        }
    }

    /// Whoever was there is gone.
    func shut() { state.withLock { $0.answer = nil } }

    /// Brings something here; whether somebody took it.
    @discardableResult
    func bring(_ request: HTTPRequest) async -> HTTPResponse? {
        guard let answer = state.withLock({ $0.answer }) else { return nil }
        var request = request
        request.headers["Host"] = "mendflow:9464"
        return await answer(request)
    }

    /// Brings what n8n tells.
    func carry(_ request: HTTPRequest) async -> HTTPResponse? {
        state.withLock { state in
            state.carried.append(request)
            if state.carried.count > 20 { state.carried.removeFirst() }
        }
        return await bring(request)
    }

    /// Something that was carried here before.
    func carried(_ number: Int) -> HTTPRequest? {
        state.withLock { $0.carried.isEmpty ? nil : $0.carried[number % $0.carried.count] }
    }

    private struct Opened: Listener {
        let door: HintDoor
        let number: Int
        let port: UInt16
        func close() async {
            door.state.withLock { if $0.number == number { $0.answer = nil } }
        }
    }
}

extension SeedWorld {
    /// The token of the instance's hints.
    static let hintToken = "0123456789abcdef-hints"

    /// The configuration of a world, where hints are taken in.
    static let configurationWithHints =
        configuration.replacing(
            "    api_key_env: KEY\n", with: "    api_key_env: KEY\n    hints: {token_env: HINTS}\n", maxReplacements: 1)
        + "\nservice: {listen: \"127.0.0.1:9464\"}\n"

    /// Lets n8n tell of its runs, and somebody lie about them, for as long as the world lives.
    func tellHints() {
        guard plan.shared == nil, SeedPlan.tellsHints(plan.seed) else { return }
        inPassing { world in
            await ToldMessages(world.simulation, token: SeedWorld.hintToken) { await world.door.carry($0) }.carry()
        }
        inPassing { await $0.lie() }
    }

    /// Hints that are not so: of runs that are still to come, that went otherwise or are no retries, told again, or without the
    /// token.
    private func lie() async {
        var random = SplitMix64(seed: plan.seed ^ 0x11E)
        while !Task.isCancelled {
            await pass(.seconds(Int64(plan.liesMuch ? 5 + random.below(40) : 30 + random.below(300))))
            let (highest, asked) = box.withSimulator { n8n in
                let asked = n8n.requests.suffix(500).filter { $0.endpoint == .retry }.suffix(5)
                return (
                    n8n.database.ids.max() ?? 1,
                    asked.compactMap { $0.request.url.split(separator: "/").dropLast().last.flatMap { Int($0) } }
                )
            }
            let some = 1 + random.below(highest)
            switch random.below(5) {
            case 0: await door.bring(post(highest + 1 + random.below(20)))
            case 1: await door.bring(post(some))
            case 2: if let request = door.carried(random.below(20)) { await door.bring(request) }
            case 3:
                guard let parent = asked.randomElement(using: &random) else { continue }
                let retries = box.withSimulator { n8n in n8n.database.ids.filter { n8n.database[$0]?.retryOf != nil } }
                let child = retries.randomElement(using: &random) ?? some
                await door.bring(span(child, retryOf: parent, token: SeedWorld.hintToken))
            default:
                guard let parent = asked.randomElement(using: &random) else { continue }
                await door.bring(span(highest + 1 + random.below(5), retryOf: parent, token: "0123456789abcdef-other"))
            }
        }
    }

    private func post(_ id: Int) -> HTTPRequest {
        let body = #"{"execution":{"id":"\#(id)","mode":"webhook","error":{"name":"NodeApiError"}},"workflow":{}}"#
        return Simulator.Told.failure(Array(body.utf8)).request(to: "", token: SeedWorld.hintToken)
    }

    /// A span of a retry that ended well; its id is a row of something else, or comes without the token.
    private func span(_ id: Int, retryOf parent: Int, token: String) -> HTTPRequest {
        let now = clock.now().milliseconds * 1_000_000
        let span = Simulator.TraceSpan(
            trace: [1], id: [UInt8(truncatingIfNeeded: id)], name: "workflow.execute", start: now, end: now,
            attributes: [
                "n8n.execution.id": .string("\(id)"), "n8n.execution.status": "success",
                "n8n.execution.retry_of": .string("\(parent)"),
            ], code: 1)
        return Simulator.Told.traces(Simulator.traceExport([span], resource: [:])).request(to: "", token: token)
    }
}
