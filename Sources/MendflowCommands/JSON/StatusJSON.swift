import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// `status` as JSON.
struct StatusJSON: Encodable {
    struct Instance: Encodable {
        var instance: String, url: String, mode: String, acting: [String], dryRun: [String]
        var reachable: Bool, trouble: String?, limits: String?
        var initialised: Bool, since: String?, epoch: Int?, alarm: String?, paused: String?, silentUntil: String?
        var lastTick: Int64?, lastTickAt: String?, clockOffsetMs: Int64?, clockTrouble: String?
        var rows: Int?, live: Int?, accounted: String?, sweptAt: String?, coveredFrom: String?, missingIds: Int?
        var underWay: Int, unresolved: Int, exhausted: Int, inFlight: [String], refused: [String], replays: [ReplayJSON]
        var ledgerHead: String?
    }

    var instances: [Instance]

    init(_ all: [InstanceStatus]) { instances = all.map { Instance($0) } }
}

extension StatusJSON.Instance {
    fileprivate init(_ status: InstanceStatus) {
        let (record, tick) = (status.record, status.record?.lastTick)
        self.init(
            instance: status.instance, url: status.url.description, mode: status.mode.rawValue, acting: status.acting,
            dryRun: status.dryRun, reachable: status.isReachable, trouble: status.trouble, limits: status.limits,
            initialised: record != nil,
            since: record?.since.rfc3339, epoch: record?.epoch, alarm: record?.alarm, paused: record?.paused,
            silentUntil: record?.silentUntil?.rfc3339,
            lastTick: tick?.tick, lastTickAt: tick?.at.rfc3339, clockOffsetMs: tick?.clockOffset.ahead.milliseconds,
            clockTrouble: tick?.clockOffset.trouble,
            rows: tick?.rows, live: tick?.liveCount, accounted: tick?.accounted?.text,
            sweptAt: tick?.sweptAt?.rfc3339, coveredFrom: tick?.coveredFrom?.text, missingIds: tick?.missing.count,
            underWay: record?.underWay ?? 0, unresolved: record?.unresolved ?? 0, exhausted: record?.exhausted ?? 0,
            inFlight: (record?.placeHolders ?? []).map(\.words),
            refused: (record?.refused ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key.rawValue): \($0.value)" },
            replays: (record?.replays ?? []).map(ReplayJSON.init),
            ledgerHead: record?.head.description)
    }
}
