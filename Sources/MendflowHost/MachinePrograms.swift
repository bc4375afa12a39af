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
        let (status, output) = try await finish(words, input, within: limit, keeping: [MachinePrograms.outputLimit])
        return ProgramOutcome(status: status, output: String(decoding: output[0].bytes, as: UTF8.self))
    }

    /// The same, with both streams apart.
    public func ask(
        _ words: [String], input: [UInt8], within limit: Period, mostBytes: Int
    ) async throws(DeliveryFault) -> ProgramAnswer {
        let limits = [mostBytes, MachinePrograms.outputLimit]
        let (status, output) = try await finish(words, input, within: limit, keeping: limits)
        guard output[0].isWhole else { throw DeliveryFault("\(words[0]) answers more than \(mostBytes) bytes") }
        return ProgramAnswer(
            status: status, output: output[0].bytes, complaint: String(decoding: output[1].bytes, as: UTF8.self))
    }

    private func finish(
        _ words: [String], _ input: [UInt8], within limit: Period, keeping limits: [Int]
    ) async throws(DeliveryFault) -> (status: Int32?, output: [ProgramOutput]) {
        // A program need not read what it is told.
        StopSignals.ignoreBrokenPipes()
        let (variables, cancelled) = (variables, Cancelled())
        let result: Result<(Int32?, [ProgramOutput]), DeliveryFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { done in
                MachinePrograms.queue.async {
                    done.resume(
                        returning: Result { () throws(DeliveryFault) in
                            try ProgramRun.start(words, variables, outputs: limits)
                                .finish(input, within: limit, unless: cancelled)
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

/// What a program wrote to one of its ends, of which no more is kept than somebody wants.
private struct ProgramOutput: Sendable {
    let mostBytes: Int
    private(set) var bytes: [UInt8] = []
    /// Whether everything was kept.
    private(set) var isWhole = true

    init(mostBytes: Int) { self.mostBytes = mostBytes }

    mutating func keep(_ more: ArraySlice<UInt8>) {
        let kept = more.prefix(mostBytes - bytes.count)
        isWhole = isWhole && kept.count == more.count
        bytes += kept
    }
}

/// One program that runs.
private struct ProgramRun {
    private let process: pid_t
    /// Our end of its standard input.
    private let input: CInt
    /// Our ends of its standard output and its standard error; one where both go the same way.
    private let outputs: [CInt]
    /// How much of each is kept.
    private let limits: [Int]

    /// Starts it. One at a time: a program that is started between the making of a pipe and its mark would get its ends.
    static func start(
        _ words: [String], _ variables: [String: String], outputs limits: [Int]
    ) throws(DeliveryFault) -> ProgramRun {
        try starting.withLock { _ in
            Result { () throws(DeliveryFault) in try ProgramRun(words, variables, limits) }
        }.get()
    }

    private static let starting = Mutex(())

    private init(_ words: [String], _ variables: [String: String], _ limits: [Int]) throws(DeliveryFault) {
        let down = try ProgramRun.pipe()
        var up: [(reads: CInt, writes: CInt)] = []
        /// Whether the program has its ends, and we keep ours.
        var isStarted = false
        defer {
            close(down.reads)
            for end in up { close(end.writes) }
            if !isStarted { for end in [down.writes] + up.map(\.reads) { close(end) } }
        }
        for _ in limits { up.append(try ProgramRun.pipe()) }
        process = try ProgramRun.spawn(words, variables, down.reads, up.map(\.writes))
        isStarted = true
        (input, outputs, self.limits) = (down.writes, up.map(\.reads), limits)
        for end in [input] + outputs { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    private static func pipe() throws(DeliveryFault) -> (reads: CInt, writes: CInt) {
        var ends: [CInt] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw DeliveryFault("no pipe can be made") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ words: [String], _ variables: [String: String], _ input: CInt, _ outputs: [CInt]
    ) throws(DeliveryFault) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, outputs[0], 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, outputs[outputs.count - 1], 2)
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
    ) throws(DeliveryFault) -> (status: Int32?, output: [ProgramOutput]) {
        let start = ContinuousClock.now
        func left() -> Int64 {
            if cancelled.isSet.load(ordering: .acquiring) { return 0 }
            return limit.milliseconds - ProgramRun.milliseconds(since: start)
        }
        var (rest, kept, open) = (bytes[...], limits.map(ProgramOutput.init(mostBytes:)), Array(outputs.indices))
        if rest.isEmpty { close(input) }
        defer { for output in outputs { close(output) } }
        while !open.isEmpty {
            let left = left()
            guard left > 0 else { break }
            var ends = open.map { pollfd(fd: outputs[$0], events: Int16(POLLIN), revents: 0) }
            if !rest.isEmpty { ends.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
            _ = unsafe poll(&ends, nfds_t(ends.count), CInt(min(left, 200)))
            if !rest.isEmpty { write(&rest) }
            open.removeAll { !read(outputs[$0], &kept[$0]) }
        }
        if !rest.isEmpty { close(input) }
        return (reap(left), kept)
    }

    /// Writes what there is room for; closes the end once nothing is left, or nobody reads.
    private func write(_ rest: inout ArraySlice<UInt8>) {
        let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(input, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) } else if errno != EAGAIN, errno != EINTR { rest = [] }
        if rest.isEmpty { close(input) }
    }

    /// Reads what is there; false once the other end is closed.
    private func read(_ output: CInt, _ kept: inout ProgramOutput) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4 << 10)
        while true {
            let count = unsafe Glibc.read(output, &buffer, buffer.count)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            guard count > 0 else { return false }
            kept.keep(buffer[..<count])
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
