public import MendflowCore
public import MendflowLedger
import MendflowWorkspace

/// How an instance stands, in a word.
public enum Standing: String, Sendable, Hashable, CaseIterable {
    /// Policies act.
    case acting
    /// Everything is decided and recorded, nothing is sent.
    case dryRun = "dry_run"
    /// Nothing is looked at, as the configuration says.
    case off
    /// Somebody paused acting.
    case paused
    /// Nothing is done, or not all: n8n's database seems to be another one, n8n refuses the key a kind of action, or not all of
    /// n8n can be read.
    case suspended
    /// An agent runs, and n8n does not answer, or nothing was read for a while.
    case blind
    /// Agents share the ledger, and none of them leads the instance.
    case unled
    /// An agent runs, on another ledger than the files name now.
    case otherLedger = "other_ledger"
    /// No agent runs.
    case notRunning = "not_running"
    /// `init` has not been here.
    case notSetUp = "not_set_up"

    /// Whether what the configuration says is what is done.
    public var isWell: Bool {
        switch self {
        case .acting, .dryRun, .off: true
        case .paused, .suspended, .blind, .unled, .otherLedger, .notRunning, .notSetUp: false
        }
    }
}

/// Something that only a person can do.
public enum Chore: Sendable, Hashable {
    /// The agent that runs has to be restarted, for it works on another ledger than the files name now.
    case otherLedger(AgentElsewhere)
    /// `init` has to set the instance up.
    case setUp
    /// n8n's database seems to be another one.
    case adopt(String)
    /// The ledger may not know all that was sent, so that nothing is.
    case doubt(String)
    /// The files would lose what holds the agent back, which nobody has let go yet.
    case confirm(Int)
    /// The files have errors: an agent that runs goes on with what it read before, and none can start.
    case mend(Int)
    /// The agent has to be restarted, for these settings to count.
    case restart([RestartSetting])
    /// An agent has to be started.
    case start(AgentLife)
    /// An agent that starts takes the files as they are, and lets so much go that the last one kept.
    case losesAtStart(Int)
    /// None of the agents that are there leads it: what keeps them from it has to be found.
    case lead
    /// n8n does not take the key, or it cannot be had: nothing works before that is mended.
    case key(String)
    /// n8n does not answer.
    case reach(String)
    /// Something is held, since not all of n8n can be read.
    case unread(ReadingGap)
    /// n8n refuses the key a kind of action.
    case allow(ActionKind, String)
    /// So many requests have had no answer for so long that it will not come.
    case resolve(Int)
    /// So many actions wait for a yes.
    case approve(Int)
    /// A policy went back to dry-run by itself.
    case promote(Demotion)
    /// A clock is wrong.
    case clock(String)
    /// A replay waits for a word.
    case replay(String)
    /// A replay runs, and nobody carries it out.
    case follow(String)
    /// A replay that nobody stopped sends nothing.
    case replayWaits(String, ReplayWait)
    /// Failures that belong together go on.
    case incident(Incident)
    /// A workflow did not run as a policy wants it to.
    case missed(Absence)
    /// So many chains were given up in the last day.
    case givenUp(Int)
}

extension InstanceStatus {
    /// How it stands.
    public var standing: Standing {
        if elsewhere != nil { return .otherLedger }
        guard let record else { return .notSetUp }
        if record.alarm != nil { return .suspended }
        if mode == .off { return .off }
        guard life.isRunning else { return .notRunning }
        if isUnled { return .unled }
        if !isReachable || isStale { return .blind }
        if record.paused != nil { return .paused }
        guard mode == .enforce, !acting.isEmpty else { return .dryRun }
        return record.refused.isEmpty && lastingGap?.part.isData ?? true ? .acting : .suspended
    }

    /// What the agent that runs cannot read, where that lasts for longer than it takes to read on.
    public var lastingGap: ReadingGap? {
        record?.lastTick?.gap.flatMap { $0.lasts(at: now, interval: interval) ? $0 : nil }
    }

    /// What is due next, the next first: in dry-run nothing of what was to be sent before the mode was lowered, and nothing
    /// of a replay that does not run.
    public var due: [RecentActivity.Due] {
        (recent?.due ?? []).filter { due in
            (mode == .enforce || due.isDryRun)
                && (Replay.number(in: due.policy) == nil || replaysAtWork.contains(due.policy))
        }
    }

