package import MendflowCore

/// Recognises n8n's database by rows and times that cannot change (semantics 26).
package struct EpochWatch: Sendable {
    /// A row that contradicts what is known: the database was restored, or is another one.
    package struct Contradiction: Error, Sendable {
        package var id: ExecutionID
        package var difference: String
        /// Whether it is gone with all others that were known, rather than another one.
        package var isGone: Bool

        package init(id: ExecutionID, difference: String, isGone: Bool = false) {
            self.id = id
            self.difference = difference
            self.isGone = isGone
        }

        /// What is wrong, as a sentence without its end.
        package var sentence: String {
            isGone ? "execution \(id) is gone, \(difference)" : "execution \(id) is not what it was: \(difference)"
        }
    }

    /// A database and n8n may have clocks of their own.
    private static let clockMargin = Period.minutes(5)
    private static let kept = 64

    private var fingerprints: [ExecutionID: InstanceBaseline.Fingerprint] = [:]
    package private(set) var sightings: [TickState.Sighting]
    /// The highest id, and when it was known first: the next one that is kept.
    private var latest: TickState.Sighting?

    package init(_ baseline: InstanceBaseline, _ state: TickState?) {
        for fingerprint in baseline.fingerprints + (state?.fingerprints ?? []) {
            fingerprints[fingerprint.id] = fingerprint
        }
        sightings = state?.sightings ?? []
        // Sightings are kept once in a while. The highest id at the last process's end is a later one, so that it tells of
        // more ids by when they were given.
        if let state, let highest = state.accounted, sightings.last.map({ $0.id < highest }) ?? true {
            sightings.append(TickState.Sighting(id: highest, at: state.clockOffset.server(state.at)))
        }
        // Where there was no execution yet, every id was given after the baseline.
        if sightings.isEmpty { sightings = [TickState.Sighting(id: baseline.highest ?? "0", at: baseline.at)] }
    }

    /// How many remembered rows must be gone, all together, for a database to be another one: n8n removes the oldest rows
    /// first, and these are the newest.
    package static let enough = 3

    /// The newest rows by which the database can be recognised.
    package var newest: [ExecutionID] { fingerprints.keys.sorted(by: >).prefix(10).map { $0 } }
    /// A few of the oldest remembered rows: where a workflow was deleted with its runs, those of others are there still.
    package var oldestRows: [ExecutionID] { fingerprints.keys.sorted().prefix(3).map { $0 } }
    /// Whether a row is one of those that are remembered.
    func recognises(_ row: Execution) -> Bool {
        guard let known = fingerprints[row.id], let start = known.startedAt else { return false }
        return known.workflow == row.workflow && row.startedAt == start
    }

    /// Remembers more rows.
    package mutating func remember(_ rows: [InstanceBaseline.Fingerprint]) {
        for row in rows { fingerprints[row.id] = row }
    }

    /// Compares a row with what is remembered.
    package func check(_ row: Execution) throws(Contradiction) {
        if let known = fingerprints[row.id] {
            if known.workflow != row.workflow {
                throw Contradiction(
                    id: row.id, difference: "it was of workflow \(known.workflow), now of \(row.workflow)")
            }
            if let old = known.startedAt, let new = row.startedAt, old != new {
                throw Contradiction(id: row.id, difference: "it started at \(old.rfc3339), now at \(new.rfc3339)")
            }
        }
        guard let created = row.createdAt,
            let seen = sightings.first(where: { $0.id > row.id }) ?? latest.flatMap({ $0.id > row.id ? $0 : nil })
        else { return }
        if created > seen.at + EpochWatch.clockMargin {
            throw Contradiction(
                id: row.id,
                difference:
                    "it was made at \(created.rfc3339), but the higher id \(seen.id) was there at \(seen.at.rfc3339)"
            )
        }
    }

    /// The highest id known at a time: everything above it was made later. Nil where nobody had looked by then.
    package func floor(_ time: ServerTime) -> ExecutionID? { sightings.last { $0.at <= time }?.id }
    /// The highest id of the earliest sighting.
    package var oldest: ExecutionID { sightings.first?.id ?? "0" }

    /// Remembers the highest id at a moment, so often that all of a look-back is remembered, each with the moment at which it was
    /// known first: what is made later and has a lower id shows that ids were given again.
    package mutating func sight(_ highest: ExecutionID?, at now: ServerTime, lookBack: Period) {
        let interval = max(.minutes(10), Period(milliseconds: lookBack.milliseconds / 48))
        guard let highest else { return }
        if [sightings.last?.id, latest?.id].allSatisfy({ $0.map { $0 < highest } ?? true }) {
            latest = TickState.Sighting(id: highest, at: now)
        }
        guard let next = latest, sightings.last.map({ $0.at + interval <= now }) ?? true else { return }
        latest = nil
        sightings.append(next)
        if sightings.count > EpochWatch.kept { sightings.removeFirst(sightings.count - EpochWatch.kept) }
    }

    /// The newest ended rows, to be remembered beyond this process. What ended just now is left out, since n8n may be about
    /// to remove it.
    package static func fingerprints(
        _ rows: some Sequence<Execution>, at now: ServerTime
    ) -> [InstanceBaseline.Fingerprint] {
        fingerprints(rows.filter { isMark($0, at: now) }.sorted { $0.id > $1.id }.prefix(marks))
    }

    /// The same of a table, of the rows that may be.
    static func fingerprints(
        _ rows: ExecutionTable, at now: ServerTime, where isFit: (ExecutionID) -> Bool
    ) -> [InstanceBaseline.Fingerprint] {
        fingerprints(rows.newest(marks) { isMark($0, at: now) && isFit($0.id) })
    }

    private static let marks = 32

    private static func isMark(_ row: Execution, at now: ServerTime) -> Bool {
        !row.status.isLive && row.startedAt != nil && row.stoppedAt.map { $0 + .minutes(2) <= now } ?? false
    }

    private static func fingerprints(_ rows: some Sequence<Execution>) -> [InstanceBaseline.Fingerprint] {
        rows.map { InstanceBaseline.Fingerprint(id: $0.id, workflow: $0.workflow, startedAt: $0.startedAt) }
    }
}
