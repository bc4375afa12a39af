import Glibc
import Synchronization

/// A program that was started: what it wrote so far, and how it ended.
///
/// A thread of its own reads its output and kills it when its time is up, so that no wait on it lasts for ever.
final class Child: Sendable {
    /// How a program ended, with all it wrote.
    struct End: Sendable {
        /// The exit code, or the signal's number below zero.
        var code: Int32
        var out: String
        var err: String
    }

    /// The program ended without having written what was waited for.
    struct Silent: Error, CustomStringConvertible {
        var description: String
    }

    private struct State {
        var written: [[UInt8]] = [[], []]
        var end: Int32?
        var lines: [(text: String, waiter: CheckedContinuation<Bool, Never>)] = []
        var ends: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let process: pid_t
    private let pipes: [Int32]

    /// Starts `words`, the first of which is a path, with only these variables of the environment.
    init(_ words: [String], environment: [String: String], seconds: Int = 20) throws {
        // One at a time: between `pipe` and `fcntl` another child would take the pipe along and keep it open.
        (process, pipes) = try Child.starting.withLock { _ in try Child.spawn(words, environment) }
        Thread.detach { self.watch(seconds) }
    }

    private static let starting = Mutex(())

    private static func spawn(_ words: [String], _ environment: [String: String]) throws -> (pid_t, [Int32]) {
        var ends: [[Int32]] = []
        for _ in 0..<2 {
            var pair: [Int32] = [0, 0]
            guard pipe(&pair) == 0 else { throw Silent(description: "no pipe: error \(errno)") }
            for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            ends.append(pair)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (number, pair) in ends.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, pair[1], Int32(number + 1))
        }
        func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }
        let arguments = copies(words)
        let variables = copies(environment.map { "\($0.key)=\($0.value)" })
        var process = pid_t()
        let failure = posix_spawn(&process, words[0], &actions, nil, arguments, variables)
        (arguments + variables).forEach { free($0) }
        posix_spawn_file_actions_destroy(&actions)
        for pair in ends { close(pair[1]) }
        guard failure == 0 else { throw Silent(description: "\(words[0]) does not start: error \(failure)") }
        return (process, ends.map { $0[0] })
    }

    /// Returns when a whole line that has this text was written, to either output.
    func wrote(_ text: String) async throws {
        let found = await withCheckedContinuation { continuation in
            let found = state.withLock { state -> Bool? in
                if Child.has(text, state.written) { return true }
                if state.end != nil { return false }
                state.lines.append((text, continuation))
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
        if !found { throw Silent(description: "ended without '\(text)':\n\(await end().err)") }
    }

    /// Waits for its end.
    func end() async -> End {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.end == nil { state.ends.append(continuation) }
                return state.end != nil
            }
            if isOver { continuation.resume() }
        }
        return state.withLock { state in
            let texts = state.written.map { String(decoding: $0, as: UTF8.self) }
            return End(code: state.end ?? -1, out: texts[0], err: texts[1])
        }
    }

    /// What it wrote so far, to both outputs.
    var written: String { state.withLock { $0.written.map { String(decoding: $0, as: UTF8.self) }.joined() } }

    /// Whether it has ended.
    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// Sends a signal; nothing happens where it has ended.
    func signal(_ number: Int32) {
        state.withLock { if $0.end == nil { kill(process, number) } }
    }

    private static func has(_ text: String, _ written: [[UInt8]]) -> Bool {
        written.contains { bytes in
            let lines = bytes.lastIndex(of: 0x0A).map { bytes[...$0] } ?? []
            return String(decoding: lines, as: UTF8.self).contains(text)
        }
    }

    private func watch(_ seconds: Int) {
        var open = [true, true]
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let deadline = Child.seconds() + seconds
        var isLate = false
        while open.contains(true) {
            var asked = (0..<2).map { pollfd(fd: open[$0] ? pipes[$0] : -1, events: Int16(POLLIN), revents: 0) }
            let left = isLate ? -1 : max(0, deadline - Child.seconds()) * 1000
            if poll(&asked, 2, Int32(left)) == 0 {
                isLate = true
                kill(process, SIGKILL)
            }
            for number in 0..<2 where asked[number].revents != 0 {
                let count = read(pipes[number], &buffer, buffer.count)
                if count > 0 { take(Array(buffer[..<count]), number) } else { open[number] = false }
            }
        }
        pipes.forEach { _ = close($0) }
        var facts = siginfo_t()
        waitid(P_PID, id_t(process), &facts, WEXITED | WNOWAIT)
        finish()
    }

    private func take(_ bytes: [UInt8], _ number: Int) {
        let due = state.withLock { state in
            state.written[number] += bytes
            let due = state.lines.filter { Child.has($0.text, state.written) }
            state.lines.removeAll { Child.has($0.text, state.written) }
            return due
        }
        for line in due { line.waiter.resume(returning: true) }
    }

    /// Reaped under the lock, so that no signal goes to another process of the same number.
    private func finish() {
        let (lines, ends) = state.withLock { state in
            var status: Int32 = 0
            waitpid(process, &status, 0)
            state.end = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
            defer { (state.lines, state.ends) = ([], []) }
            return (state.lines, state.ends)
        }
        for line in lines { line.waiter.resume(returning: false) }
        for end in ends { end.resume() }
    }

    private static func seconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}

/// A thread for what blocks, so that no cooperative thread waits for a process.
enum Thread {
    static func detach(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
