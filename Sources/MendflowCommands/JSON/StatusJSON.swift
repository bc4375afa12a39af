import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// `status` as JSON.
struct StatusJSON: Encodable {
    struct Instance: Encodable {
        var instance: String, url: String, mode: String, acting: [String], dryRun: [String]
        var held: [String]?, unread: Bool?
        var reachable: Bool, keyRefused: Bool?, trouble: String?, limits: String?
        var initialised: Bool, since: String?, epoch: Int?, alarm: String?, paused: String?, pausedUntil: String?
        var silentUntil: String?
        var lastTick: Int64?, lastTickAt: String?, clockOffsetMs: Int64?, clockTrouble: String?
        var rows: Int?, live: Int?, accounted: String?, sweptAt: String?, coveredFrom: String?, missingIds: Int?
        var gap: Gap?
        var underWay: Int, unresolved: Int, exhausted: Int, inFlight: [String], refused: [String], replays: [ReplayJSON]
        var absences: [AbsenceJSON]?, incidents: [IncidentJSON]?
        var ledgerHead: String?, hintsAt: String?, release: String?
        var asks: Int, demoted: [String]
        var state: String, agent: String, leader: String?, leaderSince: String?, lease: Int64?
        var needs: [Need], lastDay: Day?, due: [Due]
        var dueNotBefore: String?, capped: Int?
    }
    /// What could not be read; `below` or `above` which execution, the `data` of how many, everything where none is there.
    struct Gap: Encodable { var since: String, why: String, below: String?, above: String?, data: Int?, lasts: Bool }
    struct Need: Encodable { var what: String, words: String }
    struct Day: Encodable {
        var done: [String: Int], wouldHave: [String: Int], void: Int, unsent: Int
        var unanswered: Int, underWay: Int
        var healed: Int, givenUp: Int, retriedByPeople: Int, retriedBySomebody: Int?
        var retriedBefore: Int?
    }
    struct Due: Encodable { var execution: String, policy: String, at: String, dryRun: Bool }

    var instances: [Instance]
    /// The agents, where several share the ledger.
    var fleet: FleetJSON?
    /// Files of instances that have errors.
    var leftOut: [String]?

    init(_ all: [InstanceStatus], _ fleet: Fleet? = nil, leftOut: [String] = []) {
        instances = all.map { Instance($0) }
        self.leftOut = leftOut.isEmpty ? nil : leftOut
        self.fleet = fleet.map { FleetJSON($0) }
    }
}

