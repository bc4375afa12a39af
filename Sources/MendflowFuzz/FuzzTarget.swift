/// A reader of ours that is fed bytes of any kind, with what has to hold whatever they are.
public struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Its name on the command line and in `Tests/Fixtures/fuzz`.
    public let name: String
    /// Files and folders of the repository with inputs to begin with; of a folder all files, not those below.
    public let seeds: [String]
    /// Whether each line of a seed is an input of its own.
    public let splitsSeeds: Bool
    private let promises: @Sendable ([UInt8]) throws(BrokenPromise) -> Void

    init(
        _ name: String, seeds: [String] = [], splitsSeeds: Bool = false,
        _ promises: @escaping @Sendable ([UInt8]) throws(BrokenPromise) -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.splitsSeeds = splitsSeeds
        self.promises = promises
    }

    /// The name.
    public var description: String { name }

    /// Feeds it an input.
    ///
    /// - Throws: the promise that this input breaks.
    public func check(_ bytes: [UInt8]) throws(BrokenPromise) { try promises(bytes) }

    /// All of them.
    public static let all = [
        yaml, policy, configuration, page, detail, workflow, record, export, history, backtest, columns, cursor, time,
        zone, traces,
        failures, request,
    ]
}

/// A promise that an input breaks.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// The promise, and what came instead.
    public let description: String
}

/// Goes on where a promise holds.
func promise(_ holds: Bool, _ words: @autoclosure () -> String) throws(BrokenPromise) {
    if !holds { throw BrokenPromise(description: words()) }
}

extension [UInt8] {
    /// The bytes as a text, broken characters replaced.
    var text: String { String(decoding: self, as: UTF8.self) }
}
