import FoundationEssentials
import MendflowEnvironment
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowRehearsal

@Suite("The recorded month as files")
struct RecordedMonthTests {
    @Test("is written again over itself, and over no other history")
    func replaced() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "month-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = MachineFiles()
        #expect(try RecordedMonth.write(to: folder, files).count == 3)
        #expect(try RecordedMonth.write(to: folder, files).count == 3)
        try files.replace(folder + "/details.jsonl", "mine")
        #expect(throws: MendflowFailure.self) { try RecordedMonth.write(to: folder, files) }
        #expect(try String(contentsOfFile: folder + "/details.jsonl", encoding: .utf8) == "mine")
    }
}
