import MendflowAgent
import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowN8N
import MendflowPolicy
import MendflowReview
import MendflowText
import MendflowWorkspace

/// What the doctor says of each thing.
enum DoctorChecks {
    static func server(_ facts: ServerFacts) -> [Doctor.Check] {
        [
            .init(.server, .ok, "n8n answers and takes the key"),
            facts.isHealthy
                ? .init(.server, .ok, "/healthz says ok")
                : .init(.server, .note, "/healthz does not say ok: n8n is in trouble, or a proxy keeps it to itself"),
        ]
    }

    /// How many requests n8n leaves this key; nothing where it tells no limit.
    static func limits(_ limits: KeyLimits, at now: Period) -> [Doctor.Check] {
        guard let words = limits.words(at: now) else { return [] }
        let isShort = limits.reads.map { $0.limit < DoctorChecks.readsPerMinute } ?? false
        return [
            .init(
                .server, isShort ? .warning : .ok,
                words + (isShort ? "; so few reads make polls late: give the key more" : ""))
        ]
    }

    /// What two ticks a minute need at the least.
    private static let readsPerMinute = 40

    static func files(_ warnings: [String], _ workspace: Workspace) -> [Doctor.Check] {
        let all = warnings + [workspace.environment.files.exposure(workspace.ledgerPath)].compactMap { $0 }
        return all.isEmpty
            ? [.init(.files, .ok, "key and ledger can be read by their owner only")]
            : all.map { .init(.files, .warning, $0) }
    }

    static func ledger(
        _ baseline: InstanceBaseline, _ tick: TickState?, _ view: LedgerView,
        _ instance: Configuration.Instance, _ now: AgentTime, _ interval: Period
    ) -> [Doctor.Check] {
        var checks: [Doctor.Check] = [
            .init(
                .ledger, .ok, "it knows this instance; what ended before \(baseline.since.rfc3339) is left alone")
        ]
        if let alarm = view.alarm { checks.append(.init(.ledger, .wrong, "epoch alarm: \(alarm)")) }
        if baseline.url != instance.address {
            checks.append(
                .init(
                    .ledger, .note,
                    "its baseline was read at \(baseline.url): the address changed since, or the server"))
        }
        if let reason = view.paused {
            checks.append(.init(.ledger, view.isInDoubt ? .wrong : .warning, "acting is paused: \(reason)"))
        }
        for (kind, message) in view.suspended.sorted(by: { $0.key < $1.key }) {
            checks.append(.init(.ledger, .wrong, "n8n refused `\(kind.rawValue)`, which is held: \(message)"))
        }
        let unresolved = view.intents.count { $0.state == .unresolved && !$0.draft.isShadow }
        if unresolved > 0 {
            checks.append(
                .init(
                    .ledger, .warning,
                    "\(unresolved.words("request has", "requests have")) no answer; see `mendflow inbox`"))
        }
        checks += unread(tick, now, interval)
        checks.append(agent(tick, now, interval))
        return checks
    }

    /// What the agent could not read at its last look, which a look of ours need not meet.
    static func unread(_ tick: TickState?, _ now: AgentTime, _ interval: Period) -> [Doctor.Check] {
        guard let gap = tick?.gap else { return [] }
        let lasts = gap.lasts(at: now, interval: interval)
        let level: Doctor.Level = lasts ? gap.part.isData ? .warning : .wrong : .note
        return [.init(gap.part.isData ? .data : .coverage, level, "at the agent's last look: \(gap.words(at: now))")]
    }

    /// Policies that went back to dry-run by themselves, as they stand now: an edited one begins anew.
    static func demoted(_ standings: [PolicyStanding], _ policies: [Policy]) -> [Doctor.Check] {
        standings.filter { standing in
            policies.contains { $0.name == standing.demotion.policy && standing.holds($0.version) }
        }.map { standing in
            let demotion = standing.demotion
            return .init(
                .policy, .warning,
                "'\(demotion.policy)' went back to dry-run by itself: \(demotion.words); edit it, or `mendflow promote \(demotion.policy)`"
            )
        }
    }

