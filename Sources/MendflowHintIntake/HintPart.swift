public import MendflowAgent
public import MendflowCore
import MendflowGzip
public import MendflowHTTP
import MendflowHints
public import MendflowService

/// Takes hints in: `POST /hints/otlp/v1/traces` what n8n's tracing exports, `POST /hints/error-trigger` what an error workflow
/// posts. The token that comes along tells which instance they are about, and is good for nothing else.
///
/// n8n throws a batch away whose receiver does not soon answer 200, so that is what every readable one gets, whatever is made of it
/// later; nothing here waits for anything.
public struct HintPart: ServicePart {
    /// Whose hints are taken in, and where they go.
    public struct Receiver: Sendable {
        /// The instance.
        public var instance: String
        /// The token that n8n sends, read anew for every request; nil where it cannot be had now.
        public var token: @Sendable () -> String?
        /// Where its hints go.
        public var inbox: HintInbox

        /// Makes one.
        public init(instance: String, token: @escaping @Sendable () -> String?, inbox: HintInbox) {
            self.instance = instance
            self.token = token
            self.inbox = inbox
        }
    }

    /// Bytes of a request, and of what it unpacks to.
    public var bodyBytes: Int { 4 << 20 }
    private static let unpackedBytes = 16 << 20

    private let receivers: @Sendable () -> [Receiver]
    /// Where is counted what comes from nobody who is known.
    private let strangers: HintInbox
    private let clock: any AgentClock
    private let log: RareLog
    private let limits: RequestLimits

    /// Makes the part for some instances; what is refused of nobody who is known is counted with `strangers`.
    public init(
        _ receivers: [Receiver], strangers: HintInbox = HintInbox(), clock: any AgentClock, log: any EventSink
    ) {
        self.init({ receivers }, strangers: strangers, clock: clock, log: log)
    }

    /// Makes the part for the instances that there are whenever something comes.
    public init(
        _ receivers: @escaping @Sendable () -> [Receiver], strangers: HintInbox, clock: any AgentClock,
        log: any EventSink
    ) {
        self.receivers = receivers
        self.strangers = strangers
        self.clock = clock
        self.log = RareLog(log: log, clock: clock)
        limits = RequestLimits(clock: clock)
    }

    /// What is sent here.
    private enum Kind: Sendable {
        case traces, failure

        init?(_ path: [String]) {
            switch path {
            case ["hints", "otlp", "v1", "traces"]: self = .traces
            case ["hints", "error-trigger"]: self = .failure
            default: return nil
            }
        }

        var source: Hint.Source { self == .traces ? .span : .errorTrigger }
    }

    /// Programs, who are let in by their own token and shown nothing.
    public func access(to request: ServiceRequest) -> ServiceAccess {
        Kind(request.path) == nil ? .readers : .programs
    }

    /// The answer; nil where this is another part's.
    public func answer(_ request: ServiceRequest) async -> HTTPResponse? {
        guard let kind = Kind(request.path) else { return nil }
        // Without its token n8n asks so at its start, whether anybody is there.
        if request.http.method == .head { return HTTPResponse(status: 200) }
        guard request.posts else { return .notAllowed(only: "POST, HEAD") }
        guard let receiver = receiver(request.http) else {
            guard limits.hasRoom(for: nil) else { return tooMany(strangers, kind) }
            strangers.note(.refused, kind.source)
            log.warn("hints.refused", "a hint came without a token of an instance's `hints`, and was refused")
            return .text(401, "this needs the token of an instance's `hints`: Authorization: Bearer TOKEN")
        }
        guard limits.hasRoom(for: receiver.instance) else { return tooMany(receiver.inbox, kind) }
        guard let body = unpacked(request.http), let batch = read(kind, body) else {
            receiver.inbox.note(.refused, kind.source)
            log.warn("hints.unreadable", "a hint could not be read", instance: receiver.instance)
            return .text(
                400, kind == .traces ? "this is no OTLP export in protobuf" : "this is no item of an Error Trigger")
        }
        receiver.inbox.put(batch.hints, release: batch.release, at: clock.now())
        return HTTPResponse(status: 200, headers: kind == .traces ? ["Content-Type": "application/x-protobuf"] : [:])
    }

    private func tooMany(_ inbox: HintInbox, _ kind: Kind) -> HTTPResponse {
        inbox.note(.rateLimited, kind.source)
        return .tooMany
    }

    /// Whose token came along.
    private func receiver(_ http: HTTPRequest) -> Receiver? {
        guard let token = http.bearerToken else { return nil }
        let matching = receivers().filter { receiver in
            receiver.token().map { $0.count >= Service.shortestToken && ServiceToken($0).matches(token) } ?? false
        }
        // A token of two instances tells of neither.
        return matching.count == 1 ? matching[0] : nil
    }

    private func unpacked(_ http: HTTPRequest) -> [UInt8]? {
        let body = http.body ?? []
        switch http.headers["content-encoding"]?.lowercased() {
        case nil, "identity": return body
        case "gzip": return try? Gzip.inflate(body, limit: HintPart.unpackedBytes)
        default: return nil
        }
    }

    private func read(_ kind: Kind, _ body: [UInt8]) -> HintBatch? {
        switch kind {
        case .traces: return try? TraceExport.read(body)
        case .failure:
            guard let hint = ErrorTriggerPost.read(body) else { return nil }
            var batch = HintBatch()
            batch.hints = [hint]
            return batch
        }
    }
}

extension HTTPResponse {
    /// n8n's exporter waits and sends again.
    fileprivate static var tooMany: HTTPResponse {
        var response = HTTPResponse.text(429, "too many requests")
        response.head.headers["Retry-After"] = "1"
        return response
    }
}
