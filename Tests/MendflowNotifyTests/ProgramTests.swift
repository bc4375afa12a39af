import MendflowCore
import MendflowEnvironment
import MendflowHost
import Testing

@Suite("A program that is told something")
struct ProgramTests {
    private let programs = MachinePrograms(["GREETING": "hello"])

    @Test("gets it on its standard input, with our variables, and answers by its exit code")
    func told() async throws {
        let outcome = try await programs.run(
            ["/bin/sh", "-c", "cat; echo \" $GREETING $1\"; exit 3", "sh", "$(no shell)"], input: Array("text".utf8),
            within: .seconds(20))
        #expect(outcome == ProgramOutcome(status: 3, output: "text hello $(no shell)\n"))
    }

    @Test("need not read it, and may say more than anybody keeps")
    func rude() async throws {
        let input = [UInt8](repeating: 97, count: 1 << 20)
        let outcome = try await programs.run(
            ["/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"], input: input, within: .seconds(20))
        #expect(outcome.status == 0 && outcome.output.utf8.count == MachinePrograms.outputLimit)
    }

    @Test("is ended with all that it started once its time is over")
    func late() async throws {
        let outcome = try await programs.run(
            ["/bin/sh", "-c", "echo begun; sleep 600 & sleep 600"], input: [], within: .milliseconds(500))
        #expect(outcome == ProgramOutcome(status: nil, output: "begun\n"))
    }

    @Test("that is not there is a fault that names it")
    func missing() async {
        await #expect(throws: DeliveryFault("/no/such/program: No such file or directory")) {
            try await programs.run(["/no/such/program"], input: [], within: .seconds(1))
        }
    }

    @Test("that is asked answers its output whole, and apart from what it complains about")
    func asked() async throws {
        let input = [UInt8](repeating: 97, count: 900_000)
        let answer = try await programs.ask(
            ["/bin/sh", "-c", "echo oops >&2; cat; exit 4"], input: input, within: .seconds(20), mostBytes: 1 << 20)
        #expect(answer == ProgramAnswer(status: 4, output: input, complaint: "oops\n"))
    }

    @Test("that answers more than is wanted is a fault: half an answer is none")
    func tooMuch() async {
        await #expect(throws: DeliveryFault("/bin/cat answers more than 1000 bytes")) {
            try await programs.ask(
                ["/bin/cat"], input: [UInt8](repeating: 97, count: 1001), within: .seconds(20), mostBytes: 1000)
        }
    }
}
