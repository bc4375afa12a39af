import MendflowCore
import MendflowLedger
import MendflowSimulator

// What has to be noticed: what others changed just before, another database, what is there and what is gone.
extension Judge {
    /// What others change between a decision and its request is seen, and the request is not sent.
    static let looked = Judge("looked") { evidence in
        guard evidence.isTimely else { return [] }
        // Where the database is slow, a person's run may be over by the time of the look, and n8n keep no row of it.
        let unkept = Dictionary(
            evidence.deeds.compactMap { deed in
                if case .notKept(let run) = deed.what { (run, AgentTime(milliseconds: deed.at)) } else { nil }
            },
            uniquingKeysWith: { first, _ in first })
        return evidence.noted.meddled.flatMap { meddled in
            let gone = meddled.run.flatMap { unkept[$0] }.map { $0 - SeedWorld.start }
            return evidence.noted.sends.filter {
                $0.execution == meddled.execution && $0.action == meddled.action && $0.lived >= meddled.from
                    && $0.lived < min(meddled.until, gone ?? meddled.until)
            }.map {
                "\($0.action.rawValue) of \($0.execution) was sent after \($0.lived), and after \(meddled.from) somebody's hand: "
                    + meddled.hand.rawValue
            }
        }
    }

    /// Nobody cries wolf over a database that is what it was.
    static let calm = Judge("calm") { evidence in
        guard evidence.isTimely, try await !evidence.wasAwayForTooLong else { return [] }
        return evidence.view.alarm.map { ["there is an alarm, and nothing was replaced: \($0)"] } ?? []
    }

    /// That n8n's database was replaced is noticed once it has given ids anew that meant other runs before.
    static let noticed = Judge("noticed") { evidence in
        guard let before = evidence.noted.replaced, let at = evidence.noted.restoredAt, !evidence.noted.hasJumps,
            evidence.view.alarm == nil
        else { return [] }
        let ahead = evidence.world.box.withSimulator { $0.configuration.clockAhead }
        // What the agent had seen, if it lived.
        let ticks = try await evidence.store.records(after: 0, limit: .max).map { try $0.entry() }.filter {
            if case .tick = $0.event { $0.at < at } else { false }
        }
        guard let looked = ticks.last?.at else { return [] }
        let known = (looked - .minutes(5)).milliseconds + ahead
        let seen = evidence.peaceful(for: .minutes(30))
        let twice = before.ids.filter { id in
            guard let old = before[id], let new = evidence.database[id], let start = new.startedAt else { return false }
            return old.startedAt != start && old.stoppedAt ?? .max < known && new.stoppedAt ?? .max < seen
        }
        return twice.count < 3 ? [] : ["\(twice) are other runs since \(at), and there is no alarm"]
    }

    /// Once it is noticed, nothing is sent any more.
    static let alarmed = Judge("alarmed") { evidence in
        guard !evidence.noted.hasJumps, evidence.view.alarm != nil else { return [] }
        let entries = try await evidence.store.records(after: 0, limit: .max).map { try $0.entry() }
        let raised = entries.first { if case .alarmed = $0.event { true } else { false } }
        return evidence.noted.sends.filter { $0.at > raised?.at ?? $0.at }.map {
            "\($0.action.rawValue) of \($0.execution) was sent at \($0.at), after the alarm"
        }
    }

    /// What counts as gone is not there.
    static let gone = Judge("gone") { evidence in
        guard evidence.noted.restoredAt == nil, evidence.view.alarm == nil else { return [] }
        return evidence.database.ids.filter {
            evidence.view.gone.contains(ExecutionID("\($0)")) && !evidence.hidden.contains($0)
        }.map { "execution \($0) counts as gone, and n8n has it" }
    }

