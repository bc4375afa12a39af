import MendflowCore
import MendflowLedger

// Whether people heard of what needs them, by what the server that takes messages says.
extension Judge {
    /// Each matter is told at least once in the end, and never under two keys.
    static let told = Judge("told") { evidence in
        guard evidence.world.plan.tellsPeople else { return [] }
        let keys = evidence.world.hook.taken.flatMap(\.keys)
        var broken: [String] = []
        let matters = try await Matter.all(evidence)
        for (record, found) in Dictionary(grouping: Set(keys), by: Judge.record) where found.count > 1 {
            broken.append("record \(record) was told under \(found.count) keys: \(found.sorted())")
        }
        let told = Set(keys.map(Judge.record))
        for matter in matters {
            if !told.contains(matter.record), matter.isDue {
                broken.append("\(matter.words) (record \(matter.record), \(matter.at)) was never told")
            }
            for again in matter.repeats where told.contains(again) {
                broken.append("\(matter.words) was told again as record \(again)")
            }
        }
        return broken
    }

    /// What was taken, and of which the agent heard so, is not told again: not by the same process, nor by a later one where the
    /// first had a minute to write it down.
    static let onceTold = Judge("told-once") { evidence in
        let plan = evidence.world.plan
        // Where several tell in turn, who may is judged when a message leaves.
        guard plan.tellsPeople, !plan.freezes, plan.shared == nil else { return [] }
        var heard: [String: SeedHook.Taken] = [:]
        var broken: [String] = []
        for taken in evidence.world.hook.taken {
            for key in taken.keys {
                if let first = heard[key] {
                    let end = evidence.noted.ends[first.process] ?? .milliseconds(.max)
                    let hadTime = !plan.hasBadDisk && end - first.lived > .minutes(1)
                    // What was under way by then nobody could call back.
                    if taken.sent >= first.lived, first.process == taken.process || hadTime {
                        broken.append("\(key) was taken after \(first.lived), and told again after \(taken.lived)")
                    }
                }
                if taken.isAnswered { heard[key] = taken }
            }
        }
        return broken
    }

    /// The record that a notice of a key is made of.
    static func record(_ key: String) -> Int64 { key.split(separator: "#").last.flatMap { Int64($0) } ?? -1 }
}

extension SeedPlan {
    /// Whether a process may stand still for a while.
    var freezes: Bool {
        events.contains { event in
            switch event.what {
            case .freeze, .meddle(.sleeps): true
            default: false
            }
        }
    }

    /// Whether what is to be written may not be for a while.
    var hasBadDisk: Bool {
        fillsDiskWhenTold
            || events.contains { event in
                switch event.what {
                case .disk, .meddle(.fillsDisk): true
                default: false
                }
            }
    }
}

/// Something that people have to hear of.
private struct Matter {
    var record: Int64, at: AgentTime, words: String
    /// Records that say the same once more.
    var repeats: [Int64] = []
    /// When it was settled, where it was.
    var settled: AgentTime?
    /// Whether it may be left untold because it was over soon, and whether it is so late that it may still wait.
    var mayBeOver = false, isLate = false

    var isDue: Bool {
        !isLate && !(mayBeOver && settled.map { $0 < at + .minutes(10) } ?? false)
    }

    /// What the ledger has since the channel began, by a reading of its own.
    static func all(_ evidence: SeedEvidence) async throws -> [Matter] {
        guard let start = evidence.state.channel("hook")?.start else { return [] }
        let end = SeedWorld.start + SeedPlan.turmoil + SeedPlan.turmoil
        var found: [String: Matter] = [:]
        var tried: Set<ExecutionID> = []
        for sealed in try await evidence.store.records(after: start, limit: .max) {
            let entry = try sealed.entry()
            func note(_ what: String, mayBeOver: Bool = false) {
                guard found[what] == nil else {
                    found[what]?.repeats.append(sealed.sequence)
                    return
                }
                found[what] = Matter(
                    record: sealed.sequence, at: entry.at, words: what, mayBeOver: mayBeOver,
                    isLate: evidence.noted.hasJumps || entry.at > end - .minutes(45))
            }
            func settle(_ what: String) {
                if found[what]?.settled == nil { found[what]?.settled = entry.at }
            }
            switch entry.event {
            case .outcome(let intent, let settlement):
                let what = "request \(intent.id) without an answer"
                if settlement.state == .unresolved {
                    note(what, mayBeOver: true)
                } else {
                    settle(what)
                }
            case .resolved(let intent, _, _, _): settle("request \(intent.id) without an answer")
            case .reserved(let reservation):
                if !reservation.draft.isShadow { tried.insert(reservation.draft.root) }
                if let old = reservation.supersedes { settle("request \(old) without an answer") }
            // Nobody hears of what was never tried.
            case .latched(let key, let latch, false) where latch.isExhausted && tried.contains(latch.execution):
                note("chain \(latch.execution) of epoch \(key.epoch) given up")
            case .alarmed(let key, _, _): note("the alarm of epoch \(key.epoch)")
            // Where the database was replaced, a later incident may bear an earlier one's name.
            case .incidentOpened(let key, let incident) where evidence.noted.restoredAt == nil:
                note("the beginning of \(incident.key) of epoch \(key.epoch)")
            case .incidentOver(let key, let end) where evidence.noted.restoredAt == nil:
                note("the end of \(end.key) of epoch \(key.epoch)")
            default: continue
            }
        }
        return Array(found.values)
    }
}
