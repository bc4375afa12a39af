typealias Execution = Simulator.Execution

extension Simulator {
    /// A row of the executions table with its data.
    public struct Execution: Sendable {
        /// The number in the one sequence over all workflows; the API writes it as a string.
        public var id: Int
        /// The workflow's id.
        public var workflowID: String
        /// `webhook`, `trigger`, `manual`, `integrated`, `retry`, `error` ...
        public var mode: String
        /// The status.
        public var status: Status
        /// When the row was made, in milliseconds since 1970.
        public var createdAt: Int64
        /// When the run began; nil while queued.
        public var startedAt: Int64?
        /// When it ended, or fell asleep last.
        public var stoppedAt: Int64?
        /// When it wakes; only while waiting.
        public var waitTill: Int64?
        /// The execution that this one retries.
        public var retryOf: Int?
        /// The newest retry of this one that was seen to end well.
        public var retrySuccessID: Int?
        /// The version that ran; nil on a retry of the snapshot.
        public var workflowVersionID: String?
        /// What ran (`workflowData`).
        public var snapshot: JSON
        /// What it has done so far (`data`). Nil if plausible data is to be made when it is read, or if nobody recorded
        /// it (`isDataUnknown`).
        public var data: JSON?
        /// What the workflow noted.
        public var customData: JSON = [:]
        /// Ids of its annotation tags.
        public var tags: [String] = []
        /// Whether it was ever annotated, which exempts it from pruning.
        public var isAnnotated = false
        /// Whether its data is above the display limit.
        public var isTooLarge = false
        /// Whether nobody recorded its data, so that it cannot be shown.
        public var isDataUnknown = false
        /// The size of its data as a server gave it; nil for a plausible one.
        public var recordedSize: Int?
        /// Whether reading its data makes the server answer 500.
        public var isUnreadable = false
        /// The parent's execution, for a sub-workflow's.
        public var parent: Int?

        /// Whether it ran to its end and counts as failed all the same: its data kept an error of the run before.
        public var ranToItsEnd = false

        /// n8n's `finished`: true after success, and where a run went to its end with an older error in its data.
        public var finished: Bool { status == .success || ranToItsEnd }
    }
}

/// The sentinel for "until an event comes": the year 3000.
let untilEvent: Int64 = 32_503_680_000_000

extension Simulator.Execution {
    /// The ten keys of a list row.
    var row: Simulator.JSON {
        [
            "id": .string(String(id)), "finished": .bool(finished), "mode": .string(mode),
            "retryOf": .init(retryOf.map(String.init)), "retrySuccessId": .init(retrySuccessID.map(String.init)),
            "status": .string(status.rawValue), "startedAt": .init(time: startedAt),
            "stoppedAt": .init(time: stoppedAt),
            "workflowId": .string(workflowID), "waitTill": .init(time: waitTill),
        ]
    }

    /// What `GET /executions/{id}` answers without data.
    func fields(_ release: Simulator.Release) -> Simulator.JSON {
        var fields: Simulator.JSON = [
            "id": .string(String(id)), "finished": .bool(finished), "mode": .string(mode),
            "retryOf": .init(retryOf.map(String.init)), "retrySuccessId": .init(retrySuccessID.map(String.init)),
            "status": .string(status.rawValue), "createdAt": .init(time: createdAt),
            "startedAt": .init(time: startedAt), "stoppedAt": .init(time: stoppedAt), "deletedAt": nil,
            "workflowId": .string(workflowID), "waitTill": .init(time: waitTill),
        ]
        guard release.isSecond else { return fields }
        fields["storedAt"] = "db"
        fields["tracingContext"] = .null
        fields["deduplicationKey"] = .null
        fields["jsonSizeBytes"] = .int(Int64(size))
        if release.isExact { fields["binaryDataSizeBytes"] = 0 }
        fields["workflowVersionId"] = .init(workflowVersionID)
        if release.isExact { fields["usedPrivateCredentials"] = false }
        return fields
    }

    /// A plausible size of the stored data, without writing it out.
    private var size: Int {
        if let recordedSize { return recordedSize }
        return isTooLarge ? 150_000_000 : 2_000 + 1_900 * (data?["resultData"]?["runData"]?.object?.fields.count ?? 0)
    }

    /// The workflow's own time-out in milliseconds.
    var timeout: Int64? {
        guard let seconds = snapshot["settings"]?["executionTimeout"]?.integer, seconds > 0 else { return nil }
        return seconds * 1_000
    }
}
