import FoundationEssentials
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

@Suite("The file of marks beside a ledger")
struct SendMarksFileTests {
    let ledger: LedgerFolder
    var path: String { ledger.path + ".mendflow-sends" }
    private static let head = AuditHead(sequence: 3, hash: [UInt8](repeating: 1, count: 32))

    init() throws {
        ledger = try LedgerFolder()
        _ = try ledger.open(create: true)
    }

    private func marks(boot: String = "b1") -> SendMarksFile { SendMarksFile(ledger: ledger.path, boot: boot) }

    @Test("tells the next process what was marked, until that one begins its own, or the machine starts anew")
    func kept() throws {
        let first = marks()
        #expect(first.marks == nil)
        try first.begin(at: Self.head)
        try first.mark(IntentID(5))
        try first.mark(IntentID(12))
        let known = SendMarks(start: Self.head, marked: [IntentID(5), IntentID(12)])
        #expect(first.marks == known)
        let second = marks()
        #expect(second.marks == known)
        #expect(marks(boot: "b2").marks == nil)
        try second.begin(at: AuditHead(sequence: 20, hash: Self.head.hash))
        #expect(marks().marks?.marked == [])
    }

    @Test("is what a lock on the ledger marks in, by the kernel's own name for this start")
    func lock() throws {
        do {
            let lock = try LedgerLock(ledger: ledger.path)
            #expect(lock.marks == nil)
            try lock.mark(IntentID(4))
            #expect(lock.marks == nil, "nothing is marked before marks begin")
            try lock.beginMarks(at: Self.head)
            try lock.mark(IntentID(5))
        }
        #expect(try LedgerLock(ledger: ledger.path).marks?.marked == [IntentID(5)])
    }

    @Test("is left as it is where it is somebody's; nothing is marked then", arguments: ["link", "folder"])
    func foreign(kind: String) throws {
        let other = ledger.folder.path + "/other"
        try Data("theirs\n".utf8).write(to: URL(filePath: other))
        switch kind {
        case "link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other)
        default: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        let marks = marks()
        #expect(throws: LedgerFailure.self) { try marks.begin(at: Self.head) }
        try marks.mark(IntentID(5))
        #expect(marks.marks == nil)
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "theirs\n")
    }

    @Test("is not kept by a machine that does not tell when it was started")
    func noStart() throws {
        try marks().begin(at: Self.head)
        let marks = marks(boot: "")
        #expect(throws: LedgerFailure.self) { try marks.begin(at: Self.head) }
        #expect(marks.marks == nil)
    }
}
