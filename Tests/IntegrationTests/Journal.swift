import CSQLite
import FoundationEssentials
import MendflowSimulator

/// What a ledger's file says of actions, read without any code of the program's.
struct Journal {
    struct Intent {
        var action: String, execution: Int
        /// The latest time at which its request may have begun to leave, in milliseconds since 1970.
        var sentAt: Int64?
    }
    struct Outcome {
        var state: String, child: Int?
    }
    private(set) var intents: [Int: Intent] = [:]
    private(set) var outcomes: [Int: Outcome] = [:]
    /// Number and hash of the last record.
    private(set) var last = 0
    private var hash: [UInt8] = []

    /// Intents that may have been sent and have no outcome.
    var open: [Int] { intents.filter { $0.value.sentAt != nil && outcomes[$0.key] == nil }.map(\.key) }

    /// The intent whose request had done this at that time: the last one of its kind that was sent before; nil where none was.
    func intent(_ action: String, _ execution: Int, at: Int64) -> Int? {
        intents.filter {
            ($0.value.action, $0.value.execution) == (action, execution) && ($0.value.sentAt ?? .max) <= at
        }
        .keys.max()
    }

    /// Reads what was written since; answers what is wrong with it.
    ///
    /// A copy is read, since opening the file would recover it as the next process has to.
    @discardableResult
    mutating func read(_ ledger: String) throws -> [String] {
        let copy = ledger + ".copy"
        for ending in ["", "-wal"] {
            _ = try? FileManager.default.removeItem(atPath: copy + ending)
            let bytes = try? Data(contentsOf: URL(filePath: ledger + ending))
            try bytes?.write(to: URL(filePath: copy + ending))
        }
        var database: OpaquePointer?
        var statement: OpaquePointer?
        defer {
            sqlite3_finalize(statement)
            sqlite3_close(database)
        }
        guard sqlite3_open_v2(copy, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK,
            sqlite3_prepare_v2(
                database, "SELECT sequence, bytes, hash, previous FROM entry WHERE sequence >= ?1 ORDER BY sequence",
                -1,
                &statement, nil) == SQLITE_OK
        else { return ["the ledger cannot be read: \(String(cString: sqlite3_errmsg(database)))"] }
        sqlite3_bind_int64(statement, 1, Int64(last))
        var rows: [Row] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(
                Row(
                    sequence: Int(sqlite3_column_int64(statement, 0)), bytes: blob(statement, 1),
                    hash: blob(statement, 2),
                    previous: blob(statement, 3)))
        }
        return try follow(rows)
    }

    /// A record as it is stored.
    struct Row {
        var sequence: Int
        var bytes: [UInt8], hash: [UInt8], previous: [UInt8]
    }

    /// In which way outcomes contradict what was done by n8n's own record: `done` are the intents whose requests did something.
    func contradictions(done: Set<Int>) -> [String] {
        intents.sorted { $0.key < $1.key }.compactMap { number, intent in
            guard let outcome = outcomes[number] else { return "intent \(number) has no outcome" }
            let isDone = done.contains(number)
            // Stopping what has ended meanwhile, or is stopped already, is applied and no deed.
            if outcome.state == "applied", intent.action == "retry", !isDone {
                return "intent \(number) is on record as applied, and nothing was done"
            }
            return outcome.state == "void" && isDone ? "intent \(number) is on record as void, and was done" : nil
        }
    }

    /// Takes in the records from the last one that is known on; answers what is wrong with them.
    mutating func follow(_ rows: [Row]) throws -> [String] {
        var wrong: [String] = []
        var isFirst = last > 0
        for row in rows {
            if isFirst {
                if row.sequence != last || row.hash != hash { wrong.append("record \(last) is lost, or another one") }
                isFirst = false
                continue
            }
            if row.sequence != last + 1 || (last > 0 && row.previous != hash) {
                wrong.append("record \(row.sequence) does not follow \(last)")
            }
            (last, hash) = (row.sequence, row.hash)
            take(try Simulator.JSON(parsing: row.bytes), row.sequence)
        }
        if isFirst { wrong.append("record \(last) is lost") }
        return wrong
    }

    private func blob(_ statement: OpaquePointer?, _ column: Int32) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(statement, column))
        return sqlite3_column_blob(statement, column).map {
            Array(UnsafeRawBufferPointer(start: $0, count: count))
        } ?? []
    }

    private mutating func take(_ record: Simulator.JSON, _ sequence: Int) {
        let fields = record["fields"] ?? [:]
        guard let execution = record["execution"]?.text.flatMap({ Int($0) }), let action = fields["action"]?.text
        else { return }
        let intent = fields["intent"]?.integer.map { Int($0) } ?? sequence
        switch record["kind"]?.text {
        case "reserved": intents[sequence] = Intent(action: action, execution: execution)
        case "sending": intents[intent]?.sentAt = record["at"]?.integer
        case "outcome":
            let evidence = fields["evidence"]
            let child = evidence?["is"]?.text == "child" ? evidence?["id"]?.text.flatMap { Int($0) } : nil
            outcomes[intent] = Outcome(state: fields["state"]?.text ?? "", child: child)
        default: break
        }
    }
}
