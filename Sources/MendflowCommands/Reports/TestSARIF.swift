import MendflowBacktest
import MendflowCore
import MendflowHost
import MendflowOperations
import MendflowYAML

/// Tests of policies beside the lines of their scenarios.
enum TestSARIF {
    private static let rules = [
        ("unusable-file", "a file of scenarios or policies has an error, so that nothing of it is tested"),
        ("not-as-expected", "a policy decides otherwise than its scenario expects"),
        ("untested-policy", "no scenario gets a decision of a policy"),
        ("undecided-condition", "a condition never held in any scenario, or always did"),
    ]

    static func log(_ it: PolicyTesting.Outcome) -> SARIFLog {
        var results = it.files.flatMap(\.results).flatMap { result in
            result.failures.map {
                SARIFLog.Result("not-as-expected", "error", "\(result.name): \($0.words)", at: $0.place)
            }
        }
        results += it.broken.map { finding in
            let start = finding.range?.start
            return SARIFLog.Result(
                "unusable-file", "error", finding.sentence,
                at: SourcePlace(file: finding.file, line: start?.line ?? 1, column: start?.column ?? 1))
        }
        results += it.untested.map {
            SARIFLog.Result("untested-policy", "warning", "no scenario gets a decision of policy '\($0)'", at: nil)
        }
        results += it.coverage.all.filter { !$0.hasDecided }.map {
            SARIFLog.Result(
                "undecided-condition", "note", "\($0.policy): \($0.field) \($0.wanted) decides nothing in any scenario",
                at: $0.place)
        }
        return SARIFLog(results, rules: rules, programVersion: Version.number)
    }
}
