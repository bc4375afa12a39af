import MendflowCore
import MendflowSimulator

/// What an agent said that it keeps in memory, at a tick: rows of runs, data of such, and what was done.
struct SeedHolding: Sendable {
    var at: AgentTime
    var rows: Int, details: Int, intents: Int
}

extension Judge {
    /// What an agent keeps in memory is of runs that go on, or ended within the time that it looks back, or that such runs retry; of
    /// data only that of runs that may need a policy; of what was done only what was so lately, or to chains with such runs.
    static let memory = Judge("memory") { evidence in
        guard evidence.isTimely else { return [] }
        let runs = SeedRuns(evidence)
        return evidence.noted.holdings.filter { $0.at > SeedWorld.start + SeedWorld.remembered }.compactMap { held in
            var most = runs.mostKept(at: held.at, evidence)
            // What is forgotten goes a while later, some at a time: what matters is that it does not stay.
            most.rows += most.rows / 4 + 20
            most.details += most.details / 4 + 20
            most.intents += most.intents / 4 + 20
            let words = "at \(held.at) more is kept in memory than is new enough: "
            if held.rows > most.rows { return words + "\(held.rows) rows instead of \(most.rows)" }
            if held.details > most.details {
                return words + "data of \(held.details) runs instead of \(most.details)"
            }
            return held.intents > most.intents
                ? words + "\(held.intents) intents instead of \(most.intents)" : nil
        }
    }
}

extension SeedWorld {
    /// For how long an agent remembers runs that have ended: as long as it looks back, an hour more, and a while until it looks.
    static let remembered = Period.minutes(200 + 60 + 15)
    /// For how long it remembers what was done: two hours more than it looks back, and until it reads the ledger anew.
    static let recalled = Period.minutes(200 + 120 + 25)
}

/// When the runs of a world ended, by n8n's record.
private struct SeedRuns {
    private struct Run {
        var id: Int
        var parent: Int?
        var made: Int64
        var ended: Int64 = .max
        /// Whether it ever was anything but a success.
        var mayNeedPolicy = true
    }
    private var runs: [Int: Run] = [:]

    init(_ evidence: SeedEvidence) {
        for deed in evidence.deeds {
            switch deed.what {
            case .triggered(let id): runs[id] = Run(id: id, made: deed.at)
            case .retried(let parent, let child): runs[child] = Run(id: child, parent: parent, made: deed.at)
            case .ended(let id, let status):
                let hasFailed = runs[id].map { $0.ended != .max && $0.mayNeedPolicy } ?? false
                runs[id]?.ended = deed.at
                runs[id]?.mayNeedPolicy = hasFailed || status != .success
            // What n8n keeps no row of is known for as long as it takes to ask for it.
            case .notKept(let id): runs[id]?.ended = deed.at + SeedRuns.unkept
            default: break
            }
        }
    }

    private static let unkept = (Period.minutes(90) - SeedWorld.remembered).milliseconds

    /// The most that an agent may keep at a time.
    func mostKept(at time: AgentTime, _ evidence: SeedEvidence) -> SeedHolding {
        let limit = (time - SeedWorld.remembered).milliseconds
        var kept: Set<Int> = []
        for run in runs.values where run.ended >= limit {
            var next: Int? = run.id
            while let id = next, kept.insert(id).inserted { next = runs[id]?.parent }
        }
        let chains = Set(kept.map(evidence.root))
        let intents = evidence.intents.count { intent in
            intent.reservedAt >= time - SeedWorld.recalled
                || Int(intent.draft.execution.text).map { chains.contains(evidence.root($0)) } ?? true
        }
        return SeedHolding(
            at: time, rows: kept.count, details: kept.count { runs[$0]?.mayNeedPolicy ?? true }, intents: intents)
    }
}
