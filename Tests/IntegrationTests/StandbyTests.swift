import Glibc
import MendflowPostgresKit
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A standby of the ledger's database that takes over", .timeLimit(.minutes(30)), .serialized)
struct StandbyTests {
    /// A simulated n8n, and an agent whose ledger is on a database with a standby.
    private struct Place {
        let world: World, primary: PostgresTestServer, standby: PostgresTestServer

        init() async throws {
            (world, primary) = (try World(), try await PostgresTestServer())
            let user = try await primary.makeUser()
            standby = try await PostgresTestServer(standbyOf: primary)
            let hosts = [primary, standby].map { "\($0.host):\($0.port)" }.joined(separator: ",")
            let configuration = World.configuration(url: world.server.url)
            try world.write(
                "mendflow.yaml",
                configuration.replacing("mendflow.sqlite", with: "\"postgres://\(user)@\(hosts)/postgres\""))
        }

        /// Changes a setting of a server that runs, and waits until the primary says so of its standbys.
        func set(_ setting: String, of server: PostgresTestServer, until states: [[String]]) async throws {
            try await server.ask("ALTER SYSTEM SET \(setting)")
            try await server.ask("SELECT pg_reload_conf()")
            while try await primary.ask("SELECT sync_state FROM pg_stat_replication") != states { await Task.yield() }
        }

        /// A run that fails and is retried.
        func retried() async throws -> Int {
            let run = world.failure()
            try await world.until { !$0.retries(of: run).isEmpty }
            return run
        }

        /// How often each run was retried.
        func retries(_ runs: [Int]) -> [Int] { runs.map { world.retries($0).count } }

        func end(_ agent: Child) async throws {
            agent.signal(SIGTERM)
            #expect(await agent.end().code == 0)
            #expect(try await world.run("audit", "verify").code == 0)
            try await world.remove()
        }
    }

    @Test(
        "has everything that was written where the primary waits for it: the agent goes on, and sends nothing twice",
        .enabled(if: PostgresTestServer.programs != nil, "no PostgreSQL: scripts/setup installs one"))
    func synchronous() async throws {
        let place = try await Place()
        let world = place.world
        try await place.set("synchronous_standby_names = 'standby'", of: place.primary, until: [["sync"]])
        try await world.initialise()
        let agent = try world.start("run", seconds: 240)
        let first = try await place.retried()
        try place.primary.kill()
        let second = world.failure()
        try place.standby.promote()
        try await world.until { !$0.retries(of: second).isEmpty }
        #expect(try await world.run("status").code == 0)
        #expect(place.retries([first, second]) == [1, 1])
        try await place.end(agent)
    }

    @Test(
        "and lacks what it had not received: nothing is sent until a person has seen to it, and then nothing twice",
        .enabled(if: PostgresTestServer.programs != nil, "no PostgreSQL: scripts/setup installs one"))
    func behind() async throws {
        let place = try await Place()
        let world = place.world
        try await world.initialise()
        let agent = try world.start("run", seconds: 240)
        let first = try await place.retried()
        try await place.set("primary_conninfo = ''", of: place.standby, until: [])
        let second = try await place.retried()
        try place.primary.kill()
        try place.standby.promote()
        try await agent.wrote("event=ledger.older")
        let third = world.failure()
        let status = try await world.run("status")
        #expect(status.code == 1 && status.out.contains("the ledger may not know all that was sent"), "\(status.out)")
        #expect(place.retries([third]) == [0])
        #expect(try await world.run("resume", "--force").code == 0)
        try await world.until { !$0.retries(of: third).isEmpty }
        // The second was as due; its rows tell that it was retried, which this ledger does not know.
        #expect(place.retries([first, second, third]) == [1, 1, 1])
        try await place.end(agent)
    }
}
