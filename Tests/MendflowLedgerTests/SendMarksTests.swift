import MendflowCore
import MendflowLedger
import Testing

@Suite("Marks of requests that are about to leave")
struct SendMarksTests {
    private static let start = AuditHead(sequence: 40, hash: [UInt8](repeating: 7, count: 32))
    private static let text =
        SendMarks.header(start, boot: "b1") + SendMarks.line(IntentID(41)) + SendMarks.line(IntentID(45))

    @Test("prove that what was reserved after they began and is not marked has sent nothing")
    func proof() throws {
        let marks = try #require(SendMarks(Self.text, boot: "b1"))
        #expect(marks == SendMarks(start: Self.start, marked: [IntentID(41), IntentID(45)]))
        let unsent = (Int64(39)...46).filter { marks.proveUnsent(IntentID($0)) }
        #expect(unsent == [42, 43, 44, 46])
    }

    @Test(
        "are not believed where the machine was started anew, or where they are not whole",
        arguments: [
            (text, "b2"), (text, ""), ("", "b1"), (String(text.dropLast()), "b1"), (text + "x\n", "b1"),
            (text + "-4\n", "b1"), (text + "\n", "b1"), (text.replacing("from ", with: "at "), "b1"),
            (text.replacing("40:", with: "40"), "b1"), ("mendflow, process 12\n", "b1"),
        ])
    func unbelieved(text: String, boot: String) { #expect(SendMarks(text, boot: boot) == nil) }
}
