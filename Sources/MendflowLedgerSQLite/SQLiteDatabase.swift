private import CSQLite
private import Glibc
internal import MendflowCore
internal import MendflowLedger

/// A value that is bound to a parameter.
enum SQLiteValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func time(_ time: AgentTime) -> SQLiteValue { .integer(time.milliseconds) }
    static func optional(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }
    static func optional(_ id: ExecutionID?) -> SQLiteValue { id.map { .text($0.text) } ?? .null }
}

/// One row of an answer, read column by column from the left; it lives as long as the closure that is given it.
@safe struct SQLiteRow: ~Copyable {
    private let statement: OpaquePointer
    private var column: Int32 = 0

    fileprivate init(statement: OpaquePointer) { unsafe self.statement = statement }

    private mutating func next() -> Int32 {
        defer { column += 1 }
        return column
    }

    mutating func integer() -> Int64 { unsafe sqlite3_column_int64(statement, next()) }
    mutating func text() -> String { optionalText() ?? "" }
    mutating func time() -> AgentTime { AgentTime(milliseconds: integer()) }

    mutating func optionalInteger() -> Int64? {
        guard unsafe sqlite3_column_type(statement, column) != SQLITE_NULL else {
            column += 1
            return nil
        }
        return integer()
    }

    mutating func optionalText() -> String? {
        let column = next()
        guard let bytes = unsafe sqlite3_column_text(statement, column) else { return nil }
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    mutating func blob() -> [UInt8] {
        let column = next()
        guard let bytes = unsafe sqlite3_column_blob(statement, column) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }
}

/// One connection to a SQLite file: statements are prepared once, values are bound and read by type, failures are
/// typed. It belongs to one owner at a time (`SQLITE_OPEN_NOMUTEX`).
@safe final class SQLiteDatabase {
    enum Mode { case read, write, create }

    let path: String
    private let handle: OpaquePointer
    private var statements: [String: OpaquePointer]

    private init(path: String, handle: OpaquePointer) {
        self.path = path
        unsafe self.handle = handle
        unsafe statements = [:]
    }

    deinit {
        unsafe statements.values.forEach { unsafe sqlite3_finalize($0) }
        unsafe sqlite3_close_v2(handle)
    }

