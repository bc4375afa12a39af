import MendflowCore
import MendflowN8N
import MendflowTestKit
import Testing

@testable import MendflowHistory

@Suite("A row read off its bytes")
struct RowLineTests {
    private static let row =
        #"{"id":"4711","finished":false,"mode":"webhook","retryOf":"4700","retrySuccessId":null,"status":"error","createdAt":"2026-05-04T10:00:00.000Z","startedAt":"2026-05-04T10:00:00.120Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"qWLHzjy6lm0zned8","waitTill":null,"jsonSizeBytes":5650}"#

    /// What the fast reader makes of some lines; nil where it leaves any of them to the other one.
    private func read(_ text: String) -> [Execution]? {
        let bytes = Array(text.utf8)
        var columns = HistoryColumns()
        let isWhole = RowLineReader.read(bytes + Array(repeating: UInt8(ascii: "7"), count: 16), first: bytes.count) {
            reader in
            var place = 0
            while place < bytes.count {
                guard let (row, end) = reader.row(at: place) else { return false }
                columns.append(row, of: bytes)
                place = end
            }
            return true
        }
        return isWhole ? (0..<columns.count).map(columns.row) : nil
    }

    @Test("is the row that the other reader reads", arguments: [row, row + "\n", "\(row)\n\(row)\n"])
    func plain(_ text: String) {
        #expect(read(text)?.isEmpty == false)
        #expect(read(text) == SavedAnswers.rows(Array(text.utf8)))
    }

    @Test("is the same, or left to the other reader, whatever bytes are changed")
    func everyChange() {
        let bytes = Array(Self.row.utf8)
        let others = Array(#""\/{}[]:,-01239TZ.eEatnfrul #"#.utf8) + [0x00, 0x0A, 0x1F, 0x7F, 0x80, 0xC3]
        var read = 0
        for place in bytes.indices {
            for other in others {
                for changed in [
                    bytes[..<place] + [other] + bytes[(place + 1)...], bytes[..<place] + [other] + bytes[place...],
                    bytes[..<place] + bytes[(place + 1)...],
                ] {
                    let text = String(decoding: changed, as: UTF8.self)
                    guard let rows = self.read(text) else { continue }
                    read += 1
                    #expect(rows == SavedAnswers.rows(Array(text.utf8)), "\(text)")
                }
            }
        }
        #expect(read > 1_000)
    }

    @Test(
        "is left to the other reader where it is written or meant otherwise",
        arguments: [
            row.replacing("\"4711\"", with: "4711"), row.replacing("\"4711\"", with: "\"04711\""),
            row.replacing("\"error\"", with: "\"unknown\""), row.replacing(",\"mode\":\"webhook\"", with: ""),
            row.replacing("10:00:01.000Z", with: "10:00:01Z"), row.replacing("10:00:01.000Z", with: "24:00:00.000Z"),
            row.replacing("\"jsonSizeBytes\":5650", with: "\"data\":{}"), row.replacing("5650", with: "{}"),
            row.replacing("webhook", with: "wéb"), row.replacing("\"id\"", with: " \"id\""),
            row.replacing("\"id\":\"4711\"", with: "\"id\":\"4711\",\"id\":\"4712\""), "", "[]", "null", "{",
        ])
    func others(_ text: String) { #expect(read(text) == nil || text.isEmpty) }
}
