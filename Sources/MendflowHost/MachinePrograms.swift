private import Dispatch
private import Glibc
public import MendflowCore
public import MendflowEnvironment
private import Synchronization

/// The programs of the machine, each in a process group of its own, with the variables of ours and no file but its own.
public struct MachinePrograms: ProgramRunner {
    /// The most bytes of output that are kept; what comes behind is read and thrown away.
    public static let outputLimit = 4 << 10
    private let variables: [String: String]
    private static let queue = DispatchQueue(label: "mendflow.programs", attributes: .concurrent)

    /// Makes a runner that hands these variables on.
    public init(_ variables: [String: String]) { self.variables = variables }

    /// Runs a program on a thread of its own.
    public func run(
        _ words: [String], input: [UInt8], within limit: Period
    ) async throws(DeliveryFault) -> ProgramOutcome {
        // A program need not read what it is told.
        StopSignals.ignoreBrokenPipes()
        let (variables, cancelled) = (variables, Cancelled())
        let result: Result<ProgramOutcome, DeliveryFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { done in
                MachinePrograms.queue.async {
                    done.resume(
                        returning: Result { () throws(DeliveryFault) in
                            try ProgramRun.start(words, variables).finish(input, within: limit, unless: cancelled)
                        })
                }
            }
        } onCancel: {
            cancelled.isSet.store(true, ordering: .releasing)
        }
        return try result.get()
    }
}

/// Whether whoever started a program does not want it any more.
private final class Cancelled: Sendable {
    let isSet = Atomic(false)
}

/// One program that runs.
private struct ProgramRun {
    private let process: pid_t
    /// Our ends of its standard input, and of its output.
    private let input: CInt, output: CInt

    /// Starts it. One at a time: a program that is started between the making of a pipe and its mark would get its ends.
    static func start(_ words: [String], _ variables: [String: String]) throws(DeliveryFault) -> ProgramRun {
        try starting.withLock { _ in
            Result { () throws(DeliveryFault) in try ProgramRun(words, variables) }
        }.get()
    }

    private static let starting = Mutex(())

    private init(_ words: [String], _ variables: [String: String]) throws(DeliveryFault) {
        var (down, up): ([CInt], [CInt]) = ([-1, -1], [-1, -1])
        guard unsafe pipe(&down) == 0 else { throw DeliveryFault("no pipe can be made") }
        guard unsafe pipe(&up) == 0 else {
            for end in down { close(end) }
            throw DeliveryFault("no pipe can be made")
        }
        for end in down + up { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer {
            close(down[0])
            close(up[1])
        }
        do throws(DeliveryFault) { process = try ProgramRun.spawn(words, variables, down[0], up[1]) } catch {
            close(down[1])
            close(up[0])
            throw error
        }
        (input, output) = (down[1], up[0])
        for end in [input, output] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    private static func spawn(
        _ words: [String], _ variables: [String: String], _ input: CInt, _ output: CInt
    ) throws(DeliveryFault) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // A group of its own, and the signals that this process ignores as they usually are.
        var (all, none) = (sigset_t(), sigset_t())
        unsafe sigfillset(&all)
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        let environment =
            unsafe variables.sorted { $0.key < $1.key }.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
        var process: pid_t = 0
        let failure = unsafe posix_spawn(&process, words[0], &actions, &attributes, arguments, environment)
        guard failure == 0 else {
            throw DeliveryFault("\(words[0]): \(unsafe strerror(failure).map { unsafe String(cString: $0) } ?? "")")
        }
        return process
    }

    /// Writes the input and reads the output until the program has ended, or its time is over.
    func finish(
        _ bytes: [UInt8], within limit: Period, unless cancelled: Cancelled
    ) throws(DeliveryFault) -> ProgramOutcome {
        let start = ContinuousClock.now
        func left() -> Int64 {
            if cancelled.isSet.load(ordering: .acquiring) { return 0 }
            return limit.milliseconds - ProgramRun.milliseconds(since: start)
        }
        var (rest, kept, isOpen) = (bytes[...], [UInt8](), true)
        if rest.isEmpty { close(input) }
        defer { close(output) }
        while isOpen {
            let left = left()
            guard left > 0 else { break }
            var ends = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
            if !rest.isEmpty { ends.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
            _ = unsafe poll(&ends, nfds_t(ends.count), CInt(min(left, 200)))
            if !rest.isEmpty { write(&rest) }
            isOpen = read(&kept)
        }
        if !rest.isEmpty { close(input) }
        return ProgramOutcome(
            status: reap(left), output: String(decoding: kept, as: UTF8.self))
    }

    /// Writes what there is room for; closes the end once nothing is left, or nobody reads.
    private func write(_ rest: inout ArraySlice<UInt8>) {
        let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(input, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) } else if errno != EAGAIN, errno != EINTR { rest = [] }
        if rest.isEmpty { close(input) }
    }

    /// Reads what is there; false once the other end is closed.
    private func read(_ kept: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4 << 10)
        while true {
            let count = unsafe Glibc.read(output, &buffer, buffer.count)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            guard count > 0 else { return false }
            kept += buffer.prefix(min(count, MachinePrograms.outputLimit - kept.count))
        }
    }

    /// Waits for the end; kills the group where the time is over. Nil where it did not end by itself.
    private func reap(_ left: () -> Int64) -> Int32? {
        var status: CInt = 0
        while unsafe waitpid(process, &status, WNOHANG) == 0 {
            guard left() > 0 else {
                kill(-process, SIGKILL)
                _ = unsafe waitpid(process, &status, 0)
                return nil
            }
            usleep(5000)
        }
        // What it left behind has no business any more.
        kill(-process, SIGKILL)
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