    /// A success that n8n's answer named heals the chain for good, whatever becomes of its row.
    static let latched = Judge("latched") { evidence in
        guard evidence.noted.restoredAt == nil else { return [] }
        return evidence.intents.compactMap { intent in
            guard intent.draft.action == .retry, intent.state == .applied,
                case .answered(.success)? = intent.evidence, !evidence.view.healed.contains(intent.draft.root)
            else { return nil }
            return "the retry of \(intent.draft.execution) succeeded, and its chain does not count as healed"
        }
    }

    /// A tag that was written is not written again.
    static let taggedOnce = Judge("tagged-once") { evidence in
        guard evidence.noted.restoredAt == nil else { return [] }
        let done = evidence.intents.filter { $0.draft.action == .tag && $0.state == .applied }
        let written = done.flatMap { intent in intent.draft.tags.map { "\($0) of \(intent.draft.execution)" } }
        return Dictionary(grouping: written) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
            .map { "the tag \($0) was written more than once" }
    }

    /// A request is never settled by a run that was there before it, or that is another's.
    static let ownRun = Judge("own-run") { evidence in
        guard evidence.isTimely else { return [] }
        var made: [Int: (at: AgentTime, of: Int)] = [:]
        for deed in evidence.deeds {
            if case .retried(let id, let child) = deed.what { made[child] = (AgentTime(milliseconds: deed.at), id) }
        }
        // What was refused for n8n's limit is sent again under its key: to n8n it is the request that left first.
        let left = Dictionary(
            evidence.intents.compactMap { intent in intent.sendingAt.map { (intent.key?.text ?? "", $0) } },
            uniquingKeysWith: min)
        return evidence.intents.compactMap { intent in
            guard intent.draft.action == .retry, let child = intent.child,
                let sent = intent.key.flatMap({ left[$0.text] }) ?? intent.sendingAt,
                let run = Int(child.text).flatMap({ made[$0] }),
                run.at < sent - evidence.apart || ExecutionID("\(run.of)") != intent.draft.execution,
                !isPerhaps(intent, sent, (run.at, ExecutionID("\(run.of)")))
            else { return nil }
            return
                "the retry of \(intent.draft.execution), sent at \(sent), counts as run \(child), made at \(run.at) of \(run.of)"
        }
    }

    /// Whether a run was made so little before a request that clocks may differ by as much, and counts as the request's only
    /// since nothing that might have held the request could still do so.
    private static func isPerhaps(_ intent: Intent, _ sent: AgentTime, _ run: (at: AgentTime, of: ExecutionID)) -> Bool
    {
        guard let settled = intent.settledAt else { return false }
        return run.of == intent.draft.execution && sent - run.at <= .minutes(5) && settled >= sent + SeedWorld.grace
    }

    /// Nothing is decided to be done by what an incomplete poll shows.
    static let whole = Judge("whole") { evidence in
        var why: [String] = []
        var found: [String] = []
        for record in try await evidence.store.records(after: 0, limit: .max) {
            switch try record.entry().event {
            case .planned(_, let planning):
                if case .partial(let reasons) = planning.completeness { why = reasons } else { why = [] }
            case .decided(let decided) where !why.isEmpty && decided.verdict.parts.contains { $0.phase == .act }:
                found.append(
                    "record \(record.sequence) acts on \(decided.execution), and the poll was incomplete: \(why)")
            default: break
            }
        }
        return found
    }
}

extension SeedEvidence {
    /// Whether no agent looked for longer than n8n keeps runs: nothing tells its database from another one then
    /// (docs/guarantees.md, the limits of never-missed).
    fileprivate var wasAwayForTooLong: Bool {
        get async throws {
            guard let pruning = world.plan.kind.pruning else { return false }
            let kept = Period(milliseconds: pruning.maxAge)
            let looks = try await store.records(after: 0, limit: .max).map { try $0.entry() }.filter { entry in
                switch entry.event {
                case .tick, .alarmed: true
                default: false
                }
            }
            return zip(looks, looks.dropFirst()).contains { $1.at - $0.at > kept }
        }
    }
}
