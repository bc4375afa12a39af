import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit

// Whether what fails together is held together: when an incident holds its ledger says, what was sent and what came of it n8n's
// own record does.
extension Judge {
    /// While an incident is open nothing of it is sent but one run at a time that is tried, and none before its time; it drains
    /// only where that one has healed, and no faster than at its pace.
    static let incidentsHold = Judge("incidents") { evidence in
        guard evidence.watchesIncidents else { return [] }
        var held: [String: HeldIncident] = [:]
        var broken: [String] = []
        for sealed in try await evidence.store.records(after: 0, limit: .max) {
            let entry = try sealed.entry()
            switch entry.event {
            case .incidentOpened(_, let incident):
                held[incident.key] = HeldIncident(incident, evidence, at: entry.at)
            case .incidentOver(_, let end): held[end.key] = nil
            case .incidentMoved(_, let move): broken += held[move.key]?.move(move, evidence, at: entry.at) ?? []
            case .reserved(let reservation) where reservation.draft.action == .retry && !reservation.draft.isShadow:
                guard let send = evidence.send(of: reservation.draft, since: entry.at) else {
                    // What was to be tried was not sent: that it is not the ledger says next.
                    if let name = reservation.draft.incident {
                        held[name]?.tried(reservation.draft.execution, isSent: false, at: entry.at)
                    }
                    continue
                }
                for key in held.keys.sorted()
                where held[key]?.covers(send) ?? false || key == reservation.draft.incident {
                    broken += held[key]?.sent(send, at: entry.at) ?? []
                }
            default: continue
            }
        }
        return broken
    }

    /// What fails together is found, where the agent lived to look at it a few times before it was over.
    static let incidentsFound = Judge("incidents-found") { evidence in
        guard evidence.watchesIncidents, !evidence.world.plan.hidesData else { return [] }
        var ticks: [AgentTime] = []
        var incidents: [String: (ailment: SeedAilment?, from: AgentTime, to: AgentTime)] = [:]
        for sealed in try await evidence.store.records(after: 0, limit: .max) {
            let entry = try sealed.entry()
            switch entry.event {
            case .tick: ticks.append(entry.at)
            case .incidentOpened(_, let incident):
                let end = AgentTime(milliseconds: .max)
                incidents[incident.key] = (SeedAilment(of: incident, evidence), entry.at, end)
            case .incidentOver(_, let end): incidents[end.key]?.to = entry.at
            default: continue
            }
        }
        return evidence.firstFailures.compactMap { ailment, ends in
            let clusters = ends.indices.dropFirst(3).filter { ends[$0] - ends[$0 - 3] <= .minutes(9) }
            guard let first = clusters.first.map({ ends[$0] }) else { return nil }
            // The last before a time without any that is long enough for it to be over.
            let last =
                zip(ends, ends.dropFirst()).first { $0 >= first && $1 - $0 >= SeedWorld.overAfter }?.0 ?? ends.last
            let looks = ticks.filter { $0 > first && $0 < (last ?? first) + SeedWorld.overAfter - .minutes(1) }
            // Of one whose first runs are gone nobody can tell what they failed of.
            let isFound = incidents.values.contains { $0.ailment ?? ailment == ailment && $0.to >= first }
            return looks.count < 4 || isFound
                ? nil
                : "from \(first) on runs fail together (\(ailment)), and no incident opened in \(looks.count) ticks"
        }
    }

    /// No failure is counted in an incident that was counted in one before.
    static let incidentsOnce = Judge("incidents-once") { evidence in
        guard evidence.watchesIncidents else { return [] }
        var seen: [IncidentTraits: [Incident.Extent]] = [:]
        var broken: [String] = []
        for sealed in try await evidence.store.records(after: 0, limit: .max) {
            switch try sealed.entry().event {
            case .incidentOpened(_, let incident):
                let again = evidence.database.ids.sorted().filter { id in
                    let id = ExecutionID("\(id)")
                    return incident.extent.members.contains(id)
                        && seen[incident.traits]?.contains { $0.members.contains(id) } ?? false
                }
                if !again.isEmpty {
                    broken.append("\(incident.key) opened with \(again), which an earlier one has counted")
                }
                seen[incident.traits, default: []].append(incident.extent)
            case .incidentOver(_, let end): seen[end.traits, default: []].append(end.extent)
            default: continue
            }
        }
        return broken
    }

