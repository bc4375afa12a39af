public import MendflowCore
import MendflowText

/// Reads slices of snapshots back from evidence.
public struct EvidenceReader: Sendable {
    private let pieces: [EvidenceHash: EvidencePiece]

    /// Makes a reader of everything that plannings have written.
    public init(_ plannings: [Planning]) {
        pieces = Dictionary(plannings.flatMap(\.pieces).map { ($0.hash, $0) }) { first, _ in first }
    }

    /// A piece by its name; nil where it was not written.
    public func piece(_ hash: EvidenceHash) -> EvidencePiece? { pieces[hash] }

    /// The slice that a decision of a planning was made from, for one pass.
    ///
    /// - Throws: `corrupt` where a piece is missing, or is none that this version writes.
    public func snapshot(
        _ source: DecisionEvidence.Source, _ planning: Planning, _ instance: InstanceKey
    ) throws(LedgerFailure) -> Snapshot {
        do throws(MalformedRecord) {
            switch source {
            case .own(let slice): return try snapshot(slice, planning, instance)
            case .joint(let hash): return try snapshot(try EvidenceSlice(try value(hash)), planning, instance)
            }
        } catch { throw .corrupt("evidence: \(error.description)") }
    }

    private func snapshot(
        _ slice: EvidenceSlice, _ planning: Planning, _ instance: InstanceKey
    ) throws(MalformedRecord) -> Snapshot {
        var snapshot = planning.snapshot(of: instance, judging: slice.judged)
        snapshot.counted?.groups = slice.groups
        snapshot.counted?.populations = slice.populations
        for hash in slice.rows {
            let row = try EvidenceReader.row(try value(hash))
            snapshot.executions[row.id] = row
        }
        for facts in slice.facts { try add(facts, to: &snapshot) }
        snapshot.workflows = slice.workflows == nil ? nil : [:]
        for hash in slice.workflows ?? [] {
            let workflow = try WorkflowInfo(try value(hash))
            snapshot.workflows?[workflow.id] = workflow
        }
        for history in slice.histories {
            snapshot.newestSuccess[history.workflow] = history.newestSuccess
            snapshot.runTimes[history.workflow] = history.runTimes
        }
        return snapshot
    }

    fileprivate static func row(_ value: JSONValue) throws(MalformedRecord) -> Execution {
        var fields = try Fields(value)
        let row = try Execution(&fields)
        try fields.finish()
        return row
    }

    private func add(_ facts: EvidenceSlice.Facts, to snapshot: inout Snapshot) throws(MalformedRecord) {
        let id = facts.execution
        if let hash = facts.detail {
            var detail = try ExecutionDetail(try value(hash))
            detail.createdAt = facts.createdAt
            detail.error?.at = facts.failedAt
            snapshot.details[id] = detail
        }
        snapshot.tags[id] = facts.tags
        if facts.hidesTags { snapshot.unreadableTags.insert(id) }
        snapshot.firstSeen[id] = facts.firstSeen
        snapshot.lastSeenWaiting[id] = facts.lastSeenWaiting
        if facts.wasSeenLive { snapshot.seenLive.insert(id) }
    }

    private func value(_ hash: EvidenceHash) throws(MalformedRecord) -> JSONValue {
        guard let piece = pieces[hash] else { throw MalformedRecord("piece \(hash) is not there") }
        return piece.value
    }
}

extension EvidencePiece {
    /// The row that it is; nil where it is something else.
    public var row: Execution? {
        guard execution != nil, case .object(let members) = value, members["id"] != nil else { return nil }
        return try? EvidenceReader.row(value)
    }
}
