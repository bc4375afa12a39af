import MendflowBacktest
import MendflowCore
import MendflowOperations
import MendflowText
import MendflowWorkspace

/// Tests of policies for people.
enum TestText {
    static func render(_ it: PolicyTesting.Outcome, coverage: Bool) -> TextReport {
        var lines: [ReportLine] = []
        for file in it.files {
            for result in file.results {
                lines.append(
                    "\(result.isPassed ? "ok" : "FAILED", result.isPassed ? .acts : .wrong)  \(file.name):\(result.place.line)  \(result.name)"
                )
                lines += result.failures.map { "    \($0.place.file):\($0.place.line): \($0.words)" }
            }
        }
        if coverage { lines += self.coverage(it) }
        // Where a file cannot be read, its scenarios may be those of a policy that seems to have none.
        if !it.isBroken {
            lines += it.untested.map { "\("untested", .held)  no scenario gets a decision of policy '\($0)'" }
        }
        let count = it.count.words("scenario", "scenarios")
        // A folder without tests is no file with errors.
        let broken = it.findings.count(where: \.hasErrors) - it.empty.count
        lines += it.empty.map {
            "\("no tests", .wrong)  \($0): no file in it has a name that ends in .test.yaml or .test.yml"
        }
        if broken > 0 {
            lines.append(
                "\("not tested", .wrong)  \(broken.words("file has", "files have")) errors, shown above")
        }
        if it.failed > 0 {
            lines.append("\(count): \("\(it.failed) not as expected", .wrong)")
        } else if broken == 0 && it.empty.isEmpty || it.count > 0 {
            lines.append("\(count): \(broken > 0 ? "as expected, and others could not be read" : "all as expected")")
        }
        return TextReport(lines)
    }

    private static func coverage(_ it: PolicyTesting.Outcome) -> [ReportLine] {
        let open = it.coverage.all.filter { !$0.hasDecided }
        let all = it.coverage.all.count
        var lines: [ReportLine] = ["\(all - open.count) of \(all) conditions decided something"]
        lines += open.map { test in
            let what = test.held ? "was never found not to hold" : test.failed ? "never held" : "was never known"
            return "  \(test.place.file):\(test.place.line): \(test.policy): \(test.field) \(test.wanted) \(what)"
        }
        return lines
    }
}
