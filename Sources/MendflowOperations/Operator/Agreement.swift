public import MendflowCore
import MendflowLedger

/// How far dry-run and people agreed: which chains people retried themselves, and which of them policies would have retried.
public struct Agreement: Sendable, Hashable {
    /// Chains that people retried, and those of them that healed. Each is one of `both`, `agreed`, `later` and `missed`.
    public var byPeople = 0, healed = 0
    /// Those that the agent retried, too.
    public var both = 0
    /// Of the others, those that policies would have retried before people's run had ended; and those that they would have retried
    /// only later.
    public var agreed = 0, later = 0
    /// How much earlier than people's run had ended a policy would have retried, in the middle of all that agreed; nil
    /// where none did.
    public var earlier: Period?
    /// Chains that policies would have retried and nobody did.
    public var more = 0
    /// Chains that people retried and no policy did or would have, by what was said of them last.
    public var missed: [Reason: Int] = [:]
    /// Chains that people had retried before an agent looked for the first time: that says nothing of policies, and counts
    /// nowhere else.
    public var before = 0
    /// Chains that people retried, or we did, and the ledger cannot tell which; they count nowhere else.
    public var untold = 0
    /// The same by policy.
    public var policies: [Line] = []

    /// The counts of one policy.
    public struct Line: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Chains that it would have retried: before people's run had ended, later than people, and where nobody did.
        public var agreed = 0, later = 0, more = 0
    }

    /// Whether there is anything to tell.
    public var isEmpty: Bool { byPeople == 0 && more == 0 }
}

/// Gathers what an agreement is made of, record by record.
struct AgreementReading {
    /// What a chain's run was started to run again.
    private var parents: [RunKey: RunKey] = [:]
    /// When people's run of what they retried had ended, the first.
    private var people: [RunKey: ServerTime] = [:]
    /// What people retried or we did, as far as the ledger can tell.
    private var somebody: Set<RunKey> = []
    /// Roots of the chains that we retried, by the requests.
    private var ours: [IntentID: RunKey] = [:]
    /// The first retry that dry-run would have sent, by chain and policy.
    private var shadows: [RunKey: [String: AgentTime]] = [:]
    private var said: [RunKey: Reason] = [:]
    private static let followers: Set<Reason> = [.live, .yieldToHumans, .healed, .noPolicy, .matchUnknown]

    /// Takes in which runs belong together, whenever that was seen.
    mutating func note(child: RunKey, of parent: RunKey) { parents[child] = parent }

    /// Takes in that people's retry had ended.
    mutating func note(personRetried execution: RunKey, ended: ServerTime) {
        people[execution] = min(people[execution] ?? ended, ended)
    }

    /// Takes in that people or we retried something, and that nobody can tell who.
    mutating func note(somebodyRetried execution: RunKey) { somebody.insert(execution) }

    /// Takes in a retry that we are about to send, whenever that was; `settled` says what became of it.
    mutating func note(ours draft: IntentDraft, _ id: IntentID) {
        if !draft.isShadow, draft.action == .retry { ours[id] = RunKey(draft.instance, draft.root) }
    }

    /// Takes in what became of a request of ours: one that did nothing retried nothing.
    mutating func note(_ state: IntentState, of id: IntentID) { if state == .void { ours[id] = nil } }

    /// Takes in what dry-run would have sent, for policies by these names.
    mutating func note(_ draft: IntentDraft, _ policies: [String], at time: AgentTime) {
        guard draft.isShadow, draft.action == .retry else { return }
        let root = RunKey(draft.instance, draft.root)
        for policy in policies where shadows[root]?[policy] == nil {
            shadows[root, default: [:]][policy] = time
        }
    }

    /// Takes in what was said of an execution.
    mutating func note(_ decided: DecidedExecution) {
        guard let reason = decided.parts.lazy.compactMap({ Reason(rawValue: $0.label) }).first else { return }
        let run = RunKey(decided.instance, decided.execution)
        // What follows from a person's retry hides what was said before it.
        if said[run] == nil || !AgreementReading.followers.contains(reason) { said[run] = reason }
    }

    /// What it amounts to; `healed` are roots of chains, and `looks` the first time at which each instance was looked at.
    func agreement(healed: Set<RunKey>, looks: [String: AgentTime]) -> Agreement {
        var (agreement, lines): (Agreement, [String: Agreement.Line]) = (Agreement(), [:])
        var byHand: [RunKey: (leaf: RunKey, ended: ServerTime)] = [:]
        for (leaf, ended) in people where byHand[root(of: leaf)].map({ ended < $0.ended }) ?? true {
            byHand[root(of: leaf)] = (leaf, ended)
        }
        let seen = byHand.filter { root, hand in
            looks[root.instance.name].map { hand.ended >= ClockOffset.zero.server($0) } ?? true
        }
        let untold = Set(somebody.map(root)).subtracting(byHand.keys)
        (agreement.before, agreement.untold) = (byHand.count - seen.count, untold.count)
        let retried = untold.union(byHand.keys).union(ours.values.map(root))
        byHand = seen
        agreement.byPeople = byHand.count
        agreement.healed = healed.intersection(byHand.keys).count
        let ofOurs = Set(ours.values.map(root))
        var earlier: [Period] = []
        for (root, hand) in byHand {
            guard !ofOurs.contains(root) else {
                agreement.both += 1
                continue
            }
            guard let would = shadows[root] else {
                agreement.missed[said[hand.leaf] ?? .noPolicy, default: 0] += 1
                continue
            }
            func lead(_ time: AgentTime) -> Period { hand.ended - ClockOffset.zero.server(time) }
            let first = would.values.min().map(lead) ?? .zero
            if first >= .zero { earlier.append(first) } else { agreement.later += 1 }
            for (policy, time) in would {
                if lead(time) >= .zero {
                    lines[policy, default: .init(name: policy)].agreed += 1
                } else {
                    lines[policy, default: .init(name: policy)].later += 1
                }
            }
        }
        agreement.agreed = earlier.count
        agreement.earlier = earlier.isEmpty ? nil : earlier.sorted()[earlier.count / 2]
        for (root, would) in shadows where !retried.contains(root) {
            agreement.more += 1
            for policy in would.keys { lines[policy, default: .init(name: policy)].more += 1 }
        }
        agreement.policies = lines.values.sorted { $0.name < $1.name }
        return agreement
    }

    /// The first run of a chain; a record that says otherwise ends nothing.
    private func root(of execution: RunKey) -> RunKey {
        var (root, seen): (RunKey, Set<RunKey>) = (execution, [execution])
        while let parent = parents[root], seen.insert(parent).inserted { root = parent }
        return root
    }
}
