internal import Dispatch
private import Synchronization

/// Who may use one of a few things, in the order in which they came; nobody waits longer than they want to.
final class PostgresTurns: Sendable {
    private struct State {
        var used = 0
        var waiting: [Waiter] = []
    }
    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Waits for a turn until a deadline, or until the task is cancelled.
    func take(by deadline: DispatchTime) async throws(PostgresFailure) {
        let waiter = Waiter()
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter.wait(continuation)
                let isFree = state.withLock { state in
                    guard state.used < limit else {
                        state.waiting.append(waiter)
                        return false
                    }
                    state.used += 1
                    return true
                }
                if isFree {
                    // Who was cancelled meanwhile has no use for it.
                    if !waiter.end(true) { pass() }
                } else {
                    DispatchQueue.global(qos: .utility).asyncAfter(deadline: deadline) { waiter.end(false) }
                }
            }
        } onCancel: {
            waiter.end(false)
        }
        guard isMine else { throw Task.isCancelled ? .cancelled : .late }
    }

    /// Gives the turn to the next who still waits.
    func pass() {
        while let next = next() {
            if next.end(true) { return }
        }
    }

    private func next() -> Waiter? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.used -= 1
            return nil
        }
    }

    private final class Waiter: Sendable {
        private enum State {
            case new, ended
            case waiting(CheckedContinuation<Bool, Never>)
        }
        private let state = Mutex(State.new)

        func wait(_ continuation: CheckedContinuation<Bool, Never>) {
            let isOver = state.withLock { state in
                if case .ended = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isOver { continuation.resume(returning: false) }
        }

        /// Ends the wait; false where it had ended.
        @discardableResult
        func end(_ isMine: Bool) -> Bool {
            let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                defer { state = .ended }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume(returning: isMine)
            return continuation != nil
        }
    }
}