    /// Who holds the places of `max_in_flight`, and whether all are taken.
    static func inFlight(_ snapshot: Snapshot, _ view: LedgerView, _ most: Int) -> [Doctor.Check] {
        let holders = PlanReport.PlaceHolder.all(view, snapshot)
        guard !holders.isEmpty else { return [] }
        let names = holders.map(\.words).joined(separator: "; ")
        let isFull = holders.count >= most
        return [
            .init(
                .ledger, isFull ? .warning : .ok,
                "\(holders.count) of \(most) places in flight are taken\(isFull ? ", so no retry is sent" : ""): \(names)"
            )
        ]
    }

    static func ahead(_ time: AgentTime, _ now: AgentTime) -> Doctor.Check {
        .init(
            .clock, .warning,
            "the ledger has a record of \(time.rfc3339), \(time - now) ahead of now: a clock is or was wrong, and what was "
                + "counted then counts until that time has passed")
    }

    /// Whether an agent seems to run, told by its last tick.
    private static func agent(_ tick: TickState?, _ now: AgentTime, _ interval: Period) -> Doctor.Check {
        guard let tick else { return .init(.ledger, .note, "the agent has not looked yet: it has not run") }
        let state =
            "look at \(tick.at.rfc3339): it read \(tick.rows.words("execution", "executions")), \(tick.liveCount) of them live"
        guard tick.at + interval + interval + .minutes(10) < now else { return .init(.ledger, .ok, "last \(state)") }
        return .init(.ledger, .note, "last \(state); none for \(now - tick.at): the agent does not run")
    }

    static func capabilities(_ capabilities: ServerCapabilities, _ budget: Int) -> [Doctor.Check] {
        [.init(.server, .ok, capabilities.eraWords)]
            + capabilities.notes(gapBudget: budget).map { note in
                .init(.server, note.isCost || note.holds == nil ? .note : .ok, note.message)
            }
    }

    /// Scopes that reading needs whatever policies say.
    private static let reading: [(scope: String, why: String)] = [
        ("execution:list", "nothing can be polled"), ("execution:read", "no error and no hidden run can be read"),
        (
            "workflow:list",
            "workflows have no names: only ids match, and nothing but tags without `workflow: {active: any}`"
        ),
    ]

    /// Scopes without which reading goes on, in another way or with less.
    private static let helping: [(scope: String, why: String)] = [
        (
            "workflow:read",
            "the last look before an action reads the list of all workflows, instead of the one that it is about"
        ), ("executionTags:list", "what asks for the tags of executions (`execution_tag`) is unknown"),
    ]

    static func scopes(_ capabilities: ServerCapabilities) -> [Doctor.Check] {
        func lacking(_ scopes: [(scope: String, why: String)], _ level: Doctor.Level) -> [Doctor.Check] {
            scopes.filter { capabilities.lacks($0.scope) == true }
                .map { Doctor.Check(.key, level, "it lacks the scope \($0.scope): \($0.why)") }
        }
        var checks = lacking(reading, .wrong) + lacking(helping, .note)
        if let scopes = capabilities.scopes {
            let idle = ActionKind.allCases.filter { kind in !kind.scopes.allSatisfy(scopes.contains) }
            if !idle.isEmpty {
                let names = idle.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                checks.append(.init(.key, .note, "it may not \(names), whichever policy asked for it"))
            }
            if checks.isEmpty { checks.append(.init(.key, .ok, "it has every scope that Mendflow can use")) }
        } else if !checks.contains(where: { $0.level == .wrong }) {
            checks.append(
                .init(.key, .note, "it may read; whether it may act this server does not tell before it is tried"))
        }
        return checks
    }

    static func clock(_ offset: ClockOffset) -> Doctor.Check {
        if let trouble = offset.trouble {
            return .init(.clock, offset.isDisputed ? .wrong : .warning, trouble)
        }
        guard offset != .zero else { return .init(.clock, .ok, "n8n's clock and ours agree within two seconds") }
        let size = offset.ahead.magnitude
        return .init(
            .clock, size > .minutes(5) ? .warning : .note,
            "n8n's clock is \(size) \(offset.ahead > .zero ? "ahead of" : "behind") ours; ages are corrected by that")
    }