extension StatusJSON.Instance {
    fileprivate init(_ status: InstanceStatus) {
        let (record, tick) = (status.record, status.record?.lastTick)
        self.init(
            instance: status.instance, url: status.url.description, mode: status.mode.rawValue, acting: status.acting,
            dryRun: status.dryRun, held: status.held.isEmpty ? nil : status.held,
            unread: status.isUnread ? true : nil, reachable: status.isReachable,
            keyRefused: status.isKeyRefused ? true : nil, trouble: status.trouble, limits: status.limits,
            initialised: record != nil,
            since: record?.since.rfc3339, epoch: record?.epoch, alarm: record?.alarm, paused: record?.paused,
            pausedUntil: record?.pausedUntil?.rfc3339,
            silentUntil: record?.silentUntil?.rfc3339,
            lastTick: tick?.tick, lastTickAt: tick?.at.rfc3339, clockOffsetMs: tick?.clockOffset.ahead.milliseconds,
            clockTrouble: tick?.clockOffset.trouble,
            rows: tick?.rows, live: tick?.liveCount, accounted: tick?.accounted?.text,
            sweptAt: tick?.sweptAt?.rfc3339, coveredFrom: tick?.coveredFrom?.text, missingIds: tick?.missing.count,
            gap: tick?.gap.map { StatusJSON.Gap($0, lasts: status.lastingGap != nil) },
            underWay: record?.underWay ?? 0, unresolved: record?.unresolved ?? 0, exhausted: record?.exhausted ?? 0,
            inFlight: (record?.placeHolders ?? []).map(\.words),
            refused: (record?.refused ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key.rawValue): \($0.value)" },
            replays: (record?.replays ?? []).map { ReplayJSON($0, status.replaysWait, record?.replayed[$0.name]) },
            absences: record.flatMap { $0.absences.isEmpty ? nil : $0.absences.map { AbsenceJSON($0) } },
            incidents: record.flatMap { $0.incidents.isEmpty ? nil : $0.incidents.map { IncidentJSON($0) } },
            ledgerHead: record?.head.description, hintsAt: record?.hints?.last.rfc3339,
            release: record?.hints?.release, asks: record?.asks.count ?? 0,
            demoted: (record?.demoted ?? []).map(\.demotion.policy), state: status.standing.rawValue,
            agent: status.life.word, leader: status.lead?.leader?.text,
            leaderSince: status.lead.flatMap { $0.isHeld ? $0.last?.since.rfc3339 : nil },
            lease: status.lead?.last?.epoch,
            needs: status.needs.map { StatusJSON.Need(what: $0.word, words: HeadlineText.words($0, of: status)) },
            lastDay: status.recent.map(StatusJSON.Day.init),
            due: status.due.prefix(StatusJSON.mostDue).map { due in
                StatusJSON.Due(
                    execution: due.execution.text, policy: due.policy, at: due.at.rfc3339, dryRun: due.isDryRun)
            }, dueNotBefore: status.nothingBefore, capped: status.capped > 0 ? status.capped : nil)
    }
}

extension StatusJSON.Gap {
    fileprivate init(_ gap: ReadingGap, lasts: Bool) {
        (since, why, self.lasts) = (gap.since.rfc3339, gap.why, lasts)
        switch gap.part {
        case .lists: (below, above) = (nil, nil)
        case .below(let id): (below, above) = (id.text, nil)
        case .above(let id): (below, above) = (nil, id.text)
        case .data(let count): (below, above, data) = (nil, nil, count)
        }
    }
}

extension StatusJSON {
    /// So many of what waits for its time are told.
    fileprivate static let mostDue = 20
}

extension StatusJSON.Day {
    fileprivate init(_ it: RecentActivity) {
        func named(_ kinds: [ActionKind: Int]) -> [String: Int] {
            Dictionary(kinds.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        }
        self.init(
            done: named(it.done), wouldHave: named(it.wouldHave), void: it.void, unsent: it.unsent,
            unanswered: it.unanswered,
            underWay: it.underWay, healed: it.healed, givenUp: it.givenUp, retriedByPeople: it.retriedByPeople,
            retriedBySomebody: it.retriedBySomebody > 0 ? it.retriedBySomebody : nil,
            retriedBefore: it.retriedBefore > 0 ? it.retriedBefore : nil)
    }
}

extension AgentLife {
    /// For programs.
    fileprivate var word: String {
        switch self {
        case .running: "running"
        case .busy: "command"
        case .stopped: "stopped"
        case .silent: "silent"
        case .never: "never"
        }
    }
}

extension Chore {
    /// For programs.
    fileprivate var word: String {
        switch self {
        case .otherLedger: "other_ledger"
        case .setUp: "set_up"
        case .adopt: "adopt"
        case .doubt: "doubt"
        case .mend: "mend"
        case .confirm: "confirm"
        case .start: "start"
        case .losesAtStart: "loses_at_start"
        case .restart: "restart"
        case .lead: "lead"
        case .key: "key"
        case .reach: "reach"
        case .unread: "unread"
        case .incident: "incident"
        case .missed: "missed"
        case .allow: "allow"
        case .resolve: "resolve"
        case .approve: "approve"
        case .promote: "promote"
        case .clock: "clock"
        case .replay: "replay"
        case .follow: "follow"
        case .replayWaits: "replay_waits"
        case .givenUp: "given_up"
        }
    }
}
