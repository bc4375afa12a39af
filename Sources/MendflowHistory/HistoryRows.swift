private import CSimdJSON
public import MendflowCore

/// A line of a history that cannot be read.
public struct HistoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line, from 1, and what is wrong with it.
    public var line: Int, reason: String
    /// Line and reason.
    public var description: String { "line \(line): \(reason)" }
}

/// Reads recorded executions: one list row of n8n's API per line.
public enum HistoryRows {
    /// The lines of a text with their numbers from 1; blank ones are left out, and a byte order mark at its beginning.
    public static func lines(_ bytes: [UInt8]) -> [(number: Int, text: ArraySlice<UInt8>)] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        return text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.allSatisfy(isBlank) }.map { ($0.offset + 1, $0.element) }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// The rows of a text, in its order.
    public static func read(_ bytes: [UInt8]) throws(HistoryError) -> [Execution] {
        guard let parser = unsafe csimdjson_create() else { throw HistoryError(line: 0, reason: "no memory") }
        defer { unsafe csimdjson_free(parser) }
        var rows: [Execution] = []
        for (number, line) in lines(bytes) {
            var row = unsafe csimdjson_row()
            let fault = unsafe line.withUnsafeBytes { text in
                unsafe csimdjson_read_row(
                    parser, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, &row)
            }
            if let fault = unsafe fault { throw HistoryError(line: number, reason: unsafe String(cString: fault)) }
            guard let execution = unsafe execution(row) else {
                throw HistoryError(line: number, reason: "a row needs id, workflowId, status and mode")
            }
            rows.append(execution)
        }
        return rows
    }

    private static func execution(_ row: csimdjson_row) -> Execution? {
        guard let id = unsafe text(row.id), let workflow = unsafe text(row.workflow_id),
            let status = unsafe text(row.status), let mode = unsafe text(row.mode)
        else { return nil }
        return Execution(
            id: ExecutionID(id), workflow: WorkflowID(workflow), status: ExecutionStatus(api: status),
            mode: ExecutionMode(mode), retryOf: unsafe text(row.retry_of).map { ExecutionID($0) },
            retrySuccess: unsafe text(row.retry_success_id).map { ExecutionID($0) },
            createdAt: unsafe text(row.created_at).flatMap { Timestamp(rfc3339: $0) },
            startedAt: unsafe text(row.started_at).flatMap { Timestamp(rfc3339: $0) },
            stoppedAt: unsafe text(row.stopped_at).flatMap { Timestamp(rfc3339: $0) },
            waitTill: unsafe text(row.wait_till).flatMap { Timestamp(rfc3339: $0) })
    }

    private static func text(_ text: csimdjson_text) -> String? {
        guard let bytes = unsafe text.bytes else { return nil }
        return unsafe bytes.withMemoryRebound(to: UInt8.self, capacity: text.count) { start in
            unsafe String(decoding: UnsafeBufferPointer(start: start, count: text.count), as: UTF8.self)
        }
    }
}
