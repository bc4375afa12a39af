import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowPolicy
import MendflowText
public import MendflowWorkspace
private import Synchronization

/// `health`: asks the agent that runs by a configuration whether it lives.
public enum HealthProbe {
    /// What it answered.
    public struct Answer: Sendable, Hashable {
        /// Whether all is well.
        public var isGood: Bool
        /// Its words.
        public var said: String
    }

    private static let patience = Period.seconds(5)
    /// An answer of ours is a few lines.
    private static let mostBytes = 64 << 10

    /// Asks `/healthz`, or `/readyz`.
    ///
    /// - Throws: `.usage` where the configuration has no service, `.unreachable` where nobody answers.
    public static func ask(
        _ workspace: Workspace, isForReadiness: Bool
    ) async throws(MendflowFailure) -> Answer {
        guard let service = workspace.configuration.service else {
            throw MendflowFailure(
                .usage, "\(workspace.path) has no `service`: nothing listens, so there is nothing to ask")
        }
        let place = "http://\(service.listen.localHost):\(service.listen.port)"
        let transport = workspace.environment.connect(
            Connection(.reads, address: place, caFile: nil, usesProxy: false))
        var request = HTTPRequest(.get, place + (isForReadiness ? "/readyz" : "/healthz"))
        if let token = token(service, workspace) { request.headers["Authorization"] = "Bearer " + token }
        let clock = workspace.environment.deadlines
        let result = await withTaskGroup(of: Result<Answer, TransportFailure>?.self) { [request] group in
            group.addTask { await exchange(request, transport) }
            group.addTask {
                try? await clock.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        switch result {
        case .success(let answer): return answer
        case .failure(let failure):
            throw MendflowFailure(.unreachable, "no agent answers at \(place): \(failure.message)")
        case nil: throw MendflowFailure(.unreachable, "no agent answers at \(place) within \(patience)")
        }
    }

    /// Without it the answer has no reasons; that is no reason not to ask.
    private static func token(_ service: Configuration.Service, _ workspace: Workspace) -> String? {
        service.token.flatMap { try? SecretSource($0, besideFile: workspace.path).read(workspace.environment) }
    }

    private static func exchange(
        _ request: HTTPRequest, _ transport: any Transport
    ) async -> Result<Answer, TransportFailure> {
        let body = Mutex<[UInt8]>([])
        do throws(TransportFailure) {
            let summary = try await transport.send(request) { event in
                guard case .body(let piece) = event else { return .more }
                return body.withLock { body in
                    body += piece
                    return body.count > mostBytes ? .stop : .more
                }
            }
            var said = String(decoding: body.withLock { $0 }, as: UTF8.self)
            while said.last == "\n" { said.removeLast() }
            return .success(Answer(isGood: summary.head.status == 200, said: said))
        } catch { return .failure(error) }
    }
}
