internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses `replay`, which only policies of replays have: the program writes them into the ledger, and reads them back.
struct ReplayPaceParser {
    let report: Report

    private static let shape = MapShape(
        what: "`replay`", keys: ["canary", "in_flight_per_workflow", "stop_after_failures"], required: ["canary"])

    /// The pace, or nil with findings.
    func parse(_ node: YAMLNode) -> ReplayPace? {
        guard let map = MapReader(node, ReplayPaceParser.shape, report) else { return nil }
        func number(_ key: String, _ range: ClosedRange<Int>) -> Int? {
            map[key].flatMap { report.whole($0, "`\(key)`", in: range) }
        }
        guard let canary = number("canary", 0...1000) else { return nil }
        return ReplayPace(
            canary: canary, inFlightPerWorkflow: number("in_flight_per_workflow", 1...100),
            stopAfterFailures: number("stop_after_failures", 1...1_000_000))
    }
}
