package import MendflowCore

/// What the agent remembers of an instance between two ticks: the source of every snapshot.
package struct ObservedExecutions: Sendable {
    /// Rows within the look-back window, live ones of any age, and the ancestors of both.
    package private(set) var executions = ExecutionTable()
    /// When live rows were first seen, and when crashed ones were first seen so.
    package private(set) var firstSeen: [ExecutionID: ServerTime] = [:]
    /// When all that n8n shows was read last, by this process or the one before; nil where nobody has looked yet.
    package var lookedAt: ServerTime?
    package private(set) var lastSeenWaiting: [ExecutionID: ServerTime] = [:]
    package private(set) var seenLive: Set<ExecutionID> = []
    package private(set) var newestSuccess: [WorkflowID: ExecutionID] = [:]
    private var durations: [WorkflowID: DurationSample] = [:]
    package private(set) var highest: ExecutionID?
    /// Ids that are rows, and ids that n8n says are none.
    package private(set) var accounted = IDRanges()
    package private(set) var missing = IDRanges()
    /// Executions whose row changed since `takeChanged` was called last: data that was read of them is of an older state.
    private var changed: Set<ExecutionID> = []
    /// Rows that are known elsewhere: what is read as it is there is not kept here as well.
    private var known = ExecutionTable()
    package var watch: EpochWatch
    /// Rows that were read while nothing told that the database is the one that it was: they tell nothing of it either.
    private var strangers: Set<ExecutionID> = []
    /// Something of what was read into these observations tells that the database is the one that it was.
    package var isRecognised = false
    /// When rows that no list shows were last asked for, so that all of them get their turn.
    package var askedAt: [ExecutionID: ServerTime] = [:]
    /// What is known of ids that were asked for and brought no row.
    private var absences = Absences()

    package init(_ watch: EpochWatch) { self.watch = watch }

    /// Takes a row in, as seen at a time.
    package mutating func note(_ row: Execution, at now: ServerTime) throws(EpochWatch.Contradiction) {
        var row = row
        try watch.check(row)
        if !isRecognised, recognises(row) { isRecognised = true }
        if isKnown(row) { return }
        let old = executions[row.id]
        if let old {
            try contradiction(old, row)
            row.createdAt = row.createdAt ?? old.createdAt
            // Most of what is read on a quiet tick was read before.
            if old == row, !row.status.isLive { return }
            // Data belongs to the state that it was read in: a run that went on may wait for something else now.
            if old.status != row.status || old.stoppedAt != row.stoppedAt || old.waitTill != row.waitTill {
                changed.insert(row.id)
            }
        }
        if highest.map({ $0 < row.id }) ?? true { highest = row.id }
        if row.status.isLive {
            // A run that woke is seen running for the first time.
            let wokeUp = old?.status == .waiting && row.status != .waiting
            if firstSeen[row.id] == nil || wokeUp { firstSeen[row.id] = now }
            seenLive.insert(row.id)
            // That it waited counts, and not until when: a newer time would be written down for each run at each tick.
            if row.status == .waiting, lastSeenWaiting[row.id] == nil { lastSeenWaiting[row.id] = now }
        }
        if row.status == .crashed, old?.status != .crashed { firstSeen[row.id] = crashSeen(row, old, at: now) }
        if row.status == .success, old?.status != .success { noteSuccess(row) }
        if old == nil { accounted.insert(row.id) }
        // A run that goes on is mostly seen as it was; a table that does not change is not copied.
        if old != row { executions[row.id] = row }
    }

    /// Whether a row is known elsewhere, just as it is.
    private func isKnown(_ row: Execution) -> Bool {
        guard !row.status.isLive, var old = known[row.id], executions[row.id] == nil else { return false }
        if row.createdAt == nil { old.createdAt = nil }
        return old == row
    }

    /// Since when a run is known to have crashed. Its end does not tell: that is its last sign of life, long before the
    /// crash was found perhaps. One that was not seen before crashed before anybody looked, or since the last look.
    private func crashSeen(_ row: Execution, _ old: Execution?, at now: ServerTime) -> ServerTime? {
        guard old == nil else { return now }
        guard let lookedAt, (row.startedAt ?? now) >= lookedAt else { return nil }
        return now
    }

    private func contradiction(_ old: Execution, _ row: Execution) throws(EpochWatch.Contradiction) {
        if old.workflow != row.workflow {
            throw EpochWatch.Contradiction(
                id: row.id, difference: "it was of workflow \(old.workflow), now of \(row.workflow)")
        }
        if let before = old.startedAt, let after = row.startedAt, before != after {
            throw EpochWatch.Contradiction(
                id: row.id, difference: "it started at \(before.rfc3339), now at \(after.rfc3339)")
        }
        if let before = old.createdAt, let after = row.createdAt, before != after {
            throw EpochWatch.Contradiction(
                id: row.id, difference: "it was made at \(before.rfc3339), now at \(after.rfc3339)")
        }
    }

    private mutating func noteSuccess(_ row: Execution) {
        // A retry starts in the middle: it is neither a newer success nor a measure of how long the workflow takes.
        guard row.retryOf == nil else { return }
        if newestSuccess[row.workflow].map({ $0 < row.id }) ?? true { newestSuccess[row.workflow] = row.id }
        guard let start = row.startedAt, let end = row.stoppedAt else { return }
        durations[row.workflow, default: DurationSample()].add(row.id, end - start)
    }

    /// Takes back what the last process knew.
    package mutating func restore(_ state: TickState) {
        for item in state.live {
            executions[item.execution.id] = item.execution
            firstSeen[item.execution.id] = item.firstSeen
            lastSeenWaiting[item.execution.id] = item.lastSeenWaiting
            seenLive.insert(item.execution.id)
            accounted.insert(item.execution.id)
            if highest.map({ $0 < item.execution.id }) ?? true { highest = item.execution.id }
        }
        missing = state.missing
        accounted.formUnion(missing)
        lookedAt = state.lookedAt ?? state.clockOffset.server(state.at)
    }

    /// n8n says that there is no such row; ids are never given again, so it need not be asked for any more.
    package mutating func noteMissing(_ id: ExecutionID) {
        executions[id] = nil
        changed.insert(id)
        firstSeen[id] = nil
        lastSeenWaiting[id] = nil
        askedAt[id] = nil
        strangers.remove(id)
        missing.insert(id)
        accounted.insert(id)
        if let number = id.number { absences.forget(number) }
    }

    /// The same of ids that no row was ever seen of.
    package mutating func noteMissing(_ ids: IDRanges) {
        missing.formUnion(ids)
        accounted.formUnion(ids)
        for range in ids.ranges { for number in range { absences.forget(number) } }
    }

    /// Drops what ended before a time and is nobody's ancestor, and what is known of ids up to one below which nothing is
    /// asked for any more.
    package mutating func prune(endedBefore limit: ServerTime, gapsBelow floor: ExecutionID?) {
        if let number = floor?.number {
            accounted.drop(below: number)
            missing.drop(below: number)
            absences.drop(below: number)
        }
        let notable = executions.notable.values
        let settled = executions.settled(endedUpTo: limit - .milliseconds(1))
        let ended = (notable.filter { $0.hasEnded(before: limit) } + settled).map(\.id)
        guard !ended.isEmpty else { return }
        // Settled runs retry nothing, so only notable ones have ancestors.
        var kept: Set<ExecutionID> = []
        for row in notable where row.retryOf != nil && !row.hasEnded(before: limit) {
            var next = row.retryOf
            while let id = next, kept.insert(id).inserted { next = executions[id]?.retryOf }
        }
        for id in ended where !kept.contains(id) {
            executions[id] = nil
            firstSeen[id] = nil
            lastSeenWaiting[id] = nil
            seenLive.remove(id)
            askedAt[id] = nil
            strangers.remove(id)
        }
    }

    /// Executions whose row has changed, or is gone, since this was asked last.
    package mutating func takeChanged() -> Set<ExecutionID> {
        defer { changed = [] }
        return changed
    }

    /// Runs that retry another one, oldest first.
    package var retries: [ExecutionID] { executions.notable.values.filter { $0.retryOf != nil }.map(\.id).sorted() }

    /// How long the successful runs of each workflow took.
    package var runTimes: [WorkflowID: RunTimes] { durations.compactMapValues(\.runTimes) }

    /// Rows that may still go on, oldest first.
    package var live: [Execution] { executions.live.sorted { $0.id < $1.id } }

    /// The live rows as the ledger keeps them, and those that were first seen crashed a moment ago, live before or not: a restart
    /// and another agent must not judge them sooner.
    package func liveStates(at now: ServerTime) -> [TickState.Live] {
        let crashed = firstSeen.lazy.filter { $0.value + ObservedExecutions.longestSettling > now }
            .compactMap { executions[$0.key] }.filter { $0.status == .crashed }
        return (live + crashed).sorted { $0.id < $1.id }.map {
            TickState.Live(
                execution: $0, firstSeen: firstSeen[$0.id] ?? ServerTime(milliseconds: 0),
                lastSeenWaiting: lastSeenWaiting[$0.id])
        }
    }

    /// The longest that a crashed run may be left alone.
    private static let longestSettling = Period.hours(1)
}

