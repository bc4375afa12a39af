import Foundation
import MendflowCore
import MendflowWorlds

/// Lives many simulated worlds on all cores and says which promises broke, with the line that lives such a world again.
@main
struct Worlds {
    static func main() async {
        let arguments = Arguments(CommandLine.arguments.dropFirst())
        guard let arguments else {
            say(Arguments.usage)
            exit(64)
        }
        if arguments.untilBroken {
            await untilBroken(arguments)
        } else if arguments.seeds.count == 1, let seed = arguments.seeds.first {
            await one(seed, arguments)
        } else {
            await many(arguments)
        }
    }

    /// One world: its story, its record, and what is left of the story once it is shrunk.
    private static func one(_ seed: UInt64, _ arguments: Arguments) async {
        let plan = arguments.plan(seed)
        if arguments.digest { return await digest(plan) }
        if arguments.isChronicle { return await chronicle(plan) }
        say("world \(seed)\n\(plan.story)")
        let result = await SeedResult.of(plan, scripted: arguments.isScripted)
        say("\(result.lived) lived, \(result.requests) requests, \(result.deeds) deeds")
        guard let first = result.broken.first else { return say("every promise held") }
        for broken in result.broken { say("\(broken)") }
        guard arguments.shrinks else { exit(1) }
        let shrunk = await plan.shrunk(to: first.judge)
        say("\nthe same judge objects to this alone:\n\(shrunk.story)")
        for broken in await SeedResult.of(shrunk).broken { say("\(broken)") }
        exit(1)
    }

    /// The ledger's bytes, added up: the same in every process.
    private static func digest(_ plan: SeedPlan) async {
        let world = SeedWorld(plan)
        do {
            try world.run()
            say("world \(plan.seed): \(try await world.digest())")
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    /// What was done to n8n, what the ledger says of it and what agents logged, a line each.
    private static func chronicle(_ plan: SeedPlan) async {
        let world = SeedWorld(plan, keepsLog: true)
        do {
            do { try world.run() } catch { say("\(error)") }
            for line in try await world.chronicle() { say(line) }
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    /// Ends at the first broken world, and says which one that is and which judge objected: a line each, for a script.
    private static func untilBroken(_ arguments: Arguments) async {
        for seed in arguments.seeds {
            guard let broken = await SeedResult.of(arguments.plan(seed)).broken.first else {
                // Whoever ends it before the last goes on from here.
                say("unbroken \(seed)")
                continue
            }
            say("broken \(seed) \(broken)")
            exit(1)
        }
    }

    private static func many(_ arguments: Arguments) async {
        let began = ContinuousClock.now
        var tally = Tally()
        let isScripted = arguments.isScripted
        @Sendable func live(_ seed: UInt64) async -> SeedResult {
            await SeedResult.of(arguments.plan(seed), scripted: isScripted)
        }
        await withTaskGroup(of: SeedResult.self) { group in
            var seeds = arguments.seeds.makeIterator()
            for _ in 0..<arguments.jobs {
                if let seed = seeds.next() { group.addTask { await live(seed) } }
            }
            for await result in group {
                tally.add(result)
                // A script breaks promises everywhere; how many, the end tells.
                if let broken = result.broken.first, !isScripted {
                    say(
                        "\rworld \(result.plan.seed): \(broken)\n  again with: make simulate SEED=\(result.plan.seed)\(arguments.hosts == nil ? "" : " SHARED=1")"
                    )
                }
                tally.progress(of: arguments.seeds.count, since: began)
                if let seed = seeds.next() { group.addTask { await live(seed) } }
            }
        }
        tally.report(since: began)
        exit(tally.failed == 0 ? 0 : 1)
    }
}

/// What the command line asks for.
struct Arguments {
    var seeds: [UInt64]
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    var shrinks = true
    var digest = false
    var isChronicle = false
    var isScripted = false
    var untilBroken = false
    /// How many hosts share a database; nil where there is one that shares nothing.
    var hosts: Int?

    func plan(_ seed: UInt64) -> SeedPlan { hosts.map { SeedPlan(seed: seed, hosts: $0) } ?? SeedPlan(seed: seed) }

    static let usage = """
        mendflow-worlds: lives simulated worlds and judges them

          mendflow-worlds --seeds 10000              # the first ten thousand
          mendflow-worlds --seeds 500 --first 10001  # five hundred others
          mendflow-worlds --seed 76                  # one: its story, and what is left of it where a promise broke

          --every N    only each N-th world
          --jobs N     how many at once (default: one per core)
          --no-shrink  does not look for the shortest story
          --shared     three hosts that share a database, in worlds of their own
          --script     lets a script that lists what failed and retries it live in the agent's place
          --digest     with --seed: only what the ledger's bytes add up to
          --chronicle  with --seed: only what was done to n8n, what the ledger says of it and what agents logged
          --until-broken  one after the other, up to the first in which a promise breaks: its seed, and the judge
        """

    init?(_ words: ArraySlice<String>) {
        var (first, count, step, one): (UInt64, UInt64, UInt64, UInt64?) = (1, 100, 1, nil)
        var words = words
        func number() -> UInt64? { words.popFirst().flatMap { UInt64($0) } }
        while let word = words.popFirst() {
            switch word {
            case "--seeds":
                guard let value = number(), value > 0 else { return nil }
                count = value
            case "--first":
                guard let value = number() else { return nil }
                first = value
            case "--every":
                guard let value = number(), value > 0 else { return nil }
                step = value
            case "--seed":
                guard let value = number() else { return nil }
                one = value
            case "--jobs":
                guard let value = number(), value > 0, value <= 64 else { return nil }
                jobs = Int(value)
            case "--no-shrink": shrinks = false
            case "--shared": hosts = 3
            case "--digest": digest = true
            case "--chronicle": isChronicle = true
            case "--script": (isScripted, shrinks) = (true, false)
            case "--until-broken": untilBroken = true
            default: return nil
            }
        }
        seeds = one.map { [$0] } ?? (0..<count).map { first + $0 * step }
    }
}

/// Says a line, at once; without its end where the next one is to stand in its place.
func say(_ words: String, isWhole: Bool = true) {
    FileHandle.standardOutput.write(Data((isWhole ? words + "\n" : words).utf8))
}
