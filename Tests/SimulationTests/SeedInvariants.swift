import MendflowCore
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Synchronization

/// What must hold in every world, judged from n8n's own record and from the ledger.
extension SeedWorld {
    /// Everything that does not hold, in words.
    func violations() async throws -> [String] {
        guard let store = disk.ledger(SeedWorld.ledger) else { return ["there is no ledger"] }
        var found: [String] = []
        if let fault = try await store.verify(expecting: nil).fault { found.append("the ledger: \(fault)") }
        let (deeds, requests) = box.withSimulator { ($0.deeds, $0.requests) }
        let intents = try store.everything().intents(in: Set(IntentState.allCases)).filter { !$0.draft.isShadow }
        found += neverTwice(deeds, intents)
        found += neverWithoutRecord(deeds, intents)
        found += neverProtected(deeds)
        found += neverPaused(requests)
        found += caps(intents)
        if intruders.withLock({ $0 }) > 0 { found.append("a second agent acted on the ledger") }
        found += try neverMissed(store)
        found += try await neverUnaccountable(store)
        return found
    }

    /// Every decision comes out again from the ledger's bytes: the texts of the policies are in it, too.
    private func neverUnaccountable(_ store: MemoryLedgerStore) async throws -> [String] {
        let records = try await store.records(after: 0, limit: .max)
        let replay = try DecisionReplay(records)
        let files = MemoryFiles([
            "/m/mendflow.yaml": SeedWorld.configuration, "/m/policies/retry.yaml": SeedWorld.policies(0),
        ])
        guard let workspace = try workspace(files: files) else { return ["the configuration cannot be read"] }
        let instance = try workspace.instance("main")
        var sets: [EvidenceHash: PolicySet] = [:]
        let made = try replay.all { list in
            let set = sets[list.hash] ?? workspace.policySet(instance, recordedAs: list, texts: replay.policyTexts)
            sets[list.hash] = set
            return set
        }
        return made.filter { !$0.isSame }.map { "record \($0.number) says \($0.recorded.parts), and again \($0.again)" }
    }

    private func ours(_ deeds: [Simulator.Deed]) -> [Simulator.Deed] { deeds.filter { $0.by == .key("agent") } }

    /// An execution is retried by us once at most, unless an operator said that the first request did not run.
    private func neverTwice(_ deeds: [Simulator.Deed], _ intents: [Intent]) -> [String] {
        var children: [Int: [Int]] = [:]
        for deed in ours(deeds) {
            if case .retried(let id, let child) = deed.what { children[id, default: []].append(child) }
        }
        let told = Set(
            intents.filter { intent in
                if case .resolved? = intent.evidence { intent.state == .void } else { false }
            }.map(\.draft.execution))
        return children.filter { $0.value.count > 1 && !told.contains(ExecutionID("\($0.key)")) }
            .map { "execution \($0.key) was retried as \($0.value)" }
    }

    /// Nothing is done that was not written down before.
    private func neverWithoutRecord(_ deeds: [Simulator.Deed], _ intents: [Intent]) -> [String] {
        ours(deeds).compactMap { deed in
            switch deed.what {
            case .retried(let id, _):
                intents.contains {
                    $0.draft.action == .retry && $0.draft.execution.text == "\(id)" && $0.sendingAt != nil
                }
                    ? nil : "the retry of \(id) is in no record"
            case .tagged(let id, _):
                intents.contains {
                    $0.draft.action == .tag && $0.draft.execution.text == "\(id)" && $0.sendingAt != nil
                }
                    ? nil : "the tags of \(id) are in no record"
            case .stopped, .stoppedMany, .deleted: "no policy stops or deletes: \(deed.what)"
            default: nil
            }
        }
    }

    /// What is protected is left alone.
    private func neverProtected(_ deeds: [Simulator.Deed]) -> [String] {
        let shielded = box.withSimulator { n8n in
            Set(n8n.database.ids.filter { n8n.database[$0]?.workflowID == SeedWorld.shielded })
        }
        return ours(deeds).compactMap { deed in
            if case .retried(let id, _) = deed.what, shielded.contains(id) {
                "\(id) is protected and was retried"
            } else {
                nil
            }
        }
    }

    /// Nothing is sent while acting is paused.
    private func neverPaused(_ requests: [Simulator.ReceivedRequest]) -> [String] {
        let pauses = pauses.withLock { $0 }
        return requests.filter { $0.endpoint == .retry }.compactMap { request in
            // What was under way when the pause came may arrive a little later.
            let isPaused = pauses.contains {
                request.at > ($0.from + .seconds(2)).milliseconds && request.at < $0.to.milliseconds
            }
            return isPaused ? "\(request.request.url) was sent while acting was paused" : nil
        }
    }

    /// No window of an hour holds more actions than the policy allows, by the times that were written down.
    private func caps(_ intents: [Intent]) -> [String] {
        let times = intents.filter { $0.draft.action == .retry }.map(\.reservedAt).sorted()
        // A clock that jumped is no fault of the caps.
        let jumps = plan.events.contains { if case .jump = $0.what { true } else { false } }
        guard !jumps else { return [] }
        return times.indices.compactMap { index in
            let end = index + 12
            return end < times.count && times[end] - times[index] < .minutes(59)
                ? "13 retries within an hour from \(times[index])" : nil
        }
    }

    /// All runs of n8n's that belong to a run's chain.
    private func chain(of id: Int) -> [Int] {
        box.withSimulator { n8n in
            var parents: [Int: Int] = [:]
            for id in n8n.database.ids { if let parent = n8n.database[id]?.retryOf { parents[id] = parent } }
            func root(_ id: Int) -> Int { parents[id].map(root) ?? id }
            let wanted = root(id)
            return n8n.database.ids.filter { root($0) == wanted } + [wanted]
        }
    }

    /// After hours of peace every failed run that the policy is for was decided about, or is gone.
    private func neverMissed(_ store: MemoryLedgerStore) throws -> [String] {
        let state = try store.everything()
        let key = InstanceKey(name: "main", epoch: 1)
        let view = state.view(of: key, shadow: false)
        // An alarm holds everything, and says so.
        guard view.alarm == nil else { return [] }
        let limit = (clock.now() - .minutes(20)).milliseconds
        let missed = box.withSimulator { n8n in
            n8n.database.ids.filter { id in
                guard let row = n8n.database[id], row.workflowID == SeedWorld.workflow else { return false }
                return row.status == .error && (row.stoppedAt ?? .max) < limit
            }
        }
        let healed = box.withSimulator { n8n in
            Set(n8n.database.ids.filter { n8n.database[$0]?.status == .success }.map { ExecutionID("\($0)") })
        }
        let intended = Set(state.intents(in: Set(IntentState.allCases)).map(\.draft.execution))
        return missed.compactMap { id -> String? in
            // One run speaks for its chain. A person's retry may have healed it before anybody looked.
            let chain = chain(of: id).map { ExecutionID("\($0)") }
            let isKnown = chain.contains { view.verdicts[$0] != nil || intended.contains($0) || healed.contains($0) }
            guard !isKnown else { return nil }
            let row = box.withSimulator { $0.database[id] }
            let ended = row?.stoppedAt.map { AgentTime(milliseconds: $0).description } ?? "?"
            let of = row?.retryOf.map { ", a retry of \($0)" } ?? ""
            return "execution \(id)\(of), failed at \(ended), and nothing was ever decided about it"
        }
    }
}
