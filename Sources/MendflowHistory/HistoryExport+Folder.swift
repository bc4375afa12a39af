import MendflowCore
import MendflowEnvironment

// What makes sure that a folder holds the executions of one database, each once.
extension HistoryExport {
    /// Makes the folder, and makes sure that no other export writes into it meanwhile.
    func hold() throws(HistoryFault) -> any FileHold {
        do throws(FileFault) {
            try files.makeFolder(folder)
            if let hold = try files.hold(path(.progress)) { return hold }
        } catch { throw HistoryFault(description: "the history cannot be written: \(error)") }
        throw HistoryFault(
            description: "another export writes into \(folder) just now: wait until it is over, or name another folder "
                + "with --dir", kind: .held)
    }

    /// Notes whose executions the folder holds. Those of another server are not mixed with them.
    mutating func noteServer() throws(HistoryFault) {
        guard let known = state.server else {
            state.server = server
            return try append(.progress, ListState.line(server: server))
        }
        guard known != server else { return }
        throw HistoryFault(
            description: "\(folder) holds executions of \(known), and those of \(server) are not mixed with them: name "
                + "another folder with --dir; if it is the same n8n under another address, write that into "
                + "\(path(.progress)), behind the word server", kind: .otherServer)
    }

    /// Compares a row with what the folder holds, by what cannot change while a database is the same: whose run an id is and when
    /// it began, and that ids are given one after the other.
    func check(_ row: Execution) throws(HistoryFault) {
        if let known = known(row.id) {
            if known.workflow != row.workflow {
                throw otherDatabase(row, "was of workflow \(known.workflow), and is of \(row.workflow)")
            }
            if let old = known.startedAt, let new = row.startedAt, old != new, !known.status.isLive {
                throw otherDatabase(row, "began at \(old.rfc3339), and now at \(new.rfc3339)")
            }
            return
        }
        guard let made = row.createdAt, let later = history.firstRow(above: row.id), let begun = later.beginning,
            made > begun + Self.clockMargin
        else { return }
        throw otherDatabase(
            row, "was made at \(made.rfc3339), but the higher id \(later.id) was there at \(begun.rfc3339)")
    }

    /// A database and n8n may have clocks of their own.
    private static var clockMargin: Period { .minutes(5) }

    private func otherDatabase(_ row: Execution, _ difference: String) -> HistoryFault {
        HistoryFault(
            description:
                "execution \(row.id) \(difference): the database of \(server) is another one than the one whose "
                + "executions \(folder) holds, or was put back to an earlier state. Nothing of it was written: name another "
                + "folder with --dir, or move this one away", kind: .otherServer)
    }
}