    /// How many executions wait for room in a cap: of replays only where one is at work.
    public var capped: Int {
        let recent = recent ?? RecentActivity()
        return recent.capped + replaysAtWork.map { recent.cappedByReplays[$0] ?? 0 }.reduce(0, +)
    }

    /// The replays that nobody stopped and nothing keeps.
    private var replaysAtWork: [String] {
        replaysWait == nil ? (record?.replays ?? []).filter(\.isRunning).map(\.name) : []
    }

    /// What has to happen before anything that is due can be done, in words; nil where it comes at its time.
    public var nothingBefore: String? {
        switch standing {
        case .acting, .dryRun: nil
        case .off: "its mode is `off`"
        case .paused: "acting goes on"
        case .suspended:
            // Where n8n refuses one kind of action, or a part of it is not read, the rest goes on.
            record?.alarm != nil ? "the database is adopted" : lastingGap.flatMap { $0.precedes(due) }
        case .blind: "n8n can be read"
        case .unled: "an agent leads it"
        case .otherLedger: "the agent is restarted"
        case .notRunning: "an agent runs"
        case .notSetUp: "it is set up"
        }
    }

    /// Whether agents are there of which none leads it.
    private var isUnled: Bool { life.isRunning && mode != .off && lead.map { !$0.isHeld } ?? false }

    /// Whether an agent that runs has read nothing for longer than it should.
    private var isStale: Bool {
        guard let last = record?.lastTick?.at else { return false }
        return last + fresh < now
    }

    /// What only a person can do, the most urgent first.
    public var needs: [Chore] {
        let away = elsewhere.map { [Chore.otherLedger($0)] } ?? []
        guard let record else { return away.isEmpty ? [.setUp] : away }
        var needs = away
        if let alarm = record.alarm { needs.append(.adopt(alarm)) }
        if record.isInDoubt, let paused = record.paused { needs.append(.doubt(paused)) }
        if let trouble, isKeyRefused { needs.append(.key(trouble)) }
        if !life.isRunning, mode != .off, elsewhere == nil { needs.append(.start(life)) }
        if losesAtStart > 0 { needs.append(.losesAtStart(losesAtStart)) }
        if isUnled { needs.append(.lead) }
        if let trouble, !isKeyRefused { needs.append(.reach(trouble)) }
        if let gap = lastingGap, life.isRunning, isReachable { needs.append(.unread(gap)) }
        if fileErrors > 0 { needs.append(.mend(fileErrors)) }
        if let pending, !pending.isConfirmed { needs.append(.confirm(pending.losses.count)) }
        if !needsRestart.isEmpty { needs.append(.restart(needsRestart)) }
        needs += record.refused.sorted { $0.key < $1.key }.map { .allow($0.key, $0.value) }
        if let trouble = record.lastTick?.clockOffset.trouble { needs.append(.clock(trouble)) }
        if record.unanswered > 0 { needs.append(.resolve(record.unanswered)) }
        if !record.asks.isEmpty { needs.append(.approve(record.asks.count)) }
        needs += record.incidents.map { .incident($0) }
        needs += record.absences.filter { !$0.isShadow }.map { .missed($0) }
        needs += record.demoted.map { .promote($0.demotion) }
        needs += record.replays.filter { !$0.isRunning }.map { .replay($0.name) }
        // What else keeps it is a need of its own.
        if let wait = replaysWait, wait.isOfMode {
            needs += record.replays.filter(\.isRunning).map { .replayWaits($0.name, wait) }
        } else if !life.isRunning {
            let followed = record.replays.filter { $0.isRunning && life != .busy(.replay($0.name)) }
            needs += followed.map { .follow($0.name) }
        }
        if let givenUp = recent?.givenUp, givenUp > 0 { needs.append(.givenUp(givenUp)) }
        return needs
    }
}

extension ReadingGap {
    /// What has to be read before any of what is due can be done, in words; nil where some of it can.
    fileprivate func precedes(_ due: [RecentActivity.Due]) -> String? {
        switch part {
        case .lists: "n8n can be read"
        case .above(let id): due.allSatisfy(\.isRetry) ? "n8n tells of the ids above \(id)" : nil
        case .below(let id):
            due.allSatisfy { $0.isRetry && $0.execution < id } ? "the list below \(id) is read" : nil
        // What is due was decided with its data.
        case .data: nil
        }
    }
}
