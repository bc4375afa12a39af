import MendflowCore
import MendflowLedger
import MendflowText

/// The lines that a history export consists of: rows as n8n's list shows them, evidence as the ledger keeps it.
///
/// Data of executions is not kept as n8n answers it, for it holds whatever ran through a workflow: what is kept is what
/// decisions look at, bounded and without secrets, in the form in which it stands in the record.
enum HistoryLines {
    /// Whether a line is of an export's own kind.
    static func isEvidence(_ line: some Collection<UInt8>) -> Bool {
        line.starts(with: #"{"detail":"#.utf8) || line.starts(with: #"{"workflow":{"#.utf8)
            || line.starts(with: #"{"agent":{"#.utf8)
    }

    /// A row.
    static func line(_ row: Execution) -> String {
        var line = JSONWriter()
        func member(_ key: String, _ text: String?, _ writer: inout JSONWriter) {
            writer.key(key)
            if let text { writer.text(text) } else { writer.null() }
        }
        line.object { writer in
            writer.member("id", row.id.text)
            writer.key("finished")
            writer.flag(row.status == .success)
            if row.mode.isKnown { writer.member("mode", row.mode.word) }
            // A row that does not tell whether it is a retry stays one.
            if !row.hidesRetryOf { member("retryOf", row.retryOf?.text, &writer) }
            member("retrySuccessId", row.retrySuccess?.text, &writer)
            writer.member("status", row.unrecognisedWord ?? row.status.apiWord)
            if let createdAt = row.createdAt { writer.member("createdAt", createdAt.rfc3339) }
            member("startedAt", row.startedAt?.rfc3339, &writer)
            member("stoppedAt", row.stoppedAt?.rfc3339, &writer)
            writer.member("workflowId", row.workflow.text)
            member("waitTill", row.waitTill?.rfc3339, &writer)
        }
        return line.string + "\n"
    }

    /// An execution's data as evidence.
    static func line(_ detail: ExecutionDetail, of id: ExecutionID) -> String {
        text(.object(["detail": detail.stored, "of": .text(id.text)]))
    }

    /// A workflow.
    static func line(_ workflow: WorkflowInfo) -> String { text(.object(["workflow": workflow.stored])) }

    static func text(_ value: JSONValue) -> String {
        String(decoding: CanonicalJSON.encode(value), as: UTF8.self) + "\n"
    }

    /// What a line of evidence holds.
    enum Evidence: Sendable {
        case detail(ExecutionID, ExecutionDetail)
        case workflow(WorkflowInfo)
        case agent(AgentRuns)
    }

    /// Reads a line of evidence.
    static func evidence(_ line: [UInt8]) throws(HistoryFault) -> Evidence {
        do {
            guard case .object(let members) = try CanonicalJSON.decode(line) else {
                throw HistoryFault(description: "is no line of evidence")
            }
            if let workflow = members["workflow"] { return .workflow(try WorkflowInfo(workflow)) }
            if case .object(let told)? = members["agent"], let agent = AgentRuns(told) { return .agent(agent) }
            guard let detail = members["detail"], case .text(let id)? = members["of"] else {
                throw HistoryFault(description: "is no line of evidence")
            }
            return .detail(ExecutionID(id), try ExecutionDetail(detail))
        } catch let fault as HistoryFault {
            throw fault
        } catch {
            throw HistoryFault(description: "is evidence that this version cannot read: \(error)")
        }
    }
}

extension History {
    /// All of it in the lines of an export: rows, data of executions, workflows, what is known of an agent's retries.
    package var lines: String {
        let data = rows.compactMap { row in details[row.id].map { HistoryLines.line($0, of: row.id) } }
        let known = workflows.values.sorted { $0.id < $1.id }
        let told = agent?.lines(besides: nil) ?? ""
        return (rows.map(HistoryLines.line) + data + known.map(HistoryLines.line)).joined() + told
    }
}