    static func coverage(_ seen: InstanceSurvey, _ snapshot: Snapshot, _ budget: Int) -> [Doctor.Check] {
        var checks: [Doctor.Check] = []
        if case .partial(let why) = snapshot.completeness {
            checks.append(
                .init(.coverage, .wrong, "a poll is not whole, so nothing is acted on: \(why.joined(separator: "; "))")
            )
        }
        if let lowest = snapshot.executions.keys.min(), let highest = snapshot.executions.keys.max() {
            let live = snapshot.executions.values.count { $0.status.isLive }
            checks.append(
                .init(
                    .coverage, .ok,
                    PlanReport.seen(snapshot.executions.count, lowest, highest, live: live)
                        + ", for \(seen.survey.requests.words("request", "requests"))"))
        } else {
            checks.append(.init(.coverage, .note, "n8n shows no execution within look_back"))
        }
        if let from = snapshot.coverage.rowsKnownFrom {
            checks.append(
                .init(
                    .coverage, .note,
                    "one poll reads the list down to \(from); \(seen.unreadRanges) older parts are read at later ticks")
            )
        }
        let odd = snapshot.executions.values.filter { $0.contradictsItself(at: snapshot.now) }.map(\.id).sorted()
        if let first = odd.first {
            checks.append(
                .init(
                    .coverage, .warning,
                    "n8n's times contradict each other in \(odd.count.words("execution", "executions")) (\(first) is the first): they start after "
                        + "they end, or in the future; ages and run times that rest on them are unknown"))
        }
        let unknown = snapshot.coverage.unknownIDs
        if unknown > 0 {
            checks.append(
                .init(
                    .coverage, .warning,
                    "\(unknown.words("id is", "ids are")) in no list and not accounted for yet, up to \(budget) are asked for per "
                        + "tick: hidden runs may be among them"))
        }
        return checks
    }

    /// Executions whose data cannot be read, by reason: policies that look at their errors cannot act on them.
    static func unreadable(_ troubles: [PlanReport.Unreadable]) -> [Doctor.Check] {
        PlanReport.Unreadable.grouped(troubles).prefix(5).map {
            .init(.data, .warning, "\($0); no policy that looks at their errors acts on them")
        }
    }

    static func workflows(_ workflows: [WorkflowID: WorkflowInfo]?) -> [Doctor.Check] {
        guard let workflows else {
            return [
                .init(
                    .workflows, .wrong,
                    "they cannot be listed: policies that name workflows match nothing, others only tag without `workflow: {active: any}`"
                )
            ]
        }
        var checks: [Doctor.Check] = [.init(.workflows, .ok, "\(workflows.count) that the key can see")]
        let hidden = workflows.values.filter { $0.hidesTags || $0.hidesProjects }
        if !hidden.isEmpty {
            checks.append(
                .init(
                    .workflows, .warning,
                    "\(named(hidden)): n8n does not tell their tags or their project, which are unknown: they match nothing, "
                        + "and count as protected where a protection names a tag or a project"))
        }
        let noFailures = workflows.values.filter { $0.savesFailures == false }
        if !noFailures.isEmpty {
            checks.append(
                .init(
                    .workflows, .note,
                    "\(named(noFailures)) save no failures: nothing of theirs is ever mended; switch it on in their settings"
                ))
        }
        let noSuccesses = workflows.values.filter { $0.savesSuccesses == false }
        if !noSuccesses.isEmpty {
            checks.append(
                .init(
                    .workflows, .note,
                    "\(named(noSuccesses)) save no successes: a retry that works leaves no trace there, and gaps in the ids "
                        + "never end"))
        }
        return checks
    }

    static func tagged(_ count: Int) -> Doctor.Check {
        guard count > 0 else { return .init(.tags, .ok, "Mendflow has tagged nothing: n8n prunes as it did") }
        return .init(
            .tags, .note,
            "Mendflow has tagged \(count.words("execution", "executions")): n8n never prunes \(count == 1 ? "it" : "them") until the tag is taken off"
        )
    }

    /// What cannot work is wrong where the policy is to act, and a warning where it only looks on.
    static func policy(_ remark: ServerRemark, _ set: PolicySet, _ mode: Mode) -> Doctor.Check {
        let acts = mode == .enforce && set.policies.contains { $0.name == remark.policy && $0.mode == .enforce }
        let level: Doctor.Level =
            switch remark.matter {
            case .missingScope where acts, .notOffered where acts, .tagsNotTold where acts: .wrong
            case .hiddenQueued, .hiddenWaiting, .bulkStopPrice, .successesNotSaved: .note
            default: .warning
            }
        return .init(
            .policy, level, remark.matter.words, remark: remark)
    }
}
