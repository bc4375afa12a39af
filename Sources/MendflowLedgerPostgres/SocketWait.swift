internal import Dispatch
private import Synchronization

/// One wait until a socket can be read from or written to, by the kernel's own events: no thread is held meanwhile.
final class SocketWait: Sendable {
    enum Interest: Sendable { case reading, writing, either }
    enum Outcome: Sendable { case ready, late, cancelled }

    private struct State {
        var continuation: CheckedContinuation<Outcome, Never>?
        var outcome: Outcome?
        var sources: [any DispatchSourceProtocol] = []
        /// Sources that have not let go of the socket yet.
        var left = 0
    }
    private let state = Mutex(State())
    private static let queue = DispatchQueue(label: "mendflow.postgres")

    private init() {}

    /// Waits for a socket, until a time, or until the task is cancelled.
    static func until(
        _ deadline: DispatchTime, for interest: Interest, of socket: CInt
    ) async -> Outcome {
        let wait = SocketWait()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { wait.start($0, socket, interest, deadline) }
        } onCancel: {
            wait.finish(.cancelled)
        }
    }

    private func start(
        _ continuation: CheckedContinuation<Outcome, Never>, _ socket: CInt, _ interest: Interest,
        _ deadline: DispatchTime
    ) {
        let early = state.withLock { state -> Outcome? in
            if let outcome = state.outcome { return outcome }
            state.continuation = continuation
            for source in sources(socket, interest, deadline) {
                state.sources.append(source)
                state.left += 1
                source.setCancelHandler { self.leave() }
                source.activate()
            }
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    private func sources(
        _ socket: CInt, _ interest: Interest, _ deadline: DispatchTime
    ) -> [any DispatchSourceProtocol] {
        let timer = DispatchSource.makeTimerSource(queue: SocketWait.queue)
        timer.schedule(deadline: deadline)
        timer.setEventHandler { self.finish(.late) }
        var sources: [any DispatchSourceProtocol] = [timer]
        if interest != .writing {
            sources.append(DispatchSource.makeReadSource(fileDescriptor: socket, queue: SocketWait.queue))
        }
        if interest != .reading {
            sources.append(DispatchSource.makeWriteSource(fileDescriptor: socket, queue: SocketWait.queue))
        }
        for source in sources.dropFirst() { source.setEventHandler { self.finish(.ready) } }
        return sources
    }

    private func finish(_ outcome: Outcome) {
        state.withLock { state in
            guard state.outcome == nil else { return }
            state.outcome = outcome
            for source in state.sources { source.cancel() }
        }
    }

    /// The socket may be closed, or waited for anew, only once no source looks at it any more.
    private func leave() {
        let ended = state.withLock { state -> (CheckedContinuation<Outcome, Never>, Outcome)? in
            state.left -= 1
            guard state.left == 0, let continuation = state.continuation, let outcome = state.outcome else {
                return nil
            }
            (state.continuation, state.sources) = (nil, [])
            return (continuation, outcome)
        }
        if let (continuation, outcome) = ended { continuation.resume(returning: outcome) }
    }
}
