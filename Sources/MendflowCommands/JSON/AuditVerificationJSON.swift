import MendflowLedger

/// What a check of the audit log found, as JSON.
struct AuditVerificationJSON: Encodable {
    var records: Int64, intact: Bool, fault: String?, firstBad: Int64?, head: String
    var segments: [SegmentJSON]?, segmentsRead: Bool?, headIn: String?

    init(_ found: AuditVerification) {
        records = found.count
        intact = found.isIntact
        fault = found.fault?.description
        firstBad = found.fault?.sequence
        head = found.head.description
        guard !found.segments.isEmpty else { return }
        (segments, segmentsRead) = (found.segments.map(SegmentJSON.init), found.areSegmentsRead)
        headIn = found.expectedIn?.file
    }
}
