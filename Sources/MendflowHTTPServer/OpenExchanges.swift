internal import MendflowHTTP
internal import Synchronization

/// What libmicrohttpd's callbacks and the tasks of the server share.
final class OpenExchanges: Sendable {
    private struct State: Sendable {
        var underWay: [ObjectIdentifier: Exchange] = [:]
        var isClosed = false
        var whenIdle: [CheckedContinuation<Void, Never>] = []
    }

    let bodyBytes: Int
    let requests: AsyncStream<Exchange>
    private let feed: AsyncStream<Exchange>.Continuation
    private let state = Mutex(State())

    init(bodyBytes: Int) {
        self.bodyBytes = bodyBytes
        (requests, feed) = AsyncStream.makeStream()
    }

    /// Hands a request that came whole to the handlers. Its connection is suspended until there is a reply; after
    /// `close` the connection is ended at once.
    func dispatch(_ exchange: Exchange) {
        let isClosed = state.withLock { state in
            state.underWay[ObjectIdentifier(exchange)] = exchange
            return state.isClosed
        }
        if isClosed {
            exchange.complete(.close)
        } else if case .terminated = feed.yield(exchange) {
            exchange.complete(.close)
        }
    }

    func ended(_ exchange: Exchange) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.underWay[ObjectIdentifier(exchange)] = nil
            guard state.underWay.isEmpty else { return [] }
            defer { state.whenIdle = [] }
            return state.whenIdle
        }
        for continuation in waiting { continuation.resume() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        feed.finish()
    }

    /// Ends what is under way without an answer.
    func abandon() {
        let all = state.withLock { Array($0.underWay.values) }
        for exchange in all { exchange.complete(.close) }
    }

    /// Waits until no answer is under way.
    func untilIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if !state.underWay.isEmpty { state.whenIdle.append(continuation) }
                return state.underWay.isEmpty
            }
            if isIdle { continuation.resume() }
        }
    }
}
