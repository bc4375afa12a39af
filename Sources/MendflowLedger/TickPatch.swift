public import MendflowCore

/// What a tick leaves for the next process, as the difference to what the tick before left: an idle tick is a few numbers.
public struct TickPatch: Sendable, Hashable {
    /// The tick's number, from 1.
    public var tick: Int64
    /// The highest id that the unfiltered list showed; below `coveredFrom` retries may be unread.
    public var accounted: ExecutionID?, coveredFrom: ExecutionID?
    /// When the deep sweep was last complete, and down to when ended runs are covered.
    public var sweptAt: ServerTime?, coveredSince: ServerTime?
    /// When all that n8n shows was read last, where this tick read less.
    public var lookedAt: ServerTime?
    /// Rows of the last complete poll.
    public var rows: Int
    /// How far n8n's clock was ahead.
    public var clockOffset: ClockOffset
    /// The last time that the agent's clock was set back.
    public var setBack: ClockSetBack?
    /// What could not be read, so that something is held.
    public var gap: ReadingGap?
    /// Live executions that are new or changed, and ids of those that are live no longer.
    public var live: [TickState.Live], ended: [ExecutionID]
    /// Ids that turned out to be missing; what is below the floor is forgotten (nil: nothing is).
    public var missing: IDRanges, missingFloor: UInt64?
    /// The sightings and the fingerprints, whole, where they changed.
    public var sightings: [TickState.Sighting]?, fingerprints: [InstanceBaseline.Fingerprint]?

    /// The difference between two ticks' states; `old` is nil at the first.
    public init(from old: TickState?, to new: TickState) {
        tick = new.tick
        (accounted, coveredFrom) = (new.accounted, new.coveredFrom)
        (sweptAt, coveredSince, lookedAt) = (new.sweptAt, new.coveredSince, new.lookedAt)
        rows = new.rows
        clockOffset = new.clockOffset
        (setBack, gap) = (new.setBack, new.gap)
        let known = Dictionary((old?.live ?? []).map { ($0.execution.id, $0) }) { _, last in last }
        live = new.live.filter { known[$0.execution.id] != $0 }
        let present = Set(new.live.map(\.execution.id))
        ended = (old?.live ?? []).map(\.execution.id).filter { !present.contains($0) }
        let before = old?.missing ?? IDRanges()
        missing = new.missing.subtracting(before)
        let floor = new.missing.ranges.first?.lowerBound ?? .max
        missingFloor = before.ranges.first.map { $0.lowerBound < floor } ?? false ? floor : nil
        sightings = old?.sightings == new.sightings ? nil : new.sightings
        fingerprints = old?.fingerprints == new.fingerprints ? nil : new.fingerprints
    }

    /// Makes a difference of its parts.
    package init(
        tick: Int64, accounted: ExecutionID?, coveredFrom: ExecutionID?, sweptAt: ServerTime?,
        coveredSince: ServerTime?, lookedAt: ServerTime?, rows: Int, clockOffset: ClockOffset, setBack: ClockSetBack?,
        gap: ReadingGap?, live: [TickState.Live],
        ended: [ExecutionID],
        missing: IDRanges, missingFloor: UInt64?, sightings: [TickState.Sighting]?,
        fingerprints: [InstanceBaseline.Fingerprint]?
    ) {
        self.tick = tick
        self.accounted = accounted
        self.coveredFrom = coveredFrom
        self.sweptAt = sweptAt
        self.coveredSince = coveredSince
        self.lookedAt = lookedAt
        self.rows = rows
        self.clockOffset = clockOffset
        self.setBack = setBack
        self.gap = gap
        self.live = live
        self.ended = ended
        self.missing = missing
        self.missingFloor = missingFloor
        self.sightings = sightings
        self.fingerprints = fingerprints
    }
}

extension TickState {
    /// The state after a tick.
    package mutating func apply(_ patch: TickPatch, at time: AgentTime) {
        tick = patch.tick
        at = time
        (accounted, coveredFrom) = (patch.accounted, patch.coveredFrom)
        (sweptAt, coveredSince, lookedAt) = (patch.sweptAt, patch.coveredSince, patch.lookedAt)
        rows = patch.rows
        clockOffset = patch.clockOffset
        (setBack, gap) = (patch.setBack, patch.gap)
        replaceLive(patch.live, ended: patch.ended)
        missing.formUnion(patch.missing)
        if let floor = patch.missingFloor { missing.drop(below: floor) }
        sightings = patch.sightings ?? sightings
        fingerprints = patch.fingerprints ?? fingerprints
    }

    /// Takes in rows in the place of older ones, and drops those of runs that ended.
    mutating func replaceLive(_ rows: [Live], ended: [ExecutionID]) {
        guard !rows.isEmpty || !ended.isEmpty else { return }
        var changed: [ExecutionID: Live?] = [:]
        for row in rows { changed[row.execution.id] = row }
        for id in ended { changed[id] = .some(nil) }
        live.removeAll { changed[$0.execution.id] != nil }
        live = (live + changed.values.compactMap { $0 }).sorted { $0.execution.id < $1.execution.id }
    }

    /// The state before any tick.
    package static let none = TickState(
        tick: 0, at: AgentTime(milliseconds: 0), accounted: nil, sweptAt: nil, rows: 0, live: [], clockOffset: .zero)
}
