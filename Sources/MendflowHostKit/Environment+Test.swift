public import MendflowCore
public import MendflowEnvironment
import MendflowHost

extension Environment {
    /// The machine with a clock of the test's, and the key that test folders name.
    public static func test(
        _ clock: any AgentClock, _ variables: [String: String] = ["N8N_API_KEY": "secret-of-the-test"]
    ) -> Environment {
        var environment = Environment.machine(variables)
        environment.clock = clock
        environment.user = "test"
        return environment
    }
}
