import MendflowHTTP
import MendflowHTTPClient
import Synchronization

/// Takes the events of one transfer down and says `.stop` where it is told to.
final class Recorder: Sendable {
    enum Point: Sendable { case never, sending, head, body }
    private let events = Mutex<[String]>([])
    private let bytes = Mutex<[UInt8]>([])
    private let stop: Point

    init(stopAt stop: Point = .never) { self.stop = stop }

    /// `sending`, `head 200`, `body 5`, in order.
    var log: [String] { events.withLock { $0 } }
    var body: [UInt8] { bytes.withLock { $0 } }
    var text: String { String(decoding: body, as: UTF8.self) }

    func observe(_ event: TransferEvent) -> TransferDemand {
        switch event {
        case .sending:
            events.withLock { $0.append("sending") }
            return stop == .sending ? .stop : .more
        case .head(let head):
            events.withLock { $0.append("head \(head.status)") }
            return stop == .head ? .stop : .more
        case .body(let piece):
            events.withLock { $0.append("body \(piece.count)") }
            bytes.withLock { $0 += piece }
            return stop == .body ? .stop : .more
        }
    }
}

extension CurlTransport {
    /// The outcome as a value, so that tests can look at both kinds.
    func outcome(
        _ request: HTTPRequest, _ recorder: Recorder = Recorder()
    ) async -> Result<TransferSummary, TransportFailure> {
        do throws(TransportFailure) {
            return .success(try await send(request) { recorder.observe($0) })
        } catch {
            return .failure(error)
        }
    }

    func failure(_ request: HTTPRequest, _ recorder: Recorder = Recorder()) async -> TransportFailure? {
        guard case .failure(let failure) = await outcome(request, recorder) else { return nil }
        return failure
    }
}

let reads = CurlTransport.Configuration(role: .reads)
let mutations = CurlTransport.Configuration(role: .mutations)
let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
