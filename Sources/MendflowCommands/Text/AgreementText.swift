import MendflowCore
import MendflowOperations
import MendflowReview
import MendflowText

/// How far dry-run and people agreed: what a week of dry-run is for.
enum AgreementText {
    static func lines(_ report: ActivityReport) -> [ReportLine] {
        let it = report.agreement
        // What is really retried, people need not; then it is no comparison.
        guard !it.isEmpty, report.deeds.contains(where: { $0.state == .shadow }) || it.byPeople == 0 else {
            let since = it.before > 0 ? "since an agent looks here, " : ""
            let chains = it.byPeople == 0 ? "no chain" : it.byPeople.words("chain", "chains")
            let people: ReportLine = "  \(since)people retried \(chains) themselves\(both(it))"
            // Where nothing was done nor would have been, that is for want of policies.
            return [people] + before(it) + (report.deeds.isEmpty ? missed(it, "no policy would have") : [])
        }
        var lines: [ReportLine] = [ReportLine(StyledText("  \(sentence(it))", .acts))]
        for line in it.policies {
            let later = line.later > 0 ? ", \(line.later) later than people" : ""
            let words = "\(line.agreed) as people did\(later), \(line.more) more"
            lines.append(.row(of: "agreement", indent: 4, always: true, [StyledText(line.name), StyledText(words)]))
        }
        return lines + before(it) + missed(it, "dry-run would not have")
    }

    /// What the agent retried as well as people.
    private static func both(_ it: Agreement) -> String {
        it.both > 0 ? "; the agent retried \(it.both) of the \(it.byPeople) as well" : ""
    }

    /// What nobody could have retried before people did, for no agent looked yet.
    private static func before(_ it: Agreement) -> [ReportLine] {
        guard it.before > 0 else { return [] }
        let chains = it.before.words("chain was", "chains were")
        return [
            "  \(chains) retried by hand before an agent first looked here, as far as it has read, which says nothing of policies"
        ]
    }

    /// What people retried and nothing else would have, and why, by what was said last.
    private static func missed(_ it: Agreement, _ words: String) -> [ReportLine] {
        guard !it.missed.isEmpty else { return [] }
        let chains = (it.missed.values.reduce(0, +)).words("chain", "chains")
        let missed = it.missed.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        return ["  \(chains) that people retried and \(words), and what was said of them last:"]
            + missed.map { reason, count in
                // Of what nothing was decided about either is true.
                let words =
                    reason == .noPolicy ? "\(reason.words), or people were faster than the next look" : reason.words
                let cells: [StyledText] = ["\(count)", StyledText(reason.rawValue, .held), StyledText(words)]
                return .row(of: "missed by dry-run", indent: 4, always: true, cells)
            }
    }

    /// The sentence that somebody reads who has to decide.
    static func sentence(_ it: Agreement) -> String {
        guard it.byPeople > 0 else {
            let nobody = it.before > 0 ? "since an agent looks here, nobody retried by hand" : "nobody retried by hand"
            return "\(nobody); dry-run would have retried \(it.more.words("chain", "chains"))"
        }
        let ofThem = it.agreed + it.later == 0 ? "none of them" : "\(it.agreed) of them"
        let ofOne = it.agreed + it.later == 0 ? "would not have retried it" : "would have retried it"
        var words =
            "\(it.byPeople.words("chain was", "chains were")) retried by hand (\(it.healed) healed); dry-run "
            + (it.byPeople == 1 ? ofOne : "would have retried \(ofThem)")
        if let earlier = it.earlier { words += ", \(minutes(earlier)) earlier (median)" }
        if it.later > 0 { words += it.byPeople == 1 ? ", later than people" : ", \(it.later) later than people" }
        return words + ", and \(it.more) more" + both(it)
    }

    /// Nobody reads seconds here, where there are any minutes.
    private static func minutes(_ period: Period) -> Period {
        let grain = period >= .minutes(1) ? 60_000 : 1000
        return Period(milliseconds: period.milliseconds / Int64(grain) * Int64(grain))
    }
}
