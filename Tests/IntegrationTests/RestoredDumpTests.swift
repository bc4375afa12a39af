import Glibc
import MendflowPostgresKit
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("An older dump of a ledger that is put back", .timeLimit(.minutes(30)), .serialized)
struct RestoredDumpTests {
    @Test(
        "is found by who works on it and by who starts on it: nothing is sent until a person has seen to it, and then nothing twice",
        .enabled(if: PostgresTestServer.programs != nil, "no PostgreSQL: scripts/setup installs one"))
    func older() async throws {
        let (world, database) = (try World(), try await PostgresTestServer())
        let user = try await database.makeUser()
        let configuration = World.configuration(url: world.server.url)
        try world.write(
            "mendflow.yaml", configuration.replacing("mendflow.sqlite", with: "\"\(database.address(of: user))\""))
        try await world.initialise()
        let agent = try world.start("run", seconds: 240)
        let first = world.failure()
        try await world.until { !$0.retries(of: first).isEmpty }
        try database.run("pg_dump", "-Fc -n \(user) -f dump postgres")
        // What the dump does not know.
        let second = world.failure()
        try await world.until { !$0.retries(of: second).isEmpty }
        let restore = "-1 --clean --if-exists -d postgres dump"
        try database.run("pg_restore", restore)
        try await agent.wrote("event=ledger.older")
        let third = world.failure()
        try await expectPaused(world)

        // Who starts on it anew knows of no record that is missing, but that it was put there.
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        try database.run("pg_restore", restore)
        let next = try world.start("run", seconds: 240)
        try await next.wrote("event=ledger.older")
        try await expectPaused(world)
        #expect(world.retries(third).isEmpty)

        let refused = try await world.run("resume")
        #expect(refused.code == 1 && refused.err.contains("mendflow resume --force"))
        #expect(try await world.run("resume", "--force").code == 0)
        try await world.until { !$0.retries(of: third).isEmpty }
        // The one before was as due; its rows tell that it was retried, which the ledger does not know.
        #expect([first, second, third].map { world.retries($0).count } == [1, 1, 1])
        next.signal(SIGTERM)
        #expect(await next.end().code == 0)
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }

    private func expectPaused(_ world: World) async throws {
        let status = try await world.run("status")
        #expect(status.code == 1 && status.out.contains("the ledger may not know all that was sent"), "\(status.out)")
        let doctor = try await world.run("doctor")
        #expect(doctor.code == 1 && doctor.out.contains("acting is paused"), "\(doctor.out)")
    }
}