    /// Opens a file. `vfs` names the file system below SQLite; nil is the platform's.
    static func open(path: String, vfs: String?, mode: Mode) throws(LedgerFailure) -> sending SQLiteDatabase {
        if mode != .create, try !exists(path: path, vfs: vfs) { throw .missing(path) }
        if mode == .create, vfs == nil { makePrivate(path) }
        let access =
            switch mode {
            case .read: SQLITE_OPEN_READONLY
            case .write: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        var handle: OpaquePointer?
        let code = unsafe sqlite3_open_v2(
            path, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE, vfs)
        guard let opened = unsafe handle else { throw .unusable("\(path): no memory to open it") }
        let database = unsafe SQLiteDatabase(path: path, handle: opened)
        guard code == SQLITE_OK else { throw database.failure(code) }
        unsafe sqlite3_busy_timeout(opened, 5000)
        try unsafe database.check(mendflow_sqlite3_enable_defensive(opened))
        return database
    }

    /// Makes the file, where there is none, so that only its owner can read it. SQLite gives the mode of the file to the
    /// log and the index beside it, and tells by itself what is wrong where the file cannot be made.
    private static func makePrivate(_ path: String) {
        guard !path.isEmpty, path != ":memory:" else { return }
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    private static func exists(path: String, vfs name: String?) throws(LedgerFailure) -> Bool {
        guard let vfs = unsafe sqlite3_vfs_find(name) else { throw .unusable("no VFS named \(name ?? "default")") }
        var answer: CInt = 0
        // As SQLite does it: a file system is asked about full names only.
        var full = [CChar](repeating: 0, count: Int(unsafe vfs.pointee.mxPathname) + 1)
        guard unsafe vfs.pointee.xFullPathname(vfs, path, CInt(full.count), &full) & 0xFF == SQLITE_OK,
            unsafe vfs.pointee.xAccess(vfs, full, SQLITE_ACCESS_EXISTS, &answer) == SQLITE_OK
        else {
            throw .unusable("\(path): cannot tell whether it is there")
        }
        return answer != 0
    }

    /// Whether the file that is open stands under another name, or under none.
    func hasMoved() throws(LedgerFailure) -> Bool {
        var answer: CInt = 0
        try check(unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &answer))
        return answer != 0
    }

    /// Runs statements that take and answer nothing.
    func execute(_ script: String) throws(LedgerFailure) {
        try check(unsafe sqlite3_exec(handle, script, nil, nil, nil))
    }

    /// Runs one statement, and answers the number of rows that it changed.
    @discardableResult
    func run(_ sql: String, _ values: SQLiteValue...) throws(LedgerFailure) -> Int {
        _ = try rows(sql, values) { (_) throws(LedgerFailure) in () }
        return Int(unsafe sqlite3_changes64(handle))
    }

    /// The same with values that are known at run time only.
    func run(_ sql: String, _ values: [SQLiteValue]) throws(LedgerFailure) {
        _ = try rows(sql, values) { (_) throws(LedgerFailure) in () }
    }

    /// Runs one statement, and answers what `read` makes of each row.
    func query<T>(
        _ sql: String, _ values: SQLiteValue..., read: (inout SQLiteRow) throws(LedgerFailure) -> T
    ) throws(LedgerFailure) -> [T] {
        try rows(sql, values, read: read)
    }

    /// The same with values that are known at run time only.
    func query<T>(
        _ sql: String, _ values: [SQLiteValue], read: (inout SQLiteRow) throws(LedgerFailure) -> T
    ) throws(LedgerFailure) -> [T] {
        try rows(sql, values, read: read)
    }

    private func rows<T>(
        _ sql: String, _ values: [SQLiteValue], read: (inout SQLiteRow) throws(LedgerFailure) -> T
    ) throws(LedgerFailure) -> [T] {
        let statement = try unsafe prepared(sql)
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() { try unsafe bind(value, to: statement, at: CInt(index + 1)) }
        var answer: [T] = []
        while true {
            let code = unsafe sqlite3_step(statement)
            if code == SQLITE_DONE { return answer }
            guard code == SQLITE_ROW else { throw failure(code) }
            var row = unsafe SQLiteRow(statement: statement)
            answer.append(try read(&row))
        }
    }

    private func prepared(_ sql: String) throws(LedgerFailure) -> OpaquePointer {
        if let statement = unsafe statements[sql] { return unsafe statement }
        var statement: OpaquePointer?
        try check(unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
        guard let made = unsafe statement else { throw .unusable("\(path): an empty statement") }
        unsafe statements[sql] = made
        return unsafe made
    }

    private func bind(
        _ value: SQLiteValue, to statement: OpaquePointer, at index: CInt
    ) throws(LedgerFailure) {
        switch value {
        case .null: try check(unsafe sqlite3_bind_null(statement, index))
        case .integer(let number): try check(unsafe sqlite3_bind_int64(statement, index, number))
        case .text(let text):
            try check(unsafe mendflow_sqlite3_bind_text(statement, index, text, CInt(text.utf8.count)))
        case .blob(let bytes):
            try check(unsafe mendflow_sqlite3_bind_blob(statement, index, bytes, CInt(bytes.count)))
        }
    }

    /// Runs a transaction that is alone in writing from its first moment; all of it happens, or nothing.
    func transaction<T>(_ body: () throws(LedgerFailure) -> T) throws(LedgerFailure) -> T {
        try enclosed("BEGIN IMMEDIATE", body)
    }

    /// Reads several times from one state of the file.
    func snapshot<T>(_ body: () throws(LedgerFailure) -> T) throws(LedgerFailure) -> T {
        try enclosed("BEGIN", body)
    }

    private func enclosed<T>(_ begin: String, _ body: () throws(LedgerFailure) -> T) throws(LedgerFailure) -> T {
        try run(begin)
        do throws(LedgerFailure) {
            let answer = try body()
            try run("COMMIT")
            return answer
        } catch {
            // A full disk or a failed write has rolled back by itself already.
            if unsafe sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
            throw error
        }
    }

    private func check(_ code: CInt) throws(LedgerFailure) {
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func failure(_ code: CInt) -> LedgerFailure {
        let words = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "no message"
        switch code & 0xFF {
        case SQLITE_FULL: return .full(path)
        case SQLITE_CORRUPT, SQLITE_NOTADB: return .corrupt("\(path): \(words)")
        case SQLITE_BUSY, SQLITE_LOCKED: return .locked(path)
        // SQLite says `full` for a failed write only; growing its index of the log, or a quota, is an I/O error to it.
        case SQLITE_IOERR where unsafe [ENOSPC, EDQUOT].contains(sqlite3_system_errno(handle)): return .full(path)
        default: return .unusable("\(path): \(words) (SQLite's code \(code))")
        }
    }
}