    /// Nothing waits for an incident hours after what failed was well again, and none goes on with nothing left of it.
    static let incidentsEnd = Judge("incidents-end") { evidence in
        guard evidence.watchesIncidents else { return [] }
        // What becomes of a chain is told by its newest run.
        let newest = Dictionary(evidence.database.ids.map { (evidence.root($0), $0) }) { max($0, $1) }
        let waiting = newest.values.sorted().filter { id in
            !evidence.hidden.contains(id)
                && evidence.view.verdicts[ExecutionID("\(id)")]?.parts.contains { $0.phase == .held(.incident) }
                    ?? false
        }
        // A hundred runs that are let go two at a time take longer than any peace here.
        let released = evidence.intents.lazy.filter { $0.draft.incident != nil }.map(\.reservedAt).max()
        if let released, released + .minutes(20) > evidence.world.clock.now() { return [] }
        let limit = evidence.peaceful(for: .minutes(150))
        // Nor is it the incident that keeps a run waiting where so many of our retries go on as may, or older ones, of it
        // or not, take their places one after the other.
        let lately = evidence.world.clock.now() - .minutes(20)
        // Of a crash n8n tells no end.
        let over = Set(
            evidence.deeds.compactMap { deed in
                if case .ended(let id, _) = deed.what, deed.at < lately.milliseconds { id } else { nil }
            })
        let going = evidence.ours.count { deed in
            guard case .retried(_, let child) = deed.what else { return false }
            return evidence.database[child] != nil && !over.contains(child)
        }
        if going >= InstanceLimits().maxInFlight { return [] }
        let reached = evidence.intents.lazy.filter { $0.draft.action == .retry && $0.reservedAt > lately }
            .compactMap { Int($0.draft.execution.text).flatMap { evidence.database[$0]?.stoppedAt } }.max()
        var broken = waiting.filter { id in
            let ended = evidence.database[id]?.stoppedAt ?? .max
            return ended < limit && ended < reached ?? .max
        }.map {
            "execution \($0) waits for an incident, and what it calls is well for hours"
        }
        guard waiting.isEmpty else { return broken }
        let quiet = evidence.peaceful(for: .minutes(60))
        for incident in evidence.view.incidents.values.sorted(by: { $0.key < $1.key }) {
            guard let ailment = SeedAilment(of: incident, evidence) else { continue }
            let last = evidence.database.ids.compactMap { id -> Int64? in
                guard let row = evidence.database[id], row.retryOf == nil, SeedAilment(row) == ailment else {
                    return nil
                }
                return row.stoppedAt
            }.max()
            if incident.state != .probing, last ?? 0 < quiet {
                broken.append("\(incident.key) goes on, and nothing fails")
            }
        }
        return broken
    }
}

extension SeedPlan {
    /// Whether data or lists may not be read for long.
    fileprivate var hidesData: Bool {
        kind.rateLimit != nil || faults.contains { $0.during != nil }
            || events.contains { if case .dataUnreadable = $0.what { true } else { false } }
    }
}

/// What a run failed of, by n8n's own record.
private enum SeedAilment {
    case host, credential, limit, service, process

    init?(_ status: Simulator.Status?, _ httpCode: String?) {
        switch (status, httpCode) {
        case (.crashed, _): self = .process
        case (.error, "502"), (.error, "503"): self = .host
        case (.error, "401"): self = .credential
        case (.error, "429"): self = .limit
        case (.error, "ECONNREFUSED"): self = .service
        default: return nil
        }
    }

    init?(_ row: Simulator.Execution) {
        self.init(row.status, row.data?["resultData"]?["error"]?["httpCode"]?.text)
    }

    /// What the first of its runs that n8n has still failed of; nil where the agent could not read that.
    init?(of incident: Incident, _ evidence: SeedEvidence) {
        guard incident.traits.errorClass == .crash || incident.traits.host != nil else { return nil }
        let found = evidence.database.ids.sorted().lazy.filter {
            incident.extent.members.contains(ExecutionID("\($0)"))
        }.compactMap { evidence.database[$0].flatMap { SeedAilment($0) } }.first
        guard let found else { return nil }
        self = found
    }
}

/// An incident that goes on, as the ledger tells of it.
private struct HeldIncident {
    private let key: String, ailment: SeedAilment?, firstSeen: Int64
    private var state: Incident.State, since: AgentTime
    private var probe: ExecutionID?
    /// Since when it had stood open, where what was to be tried was not sent: that is no try that failed.
    private var sinceUntried: AgentTime?
    /// What was sent since it drains.
    private var drained: [Period] = []

