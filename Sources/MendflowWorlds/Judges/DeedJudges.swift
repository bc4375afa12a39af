import MendflowCore
import MendflowLedger
import MendflowSimulator

// What was done to n8n, judged from its own record.
extension Judge {
    /// An execution is retried by us once at most, unless an operator said that the first request did not run.
    static let neverTwice = Judge("never-twice") { evidence in
        var children: [Int: [Int]] = [:]
        for deed in evidence.ours {
            guard case .retried(let id, let child) = deed.what, !evidence.isForgotten(deed, of: id),
                !evidence.isForgottenWithKey(child, of: id)
            else { continue }
            children[id, default: []].append(child)
        }
        return children.filter { $0.value.count > 1 && !evidence.noted.told.contains(ExecutionID("\($0.key)")) }
            .sorted { $0.key < $1.key }.map { "execution \($0.key) was retried as \($0.value)" }
    }

    /// A chain is retried by us no more often than the policy says, whether we know of each retry or not.
    static let retryLimit = Judge("retry-limit") { evidence in
        let wasRaised = evidence.noted.edits.contains { $0.edit == .moreRetries }
        let limit = wasRaised ? SeedWorld.moreRetries : SeedWorld.retries
        var counts: [Int: Int] = [:]
        for deed in evidence.deeds {
            switch deed.what {
            case .retried(let id, _) where deed.by == .key("agent"): counts[evidence.root(id), default: 0] += 1
            // Ids mean other runs from here on, and so do their chains before.
            case .restored: return []
            default: break
            }
        }
        // Where an operator said that a request did not run, it does not count.
        let told = evidence.noted.told.map { evidence.root(Int($0.text) ?? -1) }
        return counts.filter { root, count in
            count > limit + told.count { $0 == root } + evidence.replays(ofChain: root)
        }.sorted { $0.key < $1.key }
            .map { "the chain of \($0.key) was retried \($0.value) times, and \(limit) are allowed" }
    }

    /// Nothing is retried whose chain has a success that n8n has shown for minutes.
    static let healed = Judge("healed") { evidence in
        // Where the database was replaced, ids mean other runs.
        guard evidence.noted.restoredAt == nil else { return [] }
        var healedAt: [Int: Int64] = [:]
        // A row that names its success is read again just before.
        var found = evidence.noted.sends.filter { $0.action == .retry && $0.isHealed }
            .map { "execution \($0.execution) was retried, and n8n named a retry of it that had succeeded" }
        for deed in evidence.deeds {
            switch deed.what {
            case .ended(let id, .success):
                // A child that n8n takes to be running is in no list, and may be found late.
                guard evidence.database[id] != nil, !evidence.hidden.contains(id) else { continue }
                let root = evidence.root(id)
                if root != id, healedAt[root] == nil { healedAt[root] = deed.at }
            case .retried(let id, _) where deed.by == .key("agent"):
                // Something in front of n8n may have held it for minutes.
                let sent = evidence.noted.sends.last {
                    $0.action == .retry && $0.execution == ExecutionID("\(id)") && $0.at.milliseconds <= deed.at
                }
                let left = sent?.at.milliseconds ?? deed.at
                if let heal = healedAt[evidence.root(id)], left > heal + 180_000 {
                    found.append("execution \(id) was retried \((left - heal) / 1000) s after its chain healed")
                }
            default: break
            }
        }
        return found
    }

    /// What is sent fits a policy that is enforced at that moment, and nothing is protected, excepted or switched off.
    static let fitting = Judge("fitting") { evidence in
        evidence.noted.sends.compactMap { send in
            evidence.misfit(send).map { "\(send.action.rawValue) of \(send.execution) at \(send.at): \($0)" }
        }
    }

    /// No hour holds more retries than the policy allows.
    static let caps = Judge("caps") { evidence in
        // Between the record of an action and its request lies the last look, which may take its time.
        // One that was asked for again under its key is one retry.
        var keys: Set<String> = []
        let sends = evidence.noted.sends.filter {
            $0.action == .retry && $0.workflow != .nightly && !evidence.isReplayed($0.execution)
                && $0.key.map { keys.insert($0).inserted } ?? true
        }
        // One that may not have left before its agent died keeps the place that it took when it was to.
        let taken = Dictionary(
            evidence.intents.compactMap { intent in
                intent.key.map { ($0.text, intent.asked > 0 ? intent.sendingAt : nil) }
            },
            uniquingKeysWith: { one, _ in one })
        let times = sends.map { send in send.key.flatMap { taken[$0] ?? nil } ?? send.at }.sorted()
        let limit = evidence.world.plan.retriesPerHour
        // A clock that jumped is no fault of the caps.
        guard !evidence.noted.hasJumps else { return [] }
        return times.indices.compactMap { index in
            let end = index + limit
            return end < times.count && times[end] - times[index] < .minutes(55)
                ? "\(limit + 1) retries within an hour from \(times[index])" : nil
        }
    }

    /// Nothing is sent while acting is paused.
    static let paused = Judge("paused") { evidence in
        // What was under way when the pause came may arrive a little later: where it goes over a network, as long as a lease lasts.
        let grace = evidence.world.plan.shared == nil ? Period.seconds(2) : SharedWorld.period
        return evidence.noted.sends.compactMap { send in
            let isPaused = evidence.noted.pauses.contains {
                send.lived > $0.from + grace && $0.to.map { send.lived < $0 } ?? true
            }
            return isPaused ? "\(send.action.rawValue) of \(send.execution) was sent while acting was paused" : nil
        }
    }
}

