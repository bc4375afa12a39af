import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowOperations
import MendflowTestKit
import Testing

@Suite("The policies that come with the program")
struct PolicyTestingTests {
    @Test("pass their tests, all of them have some, and every condition decides something in them")
    func shipped() throws {
        let environment = Environment.test(VirtualClock(.noon))
        let folders = ["policies", "examples/upgrade"].map { Repository.root + $0 }
        let outcome = try PolicyTesting.run(folders, nil, environment: environment)
        #expect(!outcome.isBroken)
        for result in outcome.files.flatMap({ $0.results }) { #expect(result.failures.isEmpty, "\(result.name)") }
        #expect(outcome.untested.isEmpty)
        #expect(outcome.coverage.all.filter { !$0.hasDecided }.isEmpty)
        let policies = Repository.names(in: "policies", ending: ".yaml").filter { (name: String) in
            !name.hasSuffix(".test")
        }
        let tests = Repository.names(in: "policies", ending: ".test.yaml")
        #expect(tests == policies)
    }
}
