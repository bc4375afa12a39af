import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Testing

@Suite("A simulated process that is killed")
struct KilledProcessTests {
    private static func environment(_ process: SimulatedProcess, _ number: Int, _ disk: MemoryDisk) -> Environment {
        var base = Environment.test(VirtualClock(AgentTime(milliseconds: 0)))
        base.ledgers = disk.ledgers(process: number)
        return process.environment(base)
    }

    @Test("takes no lock of a ledger with it where it had not begun yet")
    func lock() throws {
        let disk = MemoryDisk()
        let (killed, next) = (SimulatedProcess(), SimulatedProcess())
        killed.kill()
        #expect(throws: LedgerFailure.self) { try Self.environment(killed, 1, disk).ledgers.lock("/m/ledger") }
        #expect(throws: Never.self) { _ = try Self.environment(next, 2, disk).ledgers.lock("/m/ledger") }
    }
}