extension SeedEvidence {
    /// Whether a retry without an answer lies in the minutes that n8n's database lost where it was put back: its run is in
    /// no row any more, and nothing tells it from one that never began (docs/guarantees.md, the limits of never-twice).
    fileprivate func isForgotten(_ deed: Simulator.Deed, of execution: Int) -> Bool {
        guard let back = noted.restoredAt, let taken = noted.restoredTo, deed.at >= taken.milliseconds,
            deed.at < min(back, taken + .minutes(5)).milliseconds
        else { return false }
        return intents.contains { intent in
            intent.draft.execution == ExecutionID("\(execution)") && intent.state == .void
                && (intent.sendingAt.map { $0.milliseconds <= deed.at } ?? false)
        }
    }

    /// Whether a server that forgets single keys forgot that of a retry whose run is in no row, and nothing ran until it
    /// was asked for again (the same limits).
    func isForgottenWithKey(_ child: Int, of execution: Int) -> Bool {
        guard world.plan.kind.keyReading.forgetsSome, database[child] == nil else { return false }
        return ours.contains { deed in
            if case .retried(let id, let next) = deed.what { id == execution && next == child + 1 } else { false }
        }
    }

    /// Children that n8n shows in no list though they have ended.
    var hidden: Set<Int> {
        Set(
            deeds.compactMap {
                if case .retried(_, let child) = $0.what, world.plan.hidesChildren { child } else { nil }
            })
    }

    /// Why no policy asked for what was sent; nil where one did.
    fileprivate func misfit(_ send: SeedSend) -> String? {
        let edit = noted.edits.last { $0.from <= send.lived }
        if let edit, edit.edit == .dryRun, !isReplayed(send.execution), send.lived - edit.from > SeedEvidence.effect {
            return "everything is in dry-run"
        }
        guard let workflow = send.workflow else { return nil }
        let serverNow = send.at.milliseconds + world.box.withSimulator { $0.configuration.clockAhead }
        let age = send.stoppedAt.map { Period(milliseconds: serverNow - $0) }
        let isOld = { (limit: Period) in self.noted.hasJumps || age.map { $0 > limit - .minutes(1) } ?? true }
        switch (send.action, workflow) {
        // Who orders it means the runs, however their workflow stands.
        case (.retry, .orders) where isReplayed(send.execution):
            // What a policy in dry-run excepts is not excepted.
            if send.status == .error, send.httpCode == "502", !wasInDryRun(lately: send.lived) {
                return "it failed with 502, which is excepted"
            }
            return send.status == .error || send.status == .crashed ? nil : "it is \(send.status?.rawValue ?? "gone")"
        case (.retry, .orders), (.retry, .imports):
            if let off = standing(workflow, at: send.lived), send.lived - off.from > .minutes(2) {
                return "its workflow is \(off.change?.rawValue ?? "")"
            }
            if send.status == .error, send.httpCode == "502" { return "it failed with 502, which is excepted" }
            return send.status == .error || send.status == .crashed ? nil : "it is \(send.status?.rawValue ?? "gone")"
        case (.tag, .orders), (.tag, .imports):
            return wasTried(send) ? nil : "no run of its chain was ever retried"
        case (.retry, .nightly) where world.plan.asksPeople:
            if send.httpCode == "503" { return "it failed with 503, which is excepted" }
            return send.status == .error ? nil : "it is \(send.status?.rawValue ?? "gone")"
        case (.tag, .nightly):
            return send.httpCode == "502" ? nil : "it failed with \(send.httpCode ?? "?"), and not with 502"
        case (.stop, .approvals): return isOld(.hours(2)) ? nil : "it waits for \(age.map { "\($0)" } ?? "?")"
        case (.delete, .scratch):
            return send.status == .success && isOld(.minutes(200)) ? nil : "it ended \(age.map { "\($0)" } ?? "?") ago"
        default: return "no enforced policy is for \(workflow.name)"
        }
    }

    /// Whether the policies are in dry-run, or were before an edit of which the agent may not know yet.
    private func wasInDryRun(lately now: Period) -> Bool {
        let edits = noted.edits.filter { $0.from <= now }
        return edits.indices.contains { index in
            guard edits[index].edit == .dryRun else { return false }
            return index + 1 == edits.count || edits[index + 1].from + SeedEvidence.effect > now
        }
    }

    /// Two readings of a file and a tick lie between an edit and its effect.
    private static let effect = Period.minutes(11)

    /// Whether a retry of the chain was made or asked for.
    private func wasTried(_ tag: SeedSend) -> Bool {
        let first = root(Int(tag.execution.text) ?? -1)
        return deeds.contains { if case .retried(let id, _) = $0.what { root(id) == first } else { false } }
            || intents.contains {
                $0.draft.action == .retry && $0.sendingAt != nil && root(Int($0.draft.execution.text) ?? -1) == first
            }
    }

    /// Since when a workflow is not what the policy is for; nil where it is.
    private func standing(_ workflow: SeedCast, at: Period) -> SeedRecord.Standing? {
        guard let last = noted.standings.last(where: { $0.workflow == workflow && $0.from <= at }) else { return nil }
        switch last.change {
        case .renamed, .switchedOff, .archived: return last
        case .published, .drafted, nil: return nil
        }
    }
}

extension SeedPlan {
    /// Whether n8n may keep the children of retries in no list.
    var hidesChildren: Bool { faults.contains { if case .neverAnswered = $0.fault { true } else { false } } }
}
