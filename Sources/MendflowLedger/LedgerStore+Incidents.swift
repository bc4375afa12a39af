package import MendflowCore

extension LedgerStore {
    /// So many records are read at a time, and so many times at most.
    private static var chunk: Int64 { 500 }
    private static var mostChunks: Int { 40 }

    /// The ends of an instance's incidents since a time, as far back as the newest records tell, the newest first. Of what
    /// is over the state holds nothing.
    package func endsOfIncidents(
        of instance: InstanceKey, since: AgentTime, before head: Int64
    ) async throws(LedgerFailure) -> [IncidentEnd] {
        var found: [IncidentEnd] = []
        var last = head
        for _ in 0..<Self.mostChunks where last > 0 {
            let first = max(0, last - Self.chunk)
            let records = try await records(after: first, limit: Int(last - first))
            for record in records.reversed() {
                // Most records are of another kind, and are not read whole.
                guard let read = try? CanonicalRecord(bytes: record.bytes).record else { continue }
                if read.at < since { return found }
                guard read.kind == .incident, case .incidentOver(instance, let end) = try record.entry().event else {
                    continue
                }
                found.append(end)
            }
            last = first
        }
        return found
    }
}
