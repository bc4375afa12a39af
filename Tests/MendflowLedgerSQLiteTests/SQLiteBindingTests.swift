import CSQLite
import Testing

@Suite("The SQLite binding")
struct SQLiteBindingTests {
    @Test("opens a database in memory and answers a query")
    func query() {
        var database: OpaquePointer?
        #expect(sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK)
        defer { sqlite3_close_v2(database) }
        #expect(mendflow_sqlite3_enable_defensive(database) == SQLITE_OK)
        #expect(sqlite3_exec(database, "CREATE TABLE t (a INTEGER) STRICT", nil, nil, nil) == SQLITE_OK)
    }
}
