import MendflowCore
import MendflowHistory
import MendflowText

// What a backtest cannot see.
extension ReportMaker {
    var blindSpots: [String] {
        var spots: [String] = []
        func tell(_ count: Int, _ one: String, _ many: String) {
            if count > 0 { spots.append(count.words(one, many)) }
        }
        tell(
            seen.withoutData.count,
            "failed run whose data the history does not hold: it is decided as one that cannot be read",
            "failed runs whose data the history does not hold: they are decided as such that cannot be read")
        tell(seen.undated, "row without any time: it is left out", "rows without any time: they are left out")
        func tell(_ kind: HistoryFinding.Kind, _ one: String, _ many: String) {
            guard let first = history.findings.first(kind).first else { return }
            let count = history.findings.count(kind)
            let place = "\(count == 1 ? "" : "the first ")at \(first.place): \(first.done)"
            spots.append("\(count.words(one, many)), \(place)")
        }
        tell(.damaged, "line that cannot be read", "lines that cannot be read")
        tell(
            .dataWithoutRow, "execution of which there is data and no row",
            "executions of which there is data and no row")
        tell(.unreadableTime, "time that cannot be read", "times that cannot be read")
        tell(.conflict, "row that contradicts an earlier one", "rows that contradict earlier ones of their executions")
        tell(
            seen.contradictions.count, "execution that the history tells in two ways: the first is taken",
            "executions that the history tells in two ways: the first is taken")
        let unnamed = Set(history.rows.map(\.workflow)).subtracting(history.workflows.keys).count
        tell(
            unnamed, "workflow that the history does not describe: its name and tags are unknown",
            "workflows that the history does not describe: their names and tags are unknown")
        if policies.policies.contains(where: { $0.remediation == .delete }) {
            spots.append("deletions of what is older than the look-back are not played through")
        }
        tell(
            result.fates.values.count { $0.end == .healedUnkept },
            "chain that a retry healed which n8n did not keep: who sent it and when is not known, so that it counts as nobody's",
            "chains that retries healed which n8n did not keep: who sent them and when is not known, so that they count as nobody's"
        )
        if let words = RetrySenders(history).words { spots.append(words) }
        spots.append("workflows are taken as they are now, and annotation tags as if nobody had set any")
        return spots
    }
}
