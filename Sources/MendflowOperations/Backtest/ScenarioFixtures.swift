import MendflowCore
import MendflowEnvironment
import MendflowHistory
import MendflowPolicy
import MendflowWorkspace
import MendflowYAML

/// Reads the data that executions of scenarios name as files.
struct ScenarioFixtures {
    /// What is wrong with such files, where the scenario names them.
    private(set) var findings: [Finding] = []
    private let name: String
    private let files: any FileSystem

    /// Makes a reader for the scenarios of a file.
    init(besideFile name: String, _ files: any FileSystem) {
        (self.name, self.files) = (name, files)
    }

    /// The data of a scenario's executions; what cannot be read is left out, with a finding.
    mutating func read(_ scenario: Scenario) -> [ExecutionID: ExecutionDetail] {
        var fixtures: [ExecutionID: ExecutionDetail] = [:]
        for given in scenario.executions {
            guard let fixture = given.fixture, var detail = read(fixture) else { continue }
            detail.status = given.row.status
            // What was recorded then fails now; a provider's wait counts from there.
            detail.error?.at = given.row.stoppedAt
            fixtures[given.row.id] = detail
        }
        return fixtures
    }

    private mutating func read(_ fixture: ScenarioPath) -> ExecutionDetail? {
        let path = FilePath.of(fixture.text, besideFile: name)
        let naming = PolicyFolder.Naming(file: name, place: fixture.range, words: fixture.text)
        var reader = HistoryReader(files)
        do throws(HistoryFault) { try reader.read(path) } catch {
            findings.append(NamedFile.finding(error.description, of: path, namedBy: "data", naming, files))
            return nil
        }
        guard let detail = reader.history.details.first, reader.history.details.count == 1 else {
            let message = "`data` names `\(fixture.text)`, which does not hold the data of one execution"
            findings.append(Finding(.error, "not-one-execution", message, file: name, range: fixture.range))
            return nil
        }
        return detail
    }
}
