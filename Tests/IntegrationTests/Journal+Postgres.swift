import FoundationEssentials
import Glibc
import MendflowSimulator

extension Journal {
    /// Reads what was written since in a ledger on PostgreSQL, by PostgreSQL's own client; answers what is wrong with it.
    mutating func read(database: String) async throws -> [String] {
        let columns = ["bytes", "hash", "previous"].map { "encode(\($0), 'hex')" }.joined(separator: ", ")
        let query = "SELECT sequence, \(columns) FROM mendflow_entry WHERE sequence >= \(last) ORDER BY sequence"
        let words = ["/usr/bin/psql", "-X", "-At", "-F", " ", "-d", database, "-c", query]
        let end = await (try Child(words, environment: ["PATH": "/usr/bin:/bin"], seconds: 60)).end()
        guard end.code == 0 else { return ["the ledger cannot be read: \(end.err)"] }
        let rows = end.out.split(separator: "\n").map { line -> Row in
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            return Row(
                sequence: Int(parts[0]) ?? 0, bytes: Journal.bytes(parts[1]), hash: Journal.bytes(parts[2]),
                previous: Journal.bytes(parts[3]))
        }
        return try follow(rows)
    }

    private static func bytes(_ hex: Substring) -> [UInt8] {
        let digits = hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
