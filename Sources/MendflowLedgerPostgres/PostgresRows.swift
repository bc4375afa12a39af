private import CLibPQ
internal import MendflowCore
internal import MendflowLedger

/// What a statement answered, in binary.
///
/// `@unchecked`: libpq changes a result never again once it has handed it out, its functions of reading change nothing in it, and
/// it is freed once, by the last who holds it.
@safe final class PostgresRows: @unchecked Sendable {
    private let result: OpaquePointer
    /// How many there are, and how many columns each has.
    let count: Int, columns: Int

    init(owning result: OpaquePointer) {
        unsafe self.result = result
        count = unsafe Int(mendflow_pq_row_count(result))
        columns = unsafe Int(mendflow_pq_column_count(result))
    }

    deinit { unsafe mendflow_pq_clear(result) }

    /// What is made of each row.
    func map<T>(
        _ read: (inout PostgresRow) throws(PostgresFailure) -> T
    ) throws(PostgresFailure) -> [T] {
        var made: [T] = []
        made.reserveCapacity(count)
        for index in 0..<count {
            var row = PostgresRow(self, index)
            made.append(try read(&row))
        }
        return made
    }

    /// What is made of the first row; nil where there is none.
    func first<T>(
        _ read: (inout PostgresRow) throws(PostgresFailure) -> T
    ) throws(PostgresFailure) -> T? {
        guard count > 0 else { return nil }
        var row = PostgresRow(self, 0)
        return try read(&row)
    }

    fileprivate func bytes(_ row: Int, _ column: Int) -> [UInt8]? {
        let (row, column) = (CInt(row), CInt(column))
        guard unsafe mendflow_pq_is_null(result, row, column) == 0 else { return nil }
        guard let value = unsafe mendflow_pq_value(result, row, column) else { return [] }
        let length = unsafe Int(mendflow_pq_length(result, row, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: value, count: length))
    }
}

/// One row, read column by column from the left.
struct PostgresRow {
    private let rows: PostgresRows
    private let index: Int
    private var column = 0

    fileprivate init(_ rows: PostgresRows, _ index: Int) {
        self.rows = rows
        self.index = index
    }

    mutating func optionalBytes() -> [UInt8]? {
        defer { column += 1 }
        return rows.bytes(index, column)
    }

    mutating func bytes() -> [UInt8] { optionalBytes() ?? [] }
    mutating func text() -> String { String(decoding: bytes(), as: UTF8.self) }
    mutating func optionalText() -> String? { optionalBytes().map { String(decoding: $0, as: UTF8.self) } }
    mutating func flag() -> Bool { bytes() == [1] }
    mutating func time() -> AgentTime { AgentTime(milliseconds: integer()) }
    mutating func integer() -> Int64 { optionalInteger() ?? 0 }

    /// A whole number of any width.
    mutating func optionalInteger() -> Int64? {
        guard let bytes = optionalBytes(), let first = bytes.first else { return nil }
        let start: Int64 = first & 0x80 == 0 ? 0 : -1
        return bytes.reduce(start) { $0 << 8 | Int64($1) }
    }
}
