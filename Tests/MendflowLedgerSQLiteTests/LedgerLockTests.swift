import FoundationEssentials
import Glibc
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

@Suite("The lock of the acting loop")
struct LedgerLockTests {
    let ledger: LedgerFolder
    var lockFile: String { ledger.path + ".mendflow-lock" }

    init() throws {
        ledger = try LedgerFolder()
        _ = try ledger.open(create: true)
    }

    func words(_ name: String) -> String {
        do throws(LedgerFailure) {
            _ = try LedgerLock(ledger: name)
            return ""
        } catch { return "\(error)" }
    }

    @Test("is held by one, who is named to the next, and is free again afterwards")
    func lock() async throws {
        do {
            let lock = try LedgerLock(ledger: ledger.path)
            #expect(lock.path == lockFile)
            let process = ProcessInfo.processInfo.processIdentifier
            #expect(throws: LedgerFailure.locked("\(lock.path) (process \(process))")) {
                _ = try LedgerLock(ledger: ledger.path)
            }
            // Commands do not need it.
            try await ledger.open().write([latched(.healed, "1")])
            withExtendedLifetime(lock) {}
        }
        _ = try LedgerLock(ledger: ledger.path)
    }

    @Test("is one lock under every name of the file, also where the lock's own file was removed")
    func names() throws {
        let symbolic = ledger.folder.path + "/symbolic.sqlite"
        try FileManager.default.createSymbolicLink(atPath: symbolic, withDestinationPath: ledger.path)
        let lock = try LedgerLock(ledger: symbolic)
        #expect(lock.path == lockFile)
        #expect(words(ledger.path).contains("\(lockFile) (process "))
        try FileManager.default.removeItem(atPath: lock.path)
        for name in [symbolic, ledger.path] { #expect(words(name).contains("holds the ledger"), "\(name)") }
        withExtendedLifetime(lock) {}
    }

    @Test("is not taken of a ledger with two names that lead to the file")
    func hardLink() throws {
        let second = ledger.folder.path + "/second.sqlite"
        try FileManager.default.linkItem(atPath: ledger.path, toPath: second)
        for name in [ledger.path, second] { #expect(words(name).contains("2 names (hard links)"), "\(name)") }
    }

    @Test("never touches what stands in its place: a file of somebody's, a link, a pipe", arguments: [0, 1, 2, 3])
    func foreign(kind: Int) throws {
        let precious = ledger.folder.path + "/precious"
        let text = Data("package = []\n".utf8)
        try text.write(to: URL(filePath: precious))
        switch kind {
        case 0: try FileManager.default.copyItem(atPath: precious, toPath: lockFile)
        case 1: try FileManager.default.createSymbolicLink(atPath: lockFile, withDestinationPath: precious)
        case 2: try FileManager.default.linkItem(atPath: precious, toPath: lockFile)
        default: #expect(mkfifo(lockFile, 0o600) == 0)
        }
        let said = words(ledger.path)
        #expect(said.contains(lockFile) && said.contains("move it away"), "\(said)")
        #expect(try Data(contentsOf: URL(filePath: precious)) == text)
        if kind == 0 { #expect(try Data(contentsOf: URL(filePath: lockFile)) == text) }
    }

    @Test("in a folder that is not there is unusable")
    func unusable() {
        let error = #expect(throws: LedgerFailure.self) { _ = try LedgerLock(ledger: "/nonexistent/ledger") }
        #expect(error?.isKind("unusable") == true)
    }
}

@Suite("Who holds a ledger")
struct LedgerHolderTests {
    @Test("is seen without taking the lock, as long as the lock lives")
    func seen() async throws {
        let ledger = try LedgerFolder()
        _ = try ledger.open(create: true)
        #expect(LedgerLock.isHeld(ledger: ledger.path) == false && LedgerLock.begun(ledger: ledger.path) == nil)
        do {
            let lock = try LedgerLock(ledger: ledger.path)
            #expect(LedgerLock.isHeld(ledger: ledger.path) == true)
            let head = AuditHead(sequence: 7, hash: [UInt8](repeating: 1, count: 32))
            try lock.beginMarks(at: head)
            #expect(LedgerLock.begun(ledger: ledger.path) == head)
            withExtendedLifetime(lock) {}
        }
        #expect(LedgerLock.isHeld(ledger: ledger.path) == false)
        _ = try LedgerLock(ledger: ledger.path)
    }
}
