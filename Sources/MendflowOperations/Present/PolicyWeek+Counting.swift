import MendflowCore
import MendflowLedger
import MendflowReview

/// Counts what policies did since a time, of one instance after another.
struct PolicyCount {
    let since: AgentTime
    private(set) var weeks: [String: PolicyWeek] = [:]
    private(set) var retriedByPeople = 0

    /// The times of which the ledger knows nothing.
    private let doubts: RetriesInDoubt

    /// What policies are called now that were called otherwise before.
    private let renamed: [String: String]

    init(since: AgentTime, _ doubts: RetriesInDoubt, renamed: [String: String]) {
        (self.since, self.doubts, self.renamed) = (since, doubts, renamed)
    }

    mutating func count(_ view: LedgerView, _ tick: TickState?, since baseline: InstanceBaseline) {
        let chains = Chains(rows: [:], view)
        let offset = tick?.clockOffset ?? .zero
        let people = Set(
            view.personRetried.filter { execution, end in
                // What was there when a person adopted the database may have been ours.
                let isInDoubt = view.children[execution]?.allSatisfy(baseline.wasThere) ?? false
                // What was retried before `init` says nothing of policies.
                return end >= max(offset.server(since), baseline.at) && !isInDoubt && !doubts.covers(from: end, to: end)
            }.map { chains.root(of: $0.key) })
        retriedByPeople += people.count
        let recent = view.intents.filter { $0.reservedAt >= since }
        var owned: [String: [Intent]] = [:]
        for intent in recent {
            for policy in Set(intent.draft.contributors.map({ renamed[$0] ?? $0 })) {
                owned[policy, default: []].append(intent)
            }
        }
        for (policy, intents) in owned {
            var week = weeks[policy, default: PolicyWeek()]
            week.add(intents, view, tick, people: people)
            weeks[policy] = week
        }
        let roots = Set(recent.map(\.draft.root))
        for (root, policies) in view.exhausted where roots.contains(root) {
            for policy in Set(policies.map({ renamed[$0] ?? $0 })) {
                weeks[policy, default: PolicyWeek()].exhausted += 1
            }
        }
    }
}

extension PolicyWeek {
    /// Adds what was done for one policy on one instance.
    fileprivate mutating func add(
        _ intents: [Intent], _ view: LedgerView, _ tick: TickState?, people: Set<ExecutionID>
    ) {
        var retries: [ExecutionID: [Intent]] = [:]
        var acted: Set<ExecutionID> = []
        for intent in intents {
            last = max(last ?? intent.reservedAt, intent.reservedAt)
            switch intent.state {
            case .shadow: wouldHave[intent.draft.action, default: 0] += 1
            case .void where intent.wasNeverSent, .applied where intent.changedNothing: unsent += 1
            case .void, .ineffective: void += 1
            case .unresolved, .superseded: unresolved += 1
            case .reserved, .sending, .applied: done[intent.draft.action, default: 0] += 1
            }
            guard intent.state != .void else { continue }
            acted.insert(intent.draft.root)
            if intent.draft.action == .retry, intent.state != .shadow {
                retries[intent.draft.root, default: []].append(intent)
            }
        }
        chains += acted.count
        agreed += acted.intersection(people).count
        retried += retries.count
        for (root, intents) in retries {
            if view.healed.contains(root) {
                healed += 1
            } else if intents.contains(where: { $0.state.isOpen })
                // What was given up nobody waits for.
                || view.exhausted[root] == nil
                    && intents.contains(where: { $0.state == .applied && !$0.hasEnded(view, tick) })
            {
                running += 1
            } else if !intents.allSatisfy({ $0.state == .unresolved }) {
                notHealed += 1
            }
        }
    }
}

extension [PolicyOverview] {
    /// Adds where policies act on an instance, and what its plan decides for them.
    mutating func tell(of instance: String, acting: [String], dryRun: [String], _ plan: PlanReport?) {
        let places = Dictionary(indices.map { (self[$0].name, $0) }) { first, _ in first }
        for place in acting.compactMap({ places[$0] }) { self[place].acting.append(instance) }
        for place in dryRun.compactMap({ places[$0] }) { self[place].dryRun.append(instance) }
        for entry in plan?.entries ?? [] {
            guard let place = places[entry.action.draft.policy] else { continue }
            if entry.isDue { self[place].due += 1 } else { self[place].waiting += 1 }
        }
        for held in plan?.held ?? [] {
            guard let place = held.policy.flatMap({ places[$0] }) else { continue }
            self[place].held[held.reason, default: 0] += 1
        }
    }
}
