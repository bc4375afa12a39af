import MendflowBacktest
import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowWorkspace
import MendflowYAML

/// Tests of policies as the XML that JUnit made common, which CI servers show.
enum JUnitReport {
    static func text(_ it: PolicyTesting.Outcome) -> String {
        let suites = it.files.map { file -> HTMLText in
            let cases = file.results.map { result -> HTMLText in
                let failures = result.failures.map { failure -> HTMLText in
                    "<failure message=\"\(failure.words)\">\(failure.place.file):\(failure.place.line)</failure>"
                }
                return """
                    <testcase classname="\(file.name)" name="\(result.name)" file="\(file.name)" line="\(result.place.line)">\
                    \(HTMLText.all(failures))</testcase>
                    """
            }
            return """
                <testsuite name="\(file.name)" tests="\(file.results.count)" \
                failures="\(file.results.count { !$0.isPassed })" errors="0">
                \(HTMLText.all(cases))
                </testsuite>
                """
        }
        let broken = it.broken
        let all: HTMLText = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="mendflow" tests="\(it.count + broken.count)" failures="\(it.failed)" errors="\(broken.count)">
            \(HTMLText.all(suites + broken.map(unreadable)))
            </testsuites>

            """
        return all.markup
    }

    /// A file of which nothing could be tested: what a server shows of a suite that is not there is nothing at all.
    private static func unreadable(_ finding: Finding) -> HTMLText {
        let place = finding.range.map { "\(finding.file):\($0.start.line)" } ?? finding.file
        return """
            <testsuite name="\(finding.file)" tests="1" failures="0" errors="1">
            <testcase classname="\(finding.file)" name="\(finding.id)" file="\(finding.file)">\
            <error message="\(finding.sentence)">\(place)</error></testcase>
            </testsuite>
            """
    }
}

extension PolicyTesting.Outcome {
    /// What is wrong with files of scenarios and of policies, so that they could not be tested.
    var broken: [Finding] { findings.flatMap(\.all).filter { $0.severity == .error } }
}
