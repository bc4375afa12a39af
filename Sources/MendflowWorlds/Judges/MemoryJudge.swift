import MendflowCore
import MendflowSimulator

/// What an agent said that it keeps in memory, at a tick: rows of runs, data of such, and what was done.
struct SeedHolding: Sendable {
    var at: AgentTime
    /// How far it looks back: as far as its policies do, and replays.
    var lookBack: Period
    var rows: Int, details: Int, intents: Int
}

extension Judge {
    /// What an agent keeps in memory is of runs that go on, or ended within the time that it looks back, or that such runs
    /// retry; of data only that of runs that may need a policy; of what was done only what was so lately, or to chains with
    /// such runs.
    static let memory = Judge("memory") { evidence in
        guard evidence.isTimely else { return [] }
        let runs = SeedRuns(evidence)
        return evidence.noted.holdings.filter { $0.at > SeedWorld.start + $0.remembered }.compactMap { held in
            var most = runs.most(of: held, evidence)
            // What is forgotten goes a while later: what matters is that it does not stay.
            most.rows += most.rows / 8 + 10
            most.details += most.details / 8 + 10
            most.intents += most.intents / 8 + 10
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

extension SeedHolding {
    /// For how long an agent remembers runs that have ended: as long as it looks back, an hour more, and a while until it looks.
    fileprivate var remembered: Period { lookBack + .minutes(60 + 15) }
    /// For how long it remembers what was done: two hours more than it looks back, and until it reads the ledger anew.
    fileprivate var recalled: Period { lookBack + .minutes(120 + 25) }
}

/// When the runs of a world ended, by n8n's record.
private struct SeedRuns {
    private struct Run {
        var id: Int
        var parent: Int?
        var made: Int64
        var ended: Int64 = .max
        /// Whether n8n keeps a row of it.
        var isKept = true
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
            case .notKept(let id):
                runs[id]?.ended = deed.at
                runs[id]?.isKept = false
            default: break
            }
        }
    }

    private static let unkept = Period.minutes(90)

    /// The most that an agent may keep when it said what it does.
    func most(of held: SeedHolding, _ evidence: SeedEvidence) -> SeedHolding {
        let limit = (held.at - held.remembered).milliseconds
        let unkept = (held.at - min(held.remembered, SeedRuns.unkept)).milliseconds
        var kept: Set<Int> = []
        for run in runs.values where run.ended >= (run.isKept ? limit : unkept) {
            var next: Int? = run.id
            while let id = next, kept.insert(id).inserted { next = runs[id]?.parent }
        }
        let chains = Set(kept.map(evidence.root))
        let intents = evidence.intents.count { intent in
            intent.reservedAt >= held.at - held.recalled
                || Int(intent.draft.execution.text).map { chains.contains(evidence.root($0)) } ?? true
        }
        return SeedHolding(
            at: held.at, lookBack: held.lookBack, rows: kept.count,
            details: kept.count { runs[$0]?.mayNeedPolicy ?? true }, intents: intents)
    }
}
