import Testing

@testable import MendflowRehearsal

@Suite("The lines of a history")
struct HistoryLineTests {
    @Test("keep their numbers where blank ones and a byte order mark are left out")
    func numbers() {
        let lines = HistoryRows.lines([0xEF, 0xBB, 0xBF] + Array("a\n\n \r\nb".utf8))
        #expect(lines.map(\.number) == [1, 4])
        #expect(lines.map { String(decoding: $0.text, as: UTF8.self) } == ["a", "b"])
    }
}
