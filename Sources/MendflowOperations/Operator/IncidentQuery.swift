public import MendflowCore
public import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace

/// `incidents`: what went wrong together, by the ledger alone.
public struct IncidentReport: Sendable {
    /// Something that was written down of an incident.
    public struct Step: Sendable, Hashable {
        /// When, and the number of its record.
        public var at: AgentTime, record: Int64
        /// What, in words.
        public var words: String
    }
    /// The instance, and the incident as it was written down last.
    public var instance: String, incident: Incident
    /// When it was over; nil while it goes on.
    public var overAt: AgentTime?
    /// All that was written down of it, in order.
    public var steps: [Step]
    /// Whether the run healed that was tried last.
    public var hasHealed = false

    /// One incident by its key: the newest that bore it.
    public static func read(
        _ workspace: Workspace, instance name: String?, _ key: String
    ) async throws(MendflowFailure) -> IncidentReport {
        let since = AgentTime(milliseconds: .min)
        let reading = try await IncidentReports.read(workspace, instance: name, since: since)
        guard let found = reading.all.first(where: { $0.incident.key == key }) else {
            let sealed = reading.segment.map { ", and older ones are not in it: \($0.words)" } ?? ""
            throw MendflowFailure(
                .usage, "the ledger holds no incident '\(key)'\(sealed); `mendflow incidents` lists them")
        }
        return found
    }
}

/// Incidents of some time, by the ledger.
public struct IncidentReports: Sendable {
    /// The newest first.
    public var all: [IncidentReport]
    /// The newest records of that time that were sealed, and are not told of; nil where all are there.
    public var segment: LedgerSegment?
    /// Since when.
    public var since: AgentTime
    /// Whether the files have agents look for incidents.
    public var areLookedFor: Bool
    /// What switches that on.
    public static let switchedOn =
        "nobody looks for incidents; `incidents: {at_least: 5}` in mendflow.yaml switches that on (docs/incidents.md)"

    /// The incidents of all instances or of one that went on since a time.
    public static func read(
        _ workspace: Workspace, instance name: String?, since: AgentTime
    ) async throws(MendflowFailure) -> IncidentReports {
        try name.map { (name) throws(MendflowFailure) in _ = try workspace.instance(name) }
        guard let store = try await workspace.openLedgerReading() else {
            throw await workspace.noLedger()
        }
        let areLookedFor = workspace.configuration.incidents != nil
        return try await workspace.ledger { () throws(LedgerFailure) in
            let segment = try await store.load(LedgerScope(instances: [])).newestSegment
            let found = try await reading(store).all.filter { report in
                (name == nil || report.instance == name) && report.overAt.map { $0 >= since } ?? true
            }
            return IncidentReports(
                all: found.reversed(), segment: segment.flatMap { $0.until >= since ? $0 : nil },
                since: since, areLookedFor: areLookedFor)
        }
    }

    private static func reading(_ store: any LedgerStore) async throws(LedgerFailure) -> IncidentReading {
        var reading = IncidentReading()
        var last: Int64 = 0
        while true {
            let records = try await store.records(after: last, limit: 500)
            // Most records are of another kind, and are not read whole.
            for record in records where isTold(try? CanonicalRecord(bytes: record.bytes).record.kind) {
                reading.note(try record.entry(), number: record.sequence)
            }
            guard let end = records.last else { return reading }
            last = end.sequence
        }
    }
}

/// Whether records of a kind may tell something of incidents.
private func isTold(_ kind: AuditKind?) -> Bool { kind == .incident || kind == .reserved }

/// Goes through a ledger and notes what it tells of incidents.
private struct IncidentReading {
    private(set) var all: [IncidentReport] = []

    mutating func note(_ entry: LedgerEntry, number: Int64) {
        switch entry.event {
        case .incidentOpened(let key, let incident):
            all.append(
                IncidentReport(
                    instance: key.name, incident: incident,
                    steps: [.init(at: entry.at, record: number, words: "opened: \(incident.extent.words)")]))
        case .reserved(let reservation):
            let draft = reservation.draft
            guard let name = draft.incident, !draft.isShadow, let place = place(draft.instance, name),
                all[place].incident.state == .open
            else { return }
            (all[place].incident.state, all[place].incident.since) = (.probing, entry.at)
            all[place].incident.probe = draft.execution
            all[place].hasHealed = false
            all[place].steps.append(
                .init(at: entry.at, record: number, words: "probing: \(draft.execution) is retried first"))
        case .incidentMoved(let key, let move):
            guard let place = place(key, move.key) else { return }
            if all[place].incident.state != move.state { all[place].incident.since = move.since ?? entry.at }
            (all[place].incident.state, all[place].incident.extent) = (move.state, move.extent)
            all[place].incident.failedProbes = move.failedProbes
            if move.state == .draining { all[place].hasHealed = true }
            if move.letsGo { all[place].incident.holding = nil }
            let why = move.why.isEmpty ? "" : " (\(move.why))"
            all[place].steps.append(
                .init(at: entry.at, record: number, words: "\(move.state.rawValue)\(why): \(move.extent.words)"))
        case .incidentOver(let key, let end):
            guard let place = place(key, end.key) else { return }
            all[place].incident.extent = end.extent
            all[place].overAt = entry.at
            all[place].steps.append(
                .init(at: entry.at, record: number, words: "over (\(end.cause.rawValue)): \(end.extent.words)"))
        default: break
        }
    }

    private func place(_ instance: InstanceKey, _ key: String) -> Int? {
        all.lastIndex { $0.instance == instance.name && $0.incident.key == key && $0.overAt == nil }
    }
}