// By which rows the database is recognised (semantics 26).
extension ObservedExecutions {
    /// Whether a row is one that was known before: no other database has one of the same id, workflow and start.
    private func recognises(_ row: Execution) -> Bool {
        guard let start = row.startedAt else { return false }
        if let old = known[row.id], !strangers.contains(row.id), old.workflow == row.workflow, old.startedAt == start {
            return true
        }
        return watch.recognises(row)
    }

    /// The newest ended rows of the database that is known, by which it may be recognised.
    package func marks(at now: ServerTime) -> [InstanceBaseline.Fingerprint] {
        EpochWatch.fingerprints(executions, at: now) { !strangers.contains($0) }
    }

    /// The same of some rows, to be remembered beyond this process.
    package func marks(of ids: Set<ExecutionID>, at now: ServerTime) -> [InstanceBaseline.Fingerprint] {
        EpochWatch.fingerprints(ids.subtracting(strangers).compactMap { executions[$0] }, at: now)
    }
}

/// How long the newest successful runs of a workflow took.
struct DurationSample: Sendable {
    private static let kept = 200
    /// Ascending by id.
    private var runs: [(id: ExecutionID, took: Period)] = []
    /// The same times, the shortest first.
    private var periods: [Period] = []

    /// How long they took.
    var runTimes: RunTimes? { RunTimes(ascending: periods) }

