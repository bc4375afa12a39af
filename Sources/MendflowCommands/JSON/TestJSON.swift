import MendflowBacktest
import MendflowCore
import MendflowOperations
import MendflowWorkspace

/// Tests of policies for programs.
struct TestJSON: Encodable {
    struct Failure: Encodable {
        var message: String
        var file: String
        var line: Int
    }
    struct Scenario: Encodable {
        var file: String
        var line: Int
        var name: String
        var passed: Bool
        var failures: [Failure]
    }
    struct Condition: Encodable {
        var policy: String
        var file: String
        var line: Int
        var field: String
        var wanted: String
        var held: Bool
        var failed: Bool
    }
    var scenarios: [Scenario]
    var failed: Int
    var untested: [String]
    var conditions: [Condition]
    /// What is wrong with files: nothing of one with errors was tested.
    var findings: [FindingJSON]

    init(_ it: PolicyTesting.Outcome) {
        scenarios = it.files.flatMap { file in
            file.results.map { result in
                Scenario(
                    file: file.name, line: result.place.line, name: result.name, passed: result.isPassed,
                    failures: result.failures.map {
                        Failure(message: $0.words, file: $0.place.file, line: $0.place.line)
                    })
            }
        }
        (failed, untested) = (it.failed, it.untested)
        findings = it.findings.flatMap(\.all).map { FindingJSON($0) }
        conditions = it.coverage.all.map {
            Condition(
                policy: $0.policy, file: $0.place.file, line: $0.place.line, field: $0.field, wanted: $0.wanted,
                held: $0.held, failed: $0.failed)
        }
    }
}
