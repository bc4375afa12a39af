/// Finds failures that belong together: a pure function of what was seen, and of the incidents that the ledger holds.
///
/// First runs count, not retries: what Mendflow or people run again excites nothing. Only what was started for production counts.
package struct IncidentWatch: Sendable {
    /// What was found of an incident that is open, or is one now.
    package struct Finding: Sendable {
        /// What its failures have in common.
        package var traits: IncidentTraits
        /// What was seen of it by now.
        package var extent: Incident.Extent
        /// The id of its first failure, where it is new.
        package var first: ExecutionID?
    }

    /// New ones, in the order of their first failures.
    package private(set) var new: [Finding] = []
    /// What was seen by now of those that are open, by key.
    package private(set) var extents: [String: Incident.Extent] = [:]
    /// Data that decides to which one a failure belongs.
    package private(set) var needs: [Need] = []
    /// Until when all of it holds where nothing is seen.
    package private(set) var holdsUntil: ServerTime
    private let rules: IncidentRules
    private let snapshot: Snapshot
    private let open: [String: Incident]
    /// What failures have in common, by their ids: it costs to work that out.
    private var known: [ExecutionID: IncidentTraits] = [:]
    /// When the newest failure was of incidents that are over: what went before belongs to those.
    private var spent: [IncidentTraits: ServerTime] = [:]

    private struct Failure {
        var id: ExecutionID, workflow: WorkflowID, end: ServerTime
    }

    /// How such runs are started that count.
    private static let modes: Set<ExecutionMode> = ["webhook", "trigger", "chat"]

    /// Looks at what was seen; `past` are incidents that are over, as an agent remembers that has just started, and `since`
    /// is what was found before by the same rules.
    package init(
        _ rules: IncidentRules, _ snapshot: Snapshot, open: [String: Incident], past: [IncidentEnd] = [],
        tables: JudgementTables, since previous: IncidentWatch? = nil
    ) {
        self.rules = rules
        self.snapshot = snapshot
        self.open = open
        holdsUntil = snapshot.now + .days(1)
        let before = previous.flatMap { $0.rules == rules ? $0 : nil }
        noteSpent(before, past)
        var groups = failures(tables, known: before?.known ?? [:])
        for incident in open.values {
            let found = groups.removeValue(forKey: incident.traits) ?? []
            let extent = incident.extent.adding(
                found.filter { incident.isNew($0.id, endedAt: $0.end) }.map { ($0.id, $0.workflow, $0.end) },
                snapshot.workflows)
            extents[incident.key] = extent
            holdsUntil = min(holdsUntil, max(snapshot.now + .milliseconds(1), extent.lastSeen + rules.overAfter))
        }
        for (traits, found) in groups { look(for: traits, found.sorted { ($0.end, $0.id) < ($1.end, $1.id) }) }
        new.sort { ($0.extent.firstSeen, $0.first ?? "") < ($1.extent.firstSeen, $1.first ?? "") }
    }

    /// Whether it still holds: nothing was seen since, and the ledger holds the same incidents.
    package func holds(_ now: Snapshot, _ rules: IncidentRules, open: [String: Incident]) -> Bool {
        now.now >= snapshot.now && now.now < holdsUntil && rules == self.rules && open == self.open
            && now.executions == snapshot.executions && now.details == snapshot.details
    }

    private mutating func noteSpent(_ before: IncidentWatch?, _ past: [IncidentEnd]) {
        if let before {
            spent = before.spent.filter { $0.value > edge }
            for (key, incident) in before.open where open[key] == nil {
                spent[incident.traits] = before.extents[key]?.lastSeen ?? incident.extent.lastSeen
            }
        }
        for end in past where end.extent.lastSeen > edge {
            spent[end.traits] = max(spent[end.traits] ?? end.extent.lastSeen, end.extent.lastSeen)
        }
    }

    /// What ended before opens no incident. Of one that is open from before, much older failures are looked at.
    private var edge: ServerTime { snapshot.now - rules.overAfter - rules.within }

    /// The failures that may belong to an incident, by what they have in common.
    private mutating func failures(
        _ tables: JudgementTables, known before: [ExecutionID: IncidentTraits]
    ) -> [IncidentTraits: [Failure]] {
        let from = open.values.map(\.extent.firstSeen).min().map { min($0, edge) } ?? edge
        var found: [IncidentTraits: [Failure]] = [:]
        for row in snapshot.executions.notable.values {
            guard row.status == .error || row.status == .crashed, row.retryOf == nil, !row.hidesRetryOf,
                IncidentWatch.modes.contains(row.mode), let end = row.endedAt, end >= from, end > snapshot.baseline
            else { continue }
            guard let traits = before[row.id] ?? traits(row, tables) else { continue }
            known[row.id] = traits
            found[traits, default: []].append(Failure(id: row.id, workflow: row.workflow, end: end))
        }
        needs.sort()
        return found
    }

    private mutating func traits(_ row: Execution, _ tables: JudgementTables) -> IncidentTraits? {
        if row.status == .crashed { return IncidentTraits(rules.traits, errorClass: .crash) }
        guard let detail = snapshot.details[row.id], detail.status == row.status else {
            needs.append(.detail(row.id))
            return nil
        }
        let found = tables.classifier.classify(status: row.status, detail: detail)
        return IncidentTraits(rules.traits, row.status, found, detail)
    }

    /// What came before a time as long as it takes an incident to be over belongs to none that opens now, whether somebody
    /// remembers one or not: a restart forgets those that are over, and while another is open much older failures are looked at.
    private func sinceQuiet(_ failures: [Failure]) -> [Failure] {
        let gap = failures.indices.dropFirst().last { failures[$0].end - failures[$0 - 1].end >= rules.overAfter }
        return gap.map { Array(failures[$0...]) } ?? failures
    }

    /// Finds the first stretch of time in which enough failed; all from there on belong to one incident.
    private mutating func look(for traits: IncidentTraits, _ all: [Failure]) {
        let limit = spent[traits] ?? ServerTime(milliseconds: .min)
        let failures = sinceQuiet(all.filter { $0.end > limit && $0.end >= edge })
        guard let last = failures.last?.end, last + rules.overAfter > snapshot.now else { return }
        let start = failures.indices.first { index in
            let end = index + rules.atLeast - 1
            return end < failures.count && failures[end].end - failures[index].end <= rules.within
        }
        guard let start else { return }
        let members = failures[start...]
        let nothing = Incident.Extent(
            firstSeen: failures[start].end, lastSeen: failures[start].end, failures: 0, members: IDRanges(),
            workflows: [])
        let extent = nothing.adding(members.map { ($0.id, $0.workflow, $0.end) }, snapshot.workflows)
        new.append(Finding(traits: traits, extent: extent, first: failures[start].id))
        holdsUntil = snapshot.now
    }
}