    /// Adds a run; of many the newest are kept.
    package mutating func add(_ id: ExecutionID, _ took: Period) {
        guard took >= .zero else { return }
        if runs.count >= DurationSample.kept, let oldest = runs.first, id < oldest.id { return }
        let place = runs.firstPlace { $0.id >= id }
        guard place == runs.count || runs[place].id != id else { return }
        runs.insert((id, took), at: place)
        periods.insert(took, at: periods.firstPlace { $0 >= took })
        guard runs.count > DurationSample.kept else { return }
        let dropped = runs.removeFirst().took
        periods.remove(at: periods.firstPlace { $0 >= dropped })
    }
}

extension ObservedExecutions {
    /// The same without any row, to read into: it recognises the same database, and knows the same ids. Rows that have
    /// ended and are read just as they are here are left out.
    package var withoutRows: ObservedExecutions {
        var blank = ObservedExecutions(watch)
        blank.known = executions
        blank.accounted = accounted
        blank.missing = missing
        blank.highest = highest
        blank.askedAt = askedAt
        blank.absences = absences
        blank.lookedAt = lookedAt
        blank.strangers = strangers
        return blank
    }

    /// Takes in what was read later, into observations of their own, of the same database.
    package mutating func note(_ other: ObservedExecutions, at now: ServerTime) throws(EpochWatch.Contradiction) {
        if other.isRecognised {
            strangers = []
        } else {
            strangers.formUnion(other.executions.keys.filter { executions[$0] == nil })
        }
        for row in other.executions.values.sorted(by: { $0.id < $1.id }) { try note(row, at: now) }
        // A run may have been live when one list was read, and ended when the next one was.
        seenLive.formUnion(other.seenLive.filter { executions[$0] != nil })
        // When a run crashed only these observations can tell: the others begin later, and do not know what it was before.
        firstSeen.merge(other.firstSeen.filter { executions[$0.key].map { $0.status != .crashed } ?? false }) {
            min($0, $1)
        }
        lastSeenWaiting.merge(other.lastSeenWaiting.filter { executions[$0.key] != nil }) { known, _ in known }
        missing.formUnion(other.missing)
        accounted.formUnion(other.accounted)
        askedAt.merge(other.askedAt) { max($0, $1) }
        absences.merge(other.absences)
    }

    /// Remembers the highest id of a moment: ids well below it were given long enough ago to be there, if they ever will.
    package mutating func noteHeight(_ id: ExecutionID? = nil, at now: ServerTime) {
        if let number = (id ?? highest)?.number { absences.noteHeight(number, at: now) }
    }

    /// Whether an id that is neither a row nor known to be missing may be asked for now.
    package func mayProbe(_ number: UInt64, at now: ServerTime) -> Bool { absences.mayProbe(number, at: now) }

    /// Whether an id that was answered 404 just now is gone for good; otherwise it is to be asked for again.
    package mutating func isMissing(_ number: UInt64, at now: ServerTime) -> Bool {
        let isOld = watch.floor(now - Absences.settling)?.number.map { number <= $0 } ?? false
        return isOld || absences.isMissing(number, at: now)
    }

    /// Whether a row that could not be read may be asked for again.
    package func mayAsk(for id: ExecutionID, at now: ServerTime) -> Bool { absences.mayAsk(for: id, at: now) }
    /// Remembers that a row could not be read.
    package mutating func noteUnreadable(_ id: ExecutionID, at now: ServerTime) { absences.noteUnreadable(id, at: now) }
}

extension Execution {
    /// Whether it ended before a time, as far as its row tells.
    fileprivate func hasEnded(before limit: ServerTime) -> Bool {
        !status.isLive && (endedAt ?? startedAt).map { $0 < limit } ?? false
    }
}
