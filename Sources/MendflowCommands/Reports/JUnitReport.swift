import MendflowBacktest
import MendflowCore
import MendflowHTML
import MendflowOperations

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
                <testsuite name="\(file.name)" tests="\(file.results.count)" failures="\(file.results.count { !$0.isPassed })">
                \(HTMLText.all(cases))
                </testsuite>
                """
        }
        let all: HTMLText = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="mendflow" tests="\(it.count)" failures="\(it.failed)">
            \(HTMLText.all(suites))
            </testsuites>

            """
        return all.markup
    }
}
