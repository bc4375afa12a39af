import MendflowCore
import MendflowHTTP
import MendflowText
import Synchronization

@testable import MendflowN8N

/// A transport that answers by a script and notes what was asked.
final class ScriptedTransport: Transport {
    enum Reply: Sendable {
        case answer(Int, [HTTPHeaders.Field], [UInt8])
        case failure(TransportFailure)
        /// Never ends by itself; cancelled, it fails with so many bytes sent. `began` says that sending had begun.
        case hang(began: Bool, bytesSent: Int)

        static func json(_ status: Int, _ text: String, headers: [HTTPHeaders.Field] = []) -> Reply {
            let type = HTTPHeaders.Field("Content-Type", "application/json; charset=utf-8")
            return .answer(status, [type] + headers, Array(text.utf8))
        }

        static func html(_ status: Int, _ text: String, headers: [HTTPHeaders.Field] = []) -> Reply {
            .answer(status, [HTTPHeaders.Field("Content-Type", "text/html")] + headers, Array(text.utf8))
        }

        init(_ recording: Recording) {
            let type = recording.contentType.map { [HTTPHeaders.Field("Content-Type", $0)] } ?? []
            self =
                recording.status == 0
                ? .failure(TransportFailure(.cancelled, bytesSent: 180, message: recording.text))
                : .answer(recording.status, type, Array(recording.text.utf8))
        }
    }

    private struct State {
        var requests: [HTTPRequest] = []
        var bodyBytes = 0
    }

    private let state = Mutex(State())
    private let script: @Sendable (HTTPRequest, Int) -> Reply

    /// The script gets the request and the number of requests before it.
    init(_ script: @escaping @Sendable (HTTPRequest, Int) -> Reply) { self.script = script }

    convenience init(_ replies: Reply...) {
        self.init { _, number in replies[min(number, replies.count - 1)] }
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    /// Bytes of body that were taken in before the reader had enough.
    var bodyBytes: Int { state.withLock { $0.bodyBytes } }

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        let number = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        switch script(request, number) {
        case .failure(let failure): throw failure
        case .hang(let began, let bytesSent):
            if began { _ = observer(.sending) }
            let (stream, continuation) = AsyncStream<Never>.makeStream()
            for await _ in stream {}
            continuation.finish()
            throw TransportFailure(.cancelled, bytesSent: bytesSent, message: "cancelled")
        case .answer(let status, let headers, let body):
            return answer(HTTPResponseHead(status: status, headers: HTTPHeaders(headers)), body, observer)
        }
    }

    private func answer(
        _ head: HTTPResponseHead, _ body: [UInt8], _ observer: (TransferEvent) -> TransferDemand
    ) -> TransferSummary {
        _ = observer(.sending)
        var stopped = observer(.head(head)) == .stop
        var position = 0
        while position < body.count, !stopped {
            let end = min(position + 4001, body.count)
            stopped = observer(.body(Array(body[position..<end]))) == .stop
            position = end
        }
        state.withLock { $0.bodyBytes += position }
        return TransferSummary(
            head: head, bytesSent: 200, bytesReceived: position, framing: body.isEmpty ? .none : .chunked,
            stopped: stopped)
    }
}

/// A clock that stands until it is told to go on.
final class ManualClock: AgentClock {
    private struct State {
        var now: Int64 = 1_795_460_000_000
        var nextID = 0
        var sleepers: [Int: (due: Int64, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var watchers: [CheckedContinuation<Void, Never>] = []
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    func now() -> AgentTime { AgentTime(milliseconds: state.withLock { $0.now }) }
    func monotonic() -> Period { .milliseconds(state.withLock { $0.now }) }

    func sleep(for period: Period) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isCancelled, watchers) = state.withLock { state in
                    if state.cancelled.contains(id) { return (true, [CheckedContinuation<Void, Never>]()) }
                    state.sleepers[id] = (state.now + period.milliseconds, continuation)
                    let watchers = state.watchers
                    state.watchers = []
                    return (false, watchers)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.removeValue(forKey: id)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Returns once somebody sleeps.
    func someoneSleeps() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.isEmpty { state.watchers.append(continuation) }
                return !state.sleepers.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    func advance(by period: Period) {
        let due = state.withLock { state in
            state.now += period.milliseconds
            let now = state.now
            let due = state.sleepers.filter { $0.value.due <= now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }
}

let secretKey = "n8n_api_THEKEY0123456789"

func connection(
    _ url: String = "https://n8n.example.com", key: @escaping @Sendable () throws -> String = { secretKey }
) throws -> N8NConnection {
    try N8NConnection(url: try ServerURL(url), extraHeaders: [("CF-Access-Client-Secret", "cfsecret99")], key: key)
}

func reader(_ transport: ScriptedTransport, clock: any AgentClock = ManualClock()) throws -> N8NReader {
    N8NReader(connection: try connection(), transport: transport, clock: clock) {
        $0.replacing("hunter2", with: "[secret]")
    }
}

func writer(_ transport: ScriptedTransport, clock: any AgentClock = ManualClock()) throws -> N8NWriter {
    N8NWriter(connection: try connection(), transport: transport, clock: clock)
}

extension N8NWriter {
    /// Sends a request under some key.
    func send(_ request: ExecutionRequest) async -> WriteAnswer {
        await send(request, key: RequestKey(IntentID(7), reservedAt: AgentTime(milliseconds: 1000)))
    }
}
