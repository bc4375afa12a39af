public import MendflowCore

/// What became of a program that was run.
public struct ProgramOutcome: Sendable, Hashable {
    /// The exit code; nil where a signal or the time ended it.
    public var status: Int32?
    /// What it wrote, both streams together, cut where it is long.
    public var output: String

    /// Makes an outcome.
    public init(status: Int32?, output: String) {
        self.status = status
        self.output = output
    }
}

/// What a program answered that was asked for something.
public struct ProgramAnswer: Sendable, Hashable {
    /// The exit code; nil where a signal or the time ended it.
    public var status: Int32?
    /// What it wrote to its standard output, whole.
    public var output: [UInt8]
    /// What it wrote to its standard error, cut where it is long.
    public var complaint: String

    /// Makes an answer.
    public init(status: Int32?, output: [UInt8], complaint: String = "") {
        self.status = status
        self.output = output
        self.complaint = complaint
    }
}

/// Runs programs of the machine.
public protocol ProgramRunner: Sendable {
    /// Runs a program with a text on its standard input until it ends, or until its time is over: then it is killed, with
    /// what it started.
    func run(_ words: [String], input: [UInt8], within limit: Period) async throws(DeliveryFault) -> ProgramOutcome
    /// The same where the output is wanted as it is.
    ///
    /// - Throws: where the program cannot be run, or writes more than so many bytes.
    func ask(
        _ words: [String], input: [UInt8], within limit: Period, mostBytes: Int
    ) async throws(DeliveryFault) -> ProgramAnswer
}

extension Environment {
    /// Where a program of this name is, looked for as a shell does; nil where there is none.
    public func program(named name: String) -> String? {
        let folders = variables["PATH"]?.split(separator: ":") ?? ["/usr/bin", "/bin"]
        return folders.map { "\($0)/\(name)" }.first(where: files.exists)
    }
}

/// Where there are no programs.
public struct NoPrograms: ProgramRunner {
    /// Makes it.
    public init() {}
    /// Always fails.
    public func run(
        _ words: [String], input: [UInt8], within limit: Period
    ) async throws(DeliveryFault) -> ProgramOutcome { throw NoPrograms.fault }
    /// Always fails.
    public func ask(
        _ words: [String], input: [UInt8], within limit: Period, mostBytes: Int
    ) async throws(DeliveryFault) -> ProgramAnswer { throw NoPrograms.fault }

    private static let fault = DeliveryFault("there are no programs here")
}