extension Incident {
    /// Whether a failure of its kind was not counted yet.
    fileprivate func isNew(_ id: ExecutionID, endedAt end: ServerTime) -> Bool {
        guard end >= extent.firstSeen, !extent.members.contains(id) else { return false }
        // Of very many only the oldest are known by id.
        return extent.members.ranges.count < Extent.mostRanges || end > extent.lastSeen
    }
}

extension Incident.Extent {
    /// The same with further failures.
    fileprivate func adding(
        _ failures: [(id: ExecutionID, workflow: WorkflowID, end: ServerTime)], _ known: [WorkflowID: WorkflowInfo]?
    ) -> Incident.Extent {
        guard !failures.isEmpty else { return self }
        var extent = self
        extent.failures += failures.count
        extent.lastSeen = max(lastSeen, failures.map(\.end).max() ?? lastSeen)
        for failure in failures.sorted(by: { $0.id < $1.id }) {
            var more = extent.members
            more.insert(failure.id)
            if more.ranges.count <= Incident.Extent.mostRanges { extent.members = more }
        }
        let names = Set(failures.map { known?[$0.workflow]?.name ?? $0.workflow.text })
        let others = names.subtracting(workflows).sorted().prefix(Incident.Extent.mostWorkflows - workflows.count)
        extent.workflows = (workflows + others).sorted()
        return extent
    }
}

extension IncidentWatch {
    /// So much longer an incident has to go on, or so many times as many failures there have to be, until that is written down
    /// again.
    private static let worthWriting = Period.minutes(5), growth = 2

    /// What opened, and what grew by enough to be written down; `now` is the agent's.
    package func changes(at now: AgentTime) -> (opened: [Incident], grown: [IncidentMove]) {
        let holding =
            rules.holds ? Incident.Holding(probeAfter: rules.probeAfter, pace: rules.pace) : nil
        let opened = new.compactMap { finding -> Incident? in
            guard let first = finding.first, open[Incident.key(of: first)] == nil else { return nil }
            return Incident(
                key: Incident.key(of: first), traits: finding.traits, extent: finding.extent, holding: holding, at: now)
        }
        let grown = open.values.sorted { $0.key < $1.key }.compactMap { incident -> IncidentMove? in
            guard let extent = extents[incident.key], extent != incident.extent else { return nil }
            let isMuch =
                extent.failures >= incident.extent.failures * IncidentWatch.growth
                || extent.lastSeen >= incident.extent.lastSeen + IncidentWatch.worthWriting
            guard isMuch else { return nil }
            return IncidentMove(incident.key, incident.state, extent, failedProbes: incident.failedProbes)
        }
        return (opened, grown)
    }

    /// Those of which nothing failed any more for so long that they are over.
    package var quiet: [IncidentEnd] {
        open.values.sorted { $0.key < $1.key }.compactMap { incident in
            guard let extent = extents[incident.key], extent.lastSeen + rules.overAfter <= snapshot.now else {
                return nil
            }
            return IncidentEnd(incident, extent)
        }
    }
}
