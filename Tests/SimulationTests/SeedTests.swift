import Foundation
import MendflowTestKit
import MendflowWorlds
import Testing

@Suite("Whole hosts in simulated worlds")
struct SeedTests {
    /// Worlds in which a promise broke once.
    static let regressions: [UInt64] = [
        // The clock is set back, so that rows contradict each other and are not taken in. The agent once asked for such a row
        // again and again without a pause.
        76,
        // A retry whose run is not kept, and named by its answer, was not counted among the ids that are known, so that a lost
        // retry of that moment stayed unresolved.
        235,
        // Nobody can read single rows when a retry leaves, so that the highest id is not known; then n8n's database is put
        // back, the retry's id is given to another run, and that was taken for proof that the retry had done nothing.
        555, 657,
        // The same, where a run with a lower id had come meanwhile: when the higher one was known first was not remembered.
        159,
        // A run that is stopped while it waits in the queue never begins, and was not seen to prove anything.
        430,
        // A person's retry waits in a queue for hours; the judge held it against the run that was retried before.
        1072,
        // So many runs wait in a queue that no list shows that not all were asked for; a person's retry among them, half an hour
        // older than ours, counted as ours.
        1194,
        // The clock is set back into the time of a pause that was over; the judge took what was sent then for sent in a pause.
        653,
        // A replay's request was refused before it did anything, and had used up the replay's cap for a week.
        467,
        // A lost retry counted as in flight by a live run that the evidence of another one's decision did not hold.
        1432, 803,
        // What an incident held waited in turn for it and for a place among what runs, and each turn was written down.
        1611,
        // A message went out while the disk was full, and was told again once another one had gone out.
        807,
        // Judges held against the agent what was under way when it died, that nobody was told of what was never tried, and
        // that much is let go slowly.
        1215, 1266, 1156,
        // What is implied in a policy's match took its exceptions from a replay.
        872, 1587,
        // The evidence of what waits for a replay's first retries lacked failed ones of before it was let go on.
        842, 1182,
        // n8n's clock was set back, and its time stayed in dispute to the end, so that the judge asks for nothing.
        1012,
        // A lost retry was written down as lost a minute late, for n8n answered slowly, and nothing was ever proven of it.
        1989,
        // The machine slept when it was on record that a lost retry is asked for again: it stayed under way for ever.
        2136,
        // A witness that the server had forgotten was asked for each second.
        2012,
        // Where n8n limited reads, most of them went to lists that were read over and over.
        2352, 1792, 2028,
        // Failures of an incident that was over opened it again, for what failed since could not be read for a while.
        3301,
        // What an incident held was gone from n8n, and each try that was not sent was followed by the wait of one that failed.
        4296,
        // n8n's clock was set back, and for an agent that had just started an incident that was over was young again.
        1991, 3991,
        // Retries waited in n8n's queue for hours; the judge took that for the agent's.
        4513,
        // A span told of a person's retry that had ended before ours left, and was kept in no row; ours counted as that run.
        4995,
        // A proxy sent a retry twice; one ran, and the 429 to the other came back and counted as proof that nothing had.
        4452,
        // The power went while the ledger was read, and the world's machine never came up again; a process that was killed
        // before it had begun took the ledger's lock with it.
        808, 4946,
        // The power went when a pause was over: what said so was written, and the judge had not heard of it.
        5648,
        // A copy of a retry ran of which n8n kept no row, and after three refusals nobody asked again.
        5028,
        // n8n's database was put back, an id that had been decided about was another workflow's run, and that run was tagged.
        5754,
        // Judges took a false hint for proof, a policy's exceptions for known at once, what others kept waiting for held by an
        // incident, a request that was held for one that was sent late, what a restored database lost for a second retry, and an
        // operator's wrong word for the agent's; and an alarm that nothing could have told from a right one.
        1003, 2379, 1102, 1321, 1541, 2264, 2287, 2785, 3721,
        // A machine slept between the grant of a retry and its request, and an hour held one too many; a person's retry from
        // while it slept counted as ours.
        2402, 4068,
        // n8n kept no run of a retry and named it in the retried run's row; its id was not counted among those that are known.
        2307,
        // A person retried a run while the agent's machine slept, n8n kept no row of it, and the judge wanted it to be seen.
        4467,
    ]

    /// The worlds that `MENDFLOW_SEED` names (`76`, `201-500`), else a few; where everything is tested, two hundred.
    static let seeds: [UInt64] = {
        if let chosen = ProcessInfo.processInfo.environment["MENDFLOW_SEED"] {
            let ends = chosen.split(separator: "-").compactMap { UInt64($0) }
            guard let first = ends.first, let last = ends.last, first <= last else {
                fatalError("MENDFLOW_SEED is a seed or a range of them (76, 201-500), and not \(chosen)")
            }
            return Array(first...last)
        }
        return Array(1...(TestScale.isFull ? 200 : 7)) + some(of: regressions)
    }()

