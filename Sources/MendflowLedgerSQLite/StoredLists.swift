internal import MendflowCore
internal import MendflowLedger

/// Lists that are read and written whole, kept as canonical JSON in one column.
enum StoredLists {
    static func encode(_ texts: [String]) -> SQLiteValue { encode(.texts(texts)) }

    static func texts(_ stored: String, of what: String) throws(LedgerFailure) -> [String] {
        var texts: [String] = []
        for element in try list(stored, of: what) {
            guard case .text(let text) = element else { throw .corrupt(what) }
            texts.append(text)
        }
        return texts
    }

    static func encode(_ live: [TickState.Live]) -> SQLiteValue {
        encode(
            .list(
                live.map { live in
                    let execution = live.execution
                    return .object([
                        "id": .text(execution.id.text), "workflow": .text(execution.workflow.text),
                        "status": .text(execution.status.rawValue), "mode": .text(execution.mode.word),
                        "retry_of": .optional(execution.retryOf?.text),
                        "retry_success": .optional(execution.retrySuccess?.text),
                        "created": .optional(execution.createdAt), "started": .optional(execution.startedAt),
                        "stopped": .optional(execution.stoppedAt), "wait_till": .optional(execution.waitTill),
                        "first_seen": .optional(live.firstSeen), "last_waiting": .optional(live.lastSeenWaiting),
                    ])
                }))
    }

    static func live(_ stored: String, of what: String) throws(LedgerFailure) -> [TickState.Live] {
        var live: [TickState.Live] = []
        for element in try list(stored, of: what) {
            guard case .object(let members) = element, let id = members["id"]?.text,
                let workflow = members["workflow"]?.text,
                let status = members["status"]?.text.flatMap({ ExecutionStatus(rawValue: $0) }),
                let mode = members["mode"]?.text, let firstSeen = members["first_seen"]?.time
            else { throw .corrupt(what) }
            let execution = Execution(
                id: ExecutionID(id), workflow: WorkflowID(workflow), status: status, mode: ExecutionMode(mode),
                retryOf: members["retry_of"]?.text.map { ExecutionID($0) },
                retrySuccess: members["retry_success"]?.text.map { ExecutionID($0) },
                createdAt: members["created"]?.time, startedAt: members["started"]?.time,
                stoppedAt: members["stopped"]?.time, waitTill: members["wait_till"]?.time)
            live.append(
                TickState.Live(
                    execution: execution, firstSeen: firstSeen, lastSeenWaiting: members["last_waiting"]?.time))
        }
        return live
    }

    static func encode(_ sightings: [TickState.Sighting]) -> SQLiteValue {
        encode(.list(sightings.map { .object(["id": .text($0.id.text), "at": .optional($0.at)]) }))
    }

    static func sightings(_ stored: String, of what: String) throws(LedgerFailure) -> [TickState.Sighting] {
        var found: [TickState.Sighting] = []
        for element in try list(stored, of: what) {
            guard case .object(let members) = element, let id = members["id"]?.text, let at = members["at"]?.time else {
                throw .corrupt(what)
            }
            found.append(TickState.Sighting(id: ExecutionID(id), at: at))
        }
        return found
    }

    static func encode(_ fingerprints: [InstanceBaseline.Fingerprint]) -> SQLiteValue {
        encode(
            .list(
                fingerprints.map {
                    .object([
                        "id": .text($0.id.text), "workflow": .text($0.workflow.text),
                        "started": .optional($0.startedAt),
                    ])
                }))
    }

    static func fingerprints(
        _ stored: String, of what: String
    ) throws(LedgerFailure) -> [InstanceBaseline.Fingerprint] {
        var found: [InstanceBaseline.Fingerprint] = []
        for element in try list(stored, of: what) {
            guard case .object(let members) = element, let id = members["id"]?.text,
                let workflow = members["workflow"]?.text
            else { throw .corrupt(what) }
            found.append(
                InstanceBaseline.Fingerprint(
                    id: ExecutionID(id), workflow: WorkflowID(workflow), startedAt: members["started"]?.time))
        }
        return found
    }

    static func encode(_ bulk: BulkStopCall) -> SQLiteValue {
        encode(
            .list([
                .object([
                    "statuses": .texts(bulk.request.statuses.map(\.rawValue)),
                    "workflow": .optional(bulk.request.workflow?.text),
                    "started_after": .optional(bulk.request.startedAfter),
                    "started_before": .optional(bulk.request.startedBefore),
                    "predicted": .texts(bulk.predicted.map(\.text)),
                ])
            ]))
    }

    static func bulk(_ stored: String, of what: String) throws(LedgerFailure) -> BulkStopCall {
        guard case .object(let members)? = try list(stored, of: what).first,
            let statuses = members["statuses"]?.texts?.compactMap({ ExecutionStatus(rawValue: $0) }),
            !statuses.isEmpty, let predicted = members["predicted"]?.texts
        else { throw .corrupt(what) }
        return BulkStopCall(
            request: BulkStopRequest(
                statuses: statuses, workflow: members["workflow"]?.text.map { WorkflowID($0) },
                startedAfter: members["started_after"]?.time, startedBefore: members["started_before"]?.time),
            predicted: predicted.map { ExecutionID($0) })
    }

    private static func encode(_ value: AuditValue) -> SQLiteValue {
        .text(String(decoding: CanonicalJSON.encode(value), as: UTF8.self))
    }

    private static func list(_ stored: String, of what: String) throws(LedgerFailure) -> [AuditValue] {
        guard case .list(let elements)? = try? CanonicalJSON.decode(Array(stored.utf8)) else { throw .corrupt(what) }
        return elements
    }
}

extension AuditValue {
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var texts: [String]? {
        guard case .list(let elements) = self else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : nil
    }
    var time: Timestamp? { if case .integer(let time) = self { Timestamp(milliseconds: time) } else { nil } }
}
