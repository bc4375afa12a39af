internal import MendflowHTTP
import Synchronization

/// Takes in an answer piece by piece on the transport's thread. It scans the pieces, keeps the first bytes for
/// messages, and holds nothing else.
final class AnswerReading: Sendable {
    private struct State {
        var body: Body?
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
    private static let refusal = JSONProgram(refusalPlan)

    /// A body that is being read, for its rows or for what a plan wants.
    private struct Body {
        var rows: JSONScanner<RowPageBuilder>?
        var tree: JSONScanner<JSONTreeBuilder>?

        init(_ content: Call.Content) {
            switch content {
            case .rows: rows = JSONScanner(into: RowPageBuilder())
            case .tree(let program): tree = JSONScanner(program)
            }
        }

        var fault: JSONFault? { rows?.fault ?? tree?.fault }

        mutating func feed(_ bytes: [UInt8]) {
            rows?.feed(bytes)
            tree?.feed(bytes)
        }

        /// Ends the document; whether it is whole.
        mutating func end() -> Bool { rows?.end() ?? tree?.end() ?? false }
    }

    private let content: Call.Content
    private let state: Mutex<State>

    init(content: Call.Content, limit: Int) {
        self.content = content
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
                state.body = Body(head.status == 200 ? content : .tree(AnswerReading.refusal))
                if head.status != 200 { state.limit = AnswerReading.refusalLimit }
                return .more
            case .body(let bytes):
                return AnswerReading.read(bytes, into: &state)
            }
        }
    }

    private static func read(_ bytes: [UInt8], into state: inout State) -> TransferDemand {
        state.received += bytes.count
        if state.opening.count < openingLimit {
            state.opening += bytes.prefix(openingLimit - state.opening.count)
        }
        guard state.received <= state.limit else {
            state.overflowed = true
            return .stop
        }
        state.body?.feed(bytes)
        let isHopeless = state.body?.fault != nil && state.opening.count == openingLimit
        return isHopeless ? .stop : .more
    }

    /// Builds the answer once the transfer has succeeded.
    func answer(_ summary: TransferSummary) -> Answer {
        state.withLock { state in
            let isWhole = state.body?.end() == true && !summary.stopped
            var answer = Answer(
                head: summary.head, isWhole: isWhole, fault: state.body?.fault,
                opening: String(decoding: state.opening, as: UTF8.self), received: state.received,
                overflowed: state.overflowed)
            guard isWhole else { return answer }
            answer.rows = state.body?.rows?.sink
            answer.json = state.body?.tree?.sink.root
            return answer
        }
    }
}
