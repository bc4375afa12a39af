import Glibc
import MendflowCore

/// Measures what docs/benchmarks.md reports; `scripts/bench` calls it.
@main
struct Bench {
    static let usage = """
        usage: mendflow-bench pairs [EXECUTIONS] [POLICIES]
               mendflow-bench read ROWS DETAILS          (files of n8n's answers, one a line)
               mendflow-bench requests
               mendflow-bench eras [EXECUTIONS [ERA]]    (1,000 and 100,000 unless told otherwise)
               mendflow-bench late
               mendflow-bench serve EXECUTIONS SPEED [quiet]    (until its standard input ends)
               mendflow-bench many SERVERS EXECUTIONS    (addresses, a line each; until its standard input ends)
               mendflow-bench hints [FAILURES]           (200 unless told otherwise; ten minutes)
               mendflow-bench idle EXECUTIONS memory|sqlite POLICIES...
               mendflow-bench ticks URL TICKS SPEED FOLDER [dry-run]
        """

    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        func number(_ place: Int, _ usual: Int) -> Int { words.count > place ? Int(words[place]) ?? usual : usual }
        switch words.first {
        case "pairs": try PairBench.run(executions: number(1, 10_000), policies: number(2, 10))
        case "read" where words.count == 3: try await ReadBench.run(rows: words[1], details: words[2])
        case "requests": try await RequestBench.run()
        case "eras":
            try await EraBench.run(
                words.count > 1 ? [number(1, 1000)] : [1000, 100_000], only: words.count > 2 ? words[2] : nil)
        case "late": try await LateBench.run()
        case "hints": try await HintBench.run(failures: number(1, 200))
        case "serve":
            try await LoadServer.run(
                executions: number(1, 50_000), speed: number(2, 60), isBusy: !words.dropFirst(3).contains("quiet"))
        case "many": try await ManyServers.run(servers: number(1, 20), executions: number(2, 2000))
        case "idle" where words.count > 3:
            try await IdleBench.run(executions: number(1, 100_000), store: words[2], files: Array(words[3...]))
        case "ticks" where words.count >= 5:
            try await TickBench.run(
                url: words[1], ticks: number(2, 1000), speed: number(3, 60), folder: words[4],
                mode: words.dropFirst(5).contains("dry-run") ? .dryRun : .enforce)
        default:
            write(usage)
            exit(64)
        }
    }

    /// Writes a line to standard output at once, for others wait for it.
    static func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe Glibc.write(1, bytes, bytes.count)
    }
}

/// A failure of a measurement.
struct BenchFailure: Error, CustomStringConvertible {
    var description: String
}

/// Numbers that are the same in every run (SplitMix64).
struct Dice {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// The next number below `end`.
    mutating func roll(_ end: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(end))
    }
}

extension Double {
    /// With so many digits behind the point.
    func text(_ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let whole = Int((self * scale).rounded())
        guard digits > 0 else { return "\(whole)" }
        let parts = whole.quotientAndRemainder(dividingBy: Int(scale))
        let rest = "\(parts.remainder)"
        return "\(parts.quotient)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
