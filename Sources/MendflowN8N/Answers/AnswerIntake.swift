internal import MendflowHTTP
import Synchronization

/// Takes in an answer piece by piece on the transport's thread. It scans the pieces, keeps the first bytes for
/// messages, and holds nothing else.
final class AnswerIntake: Sendable {
    private struct State {
        var scanner: JSONScanner?
        var status = 0
        var opening: [UInt8] = []
        var received = 0
        var limit: Int
        var overflowed = false
        var sending = false
    }

    /// Bytes of the body that are kept for messages and for n8n's start-up text.
    private static let openingLimit = 512
    /// Bytes of an answer other than 200 that are read.
    private static let refusalLimit = 64 << 10
    /// The member of n8n's refusals that says why.
    static let refusalPlan = JSONPlan.object(["message": .scalar(limit: 1024), "code": .word])

    private let plan: JSONPlan
    private let state: Mutex<State>

    init(plan: JSONPlan, limit: Int) {
        self.plan = plan
        state = Mutex(State(limit: limit))
    }

    /// Whether the request may have begun to leave.
    var sawSending: Bool { state.withLock { $0.sending } }

    /// Takes the next event of the transfer. Says stop if nothing that follows can matter, as after the limit or in a
    /// body that is no JSON.
    func observe(_ event: TransferEvent) -> TransferDemand {
        state.withLock { state in
            switch event {
            case .sending:
                state.sending = true
                return .more
            case .head(let head):
                state.status = head.status
                state.scanner = JSONScanner(plan: head.status == 200 ? plan : AnswerIntake.refusalPlan)
                if head.status != 200 { state.limit = AnswerIntake.refusalLimit }
                return .more
            case .body(let bytes):
                return AnswerIntake.take(bytes, into: &state)
            }
        }
    }

    private static func take(_ bytes: [UInt8], into state: inout State) -> TransferDemand {
        state.received += bytes.count
        if state.opening.count < openingLimit {
            state.opening += bytes.prefix(openingLimit - state.opening.count)
        }
        guard state.received <= state.limit else {
            state.overflowed = true
            return .stop
        }
        state.scanner?.feed(bytes)
        let isHopeless = state.scanner?.fault != nil && state.opening.count == openingLimit
        return isHopeless ? .stop : .more
    }

    /// Builds the answer once the transfer has succeeded.
    func answer(_ summary: TransferSummary) -> Answer {
        state.withLock { state in
            let tree = state.scanner?.finish()
            return Answer(
                head: summary.head, json: summary.stopped ? nil : tree, fault: state.scanner?.fault,
                opening: String(decoding: state.opening, as: UTF8.self), received: state.received,
                overflowed: state.overflowed)
        }
    }
}
