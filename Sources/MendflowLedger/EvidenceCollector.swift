public import MendflowCore
import MendflowText

/// Writes slices of snapshots as evidence, and collects the pieces of them that the ledger does not hold.
public struct EvidenceCollector {
    /// The pieces that are new, each once.
    public private(set) var pieces: [EvidencePiece] = []
    private var new: Set<EvidenceHash> = []
    private let isKnown: (EvidenceHash) -> Bool
    /// Slices of runs that may leave in one request, by the first of the runs: they are large and the same.
    private var joint: [Set<ExecutionID>: EvidenceHash] = [:]

    /// Makes a collector; `isKnown` tells which pieces need not be written again.
    public init(isKnown: @escaping (EvidenceHash) -> Bool) { self.isKnown = isKnown }

    /// Takes a piece in, and answers its name.
    public mutating func note(_ piece: EvidencePiece) -> EvidenceHash {
        let hash = piece.hash
        if !isKnown(hash), new.insert(hash).inserted { pieces.append(piece) }
        return hash
    }

    /// Writes a slice of one pass's snapshot as evidence.
    public mutating func source(_ snapshot: Snapshot) -> DecisionEvidence.Source {
        let judged = snapshot.counted?.judged ?? []
        guard judged.count > 1 else { return .own(slice(snapshot)) }
        if let known = joint[judged] { return .joint(known) }
        let hash = note(EvidencePiece(slice(snapshot).stored, about: judged.min()))
        joint[judged] = hash
        return .joint(hash)
    }

    private mutating func slice(_ snapshot: Snapshot) -> EvidenceSlice {
        var slice = EvidenceSlice(judging: snapshot.counted?.judged ?? [])
        slice.groups = snapshot.counted?.groups ?? []
        slice.populations = snapshot.counted?.populations ?? []
        for row in snapshot.executions.values.sorted(by: { $0.id < $1.id }) {
            slice.rows.append(note(EvidencePiece(row.stored, about: row.id)))
        }
        let about = Set(snapshot.details.keys).union(snapshot.tags.keys).union(snapshot.unreadableTags)
            .union(snapshot.counted?.judged ?? [])
        slice.facts = about.sorted().compactMap { facts(of: $0, snapshot) }
        slice.workflows = snapshot.workflows.map { workflows in
            workflows.values.sorted { $0.id.text < $1.id.text }.map { note(EvidencePiece($0.stored, about: nil)) }
        }
        let workflows = Set(snapshot.newestSuccess.keys).union(snapshot.runTimes.keys)
        slice.histories = workflows.sorted { $0.text < $1.text }.map {
            EvidenceSlice.History($0, newestSuccess: snapshot.newestSuccess[$0], runTimes: snapshot.runTimes[$0])
        }
        return slice
    }

    private mutating func facts(of execution: ExecutionID, _ snapshot: Snapshot) -> EvidenceSlice.Facts? {
        var facts = EvidenceSlice.Facts(execution)
        if var detail = snapshot.details[execution] {
            (facts.createdAt, facts.failedAt) = (detail.createdAt, detail.error?.at)
            detail.createdAt = nil
            detail.error?.at = nil
            facts.detail = note(EvidencePiece(detail.stored, about: execution))
        }
        facts.tags = snapshot.tags[execution]
        facts.hidesTags = snapshot.unreadableTags.contains(execution)
        facts.firstSeen = snapshot.firstSeen[execution]
        facts.lastSeenWaiting = snapshot.lastSeenWaiting[execution]
        facts.wasSeenLive = snapshot.seenLive.contains(execution)
        return facts == EvidenceSlice.Facts(execution) ? nil : facts
    }
}