    init(_ incident: Incident, _ evidence: SeedEvidence, at time: AgentTime) {
        key = incident.key
        ailment = SeedAilment(of: incident, evidence)
        firstSeen = incident.extent.firstSeen.milliseconds
        (state, since) = (.open, time)
    }

    /// Whether a run that was retried belongs to it.
    func covers(_ send: SeedSend) -> Bool {
        guard let ailment, let end = send.stoppedAt else { return false }
        return SeedAilment(send.status, send.httpCode) == ailment && end >= firstSeen
    }

    /// One of its runs is tried.
    mutating func tried(_ execution: ExecutionID, isSent: Bool, at time: AgentTime) {
        guard state == .open else { return }
        sinceUntried = isSent ? nil : since
        (state, since, probe) = (.probing, time, execution)
    }

    /// One of its runs was sent; gives back what was wrong with that.
    mutating func sent(_ send: SeedSend, at time: AgentTime) -> [String] {
        switch state {
        case .open:
            let waited = time - since
            tried(send.execution, isSent: true, at: time)
            return waited < SeedWorld.probeAfter - .seconds(10)
                ? ["of \(key) \(send.execution) was tried \(waited) after it opened, or the last failed"] : []
        case .probing:
            return ["of \(key) \(send.execution) was sent while \(probe?.text ?? "another") was tried"]
        case .draining:
            drained.append(send.lived)
            let lately = drained.filter { send.lived - $0 < .minutes(SeedWorld.pace.per.milliseconds / 120_000) }
            return lately.count > SeedWorld.pace.amount
                ? ["of \(key) \(lately.count) were sent up to \(send.lived), faster than at its pace"] : []
        }
    }

    /// It is said to stand otherwise; gives back what contradicts that.
    mutating func move(_ move: IncidentMove, _ evidence: SeedEvidence, at time: AgentTime) -> [String] {
        defer {
            // More runs may come to belong to it while one is tried.
            if state != move.state {
                since = move.state == .open ? sinceUntried ?? time : time
                (state, sinceUntried) = (move.state, nil)
            }
        }
        guard move.state == .draining, state != .draining else { return [] }
        drained = []
        let hasHealed = probe.map { evidence.healed($0, by: time) } ?? false
        return hasHealed ? [] : ["\(key) drains, and \(probe?.text ?? "nothing that was tried") had not healed"]
    }
}

extension SeedEvidence {
    /// Whether incidents are looked for, and times and ids mean what they seem to.
    fileprivate var watchesIncidents: Bool {
        SeedPlan.hasIncidents(world.plan.seed) && isTimely && view.alarm == nil
    }

    /// When runs that n8n has still ended, and failed of what: those that nobody retried, oldest first, by the agent's clock.
    fileprivate var firstFailures: [(SeedAilment, [AgentTime])] {
        let ahead = world.box.withSimulator { $0.configuration.clockAhead }
        var found: [SeedAilment: [AgentTime]] = [:]
        for id in database.ids {
            guard let row = database[id], row.retryOf == nil, let ailment = SeedAilment(row), let end = row.stoppedAt
            else { continue }
            found[ailment, default: []].append(AgentTime(milliseconds: end - ahead))
        }
        return found.map { ($0, $1.sorted()) }.sorted { $0.1[0] < $1.1[0] }
    }

    /// The request that was sent for what was reserved at a time; nil where none was.
    fileprivate func send(of draft: IntentDraft, since time: AgentTime) -> SeedSend? {
        let intent = intents.first {
            $0.draft.execution == draft.execution && $0.draft.action == .retry && $0.reservedAt == time
        }
        guard let key = intent?.key?.text else { return nil }
        // What was refused for n8n's limit of requests is sent again under the same key.
        return noted.sends.first { $0.key == key && $0.action == .retry && $0.at >= time - apart }
    }

    /// Whether a retry of ours of an execution had succeeded by a time.
    fileprivate func healed(_ execution: ExecutionID, by time: AgentTime) -> Bool {
        var children: Set<Int> = []
        for deed in deeds where deed.at <= time.milliseconds {
            switch deed.what {
            case .retried(let id, let child) where ExecutionID("\(id)") == execution: children.insert(child)
            case .ended(let id, .success) where children.contains(id): return true
            default: continue
            }
        }
        return false
    }
}
