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

/// Runs programs of the machine.
public protocol ProgramRunner: Sendable {
    /// Runs a program with a text on its standard input until it ends, or until its time is over: then it is killed, with
    /// what it started.
    func run(_ words: [String], input: [UInt8], within limit: Period) async throws(DeliveryFault) -> ProgramOutcome
}

/// Where there are no programs.
public struct NoPrograms: ProgramRunner {
    /// Makes it.
    public init() {}
    /// Always fails.
    public func run(
        _ words: [String], input: [UInt8], within limit: Period
    ) async throws(DeliveryFault) -> ProgramOutcome { throw DeliveryFault("there are no programs here") }
}