    /// Each fourth where not everything is tested: beside most of them stands a small test of the same.
    static func some(of regressions: [UInt64]) -> [UInt64] {
        TestScale.isFull ? regressions : stride(from: 0, to: regressions.count, by: 4).map { regressions[$0] }
    }

    /// The worlds behind the one that `MENDFLOW_NEW_SEED` names, which nobody has lived yet; none where it names none.
    static func newSeeds(_ count: UInt64) -> [UInt64] {
        guard let text = ProcessInfo.processInfo.environment["MENDFLOW_NEW_SEED"] else { return [] }
        guard let first = UInt64(text), first > 0 else {
            fatalError("MENDFLOW_NEW_SEED is the first of the seeds to live, and not \(text)")
        }
        return (0..<count).map { first + $0 }
    }

    /// Worlds in which n8n honours keys, some of them, in readings that lie apart.
    static let keyed = stride(from: UInt64(108), to: 108 + 4 * 108, by: TestScale.isFull ? 4 * 5 : 4 * 29).map { $0 }

    @Test("keep every promise, whatever befalls them", arguments: seeds)
    func promises(seed: UInt64) async throws {
        let result = await SeedResult.of(SeedPlan(seed: seed))
        #expect(
            result.broken.isEmpty,
            """
            \(result.broken.map(\.description).joined(separator: "\n"))
            \(result.plan.story)
            again with: make simulate SEED=\(seed)
            """)
    }

    @Test("keep every promise in worlds that nobody has lived before", arguments: newSeeds(300))
    func news(seed: UInt64) async throws { try await promises(seed: seed) }

    @Test("keep every promise where n8n honours keys, however it reads the documents", arguments: keyed)
    func keys(seed: UInt64) async throws {
        let result = await SeedResult.of(SeedPlan(seed: seed))
        #expect(SeedPlan.honoursKeys(seed))
        let broken = result.broken.map(\.description).joined(separator: "\n")
        #expect(result.broken.isEmpty, "\(broken)\n\(result.plan.story)\nagain with: make simulate SEED=\(seed)")
    }

    /// Every fourth of them has hints.
    static let hinted: [UInt64] = (TestScale.isFull ? 0..<20 : 0..<4).map { (place: UInt64) -> UInt64 in
        559 + place * (TestScale.isFull ? 20 : 132)
    }

    @Test("keep every promise where n8n tells of its runs, and somebody lies about them", arguments: hinted)
    func hints(seed: UInt64) async throws {
        let result = await SeedResult.of(SeedPlan(seed: seed))
        #expect(SeedPlan.tellsHints(seed))
        let broken = result.broken.map(\.description).joined(separator: "\n")
        #expect(result.broken.isEmpty, "\(broken)\n\(result.plan.story)\nagain with: make simulate SEED=\(seed)")
    }

    /// Every fifth of them has incidents.
    static let troubled: [UInt64] = (TestScale.isFull ? 0..<20 : 0..<4).map { (place: UInt64) -> UInt64 in
        601 + place * (TestScale.isFull ? 15 : 35)
    }

    @Test("keep every promise where what runs call is down, and what fails together is held", arguments: troubled)
    func incidents(seed: UInt64) async throws {
        let result = await SeedResult.of(SeedPlan(seed: seed))
        #expect(SeedPlan.hasIncidents(seed))
        let broken = result.broken.map(\.description).joined(separator: "\n")
        #expect(result.broken.isEmpty, "\(broken)\n\(result.plan.story)\nagain with: make simulate SEED=\(seed)")
    }

    @Test("see a script break what the agent holds, in the same world and by the same judges")
    func script() async {
        let judges = Set(await SeedResult.of(SeedPlan(seed: 1), scripted: true).broken.map(\.judge))
        #expect(judges.isSuperset(of: ["never-twice", "retry-limit", "caps"]), "\(judges.sorted())")
    }

    @Test("are a function of their seed: the same seed leaves the same ledger in another process, byte for byte")
    func deterministic() async throws {
        let world = SeedWorld(SeedPlan(seed: 3))
        try world.run()
        let here = try await world.digest()
        let count = try #require(Int(here.split(separator: " ")[0]))
        #expect(count > 50)
        #expect(try Self.said(["--seed", "3", "--digest"]) == "world 3: \(here)\n")
    }

    /// What the program says that lives worlds, in a process of its own: collections have another order there.
    static func said(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Repository.root + ".build/debug/mendflow-worlds")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return said
    }
}
