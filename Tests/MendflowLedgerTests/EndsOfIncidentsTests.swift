import MendflowCore
import MendflowLedger
import Testing

@Suite("The incidents that are over, as records tell of them")
struct EndsOfIncidentsTests {
    private static let key = InstanceKey(name: "main", epoch: 1)

    private static func at(_ seconds: Int64) -> AgentTime {
        AgentTime(milliseconds: 1_793_606_400_000) + .seconds(seconds)
    }

    private static let incident: Incident = {
        let seen = ClockOffset.zero.server(at(1))
        let extent = Incident.Extent(
            firstSeen: seen, lastSeen: seen, failures: 5, members: IDRanges([41...45]), workflows: ["Order sync"])
        let traits = IncidentTraits([.errorClass], errorClass: .crash)
        return Incident(key: "incident-41", traits: traits, extent: extent, at: at(10))
    }()

    /// A ledger in which one was over after twenty seconds, with so many other records behind it.
    private static func ends(
        of instance: InstanceKey = key, since seconds: Int64 = 0, behind others: Int
    ) async throws -> [String] {
        let start = ClockOffset.zero.server(at(0))
        let baseline = InstanceBaseline(
            instance: key, url: "http://n8n", since: start, highest: nil, fingerprints: [], at: start)
        let end = IncidentEnd(incident, incident.extent)
        let entries = [
            LedgerEntry(.began(baseline, .initialised(by: "test")), at: at(0)),
            LedgerEntry(.incidentOpened(key, incident), at: at(10)),
            LedgerEntry(.incidentOver(key, end), at: at(20)),
        ]
        let rest = (0..<others).map { LedgerEntry(.gap(key, execution: nil, .vanished), at: at(30 + Int64($0))) }
        let store = try MemoryLedgerStore(entries + rest)
        let head = try await store.load(LedgerScope()).head.sequence
        return try await store.endsOfIncidents(of: instance, since: at(seconds), before: head).map(\.key)
    }

    @Test("are found however many other records were written since", arguments: [0, 1, 497, 1200])
    func found(others: Int) async throws {
        #expect(try await Self.ends(behind: others) == ["incident-41"])
    }

    @Test("are those of one instance since a time, and no others")
    func others() async throws {
        #expect(try await Self.ends(since: 21, behind: 7).isEmpty)
        #expect(try await Self.ends(of: InstanceKey(name: "main", epoch: 2), behind: 7).isEmpty)
    }
}
