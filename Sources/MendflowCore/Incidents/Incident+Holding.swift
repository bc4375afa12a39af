extension Incident {
    /// The longest time from one probe that failed to the next.
    private static let longestWait = Period.hours(1)

    /// When the next of its runs may be tried.
    package func nextProbe(_ clock: ClockOffset) -> ServerTime {
        guard let holding else { return clock.server(since) }
        return clock.server(since) + wait(holding)
    }

    /// How long it stands open before one of its runs is tried.
    private func wait(_ holding: Holding) -> Period {
        let doubled = Period(milliseconds: holding.probeAfter.milliseconds << Int64(min(failedProbes, 10)))
        return min(doubled, max(Incident.longestWait, holding.probeAfter))
    }

    /// Of one that is being tried: since when it counts as open where that was not sent after all. Its time had come then, so
    /// that the next of its runs need not wait for it again.
    package var sinceUntried: AgentTime { holding.map { since - wait($0) } ?? since }

    /// Whether a failed run belongs to it, by its evidence.
    func covers(_ subject: Subject) -> Bool {
        guard let end = subject.row.endedAt, end >= extent.firstSeen,
            subject.row.status == .error || subject.row.status == .crashed
        else { return false }
        if subject.row.status == .crashed { return traits == IncidentTraits(traits.compared, errorClass: .crash) }
        guard let detail = subject.cache.detail else { return false }
        return traits == IncidentTraits(traits.compared, subject.row.status, subject.classification, detail)
    }
}

extension LedgerView {
    /// The incident that holds retries of a failed run; nil where none does.
    func incident(holding subject: Subject) -> String? {
        guard !incidents.isEmpty else { return nil }
        return incidents.values.filter { $0.holding != nil && $0.covers(subject) }.map(\.key).min()
    }
}

extension Intent {
    /// Whether it is what dry-run would try of an incident: how that ends nobody can know.
    func probes(_ incident: Incident) -> Bool {
        draft.incident == incident.key && state == .shadow && reservedAt >= incident.since
    }
}

/// What became of the retries that an incident let go since it stands as it does.
package struct IncidentProgress: Sendable, Hashable {
    /// How many succeeded and failed.
    package private(set) var succeeded = 0, failed = 0
    /// What became of the run that was tried; nil while that is not known.
    package private(set) var probe: Probe?

    /// What became of the run that was tried.
    package enum Probe: Sendable, Hashable {
        /// It healed; it failed again; nobody answered; it was not sent after all.
        case healed, failed, unanswered, notSent
    }

    /// Counts what a view holds of an incident.
    package init(_ incident: Incident, _ view: LedgerView, _ snapshot: Snapshot) {
        var wasTried = false
        for intent in view.intents
        where intent.draft.incident == incident.key && intent.reservedAt >= incident.since && !intent.draft.isShadow {
            let isProbe = intent.draft.execution == incident.probe
            wasTried = wasTried || isProbe
            switch intent.outcome(view, snapshot) {
            case .succeeded:
                succeeded += 1
                if isProbe { probe = .healed }
            case .failed:
                failed += 1
                if isProbe { probe = intent.state == .unresolved ? .unanswered : .failed }
            case .none: if isProbe { probe = .notSent }
            case .pending: break
            }
        }
        if !wasTried { probe = .notSent }
    }

    /// Whether what is let go fails again: more of it than succeeds, the run that was tried first counted.
    package var isFailing: Bool { failed >= 2 && failed > succeeded + 1 }
}
