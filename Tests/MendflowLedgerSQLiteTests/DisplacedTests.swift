import FoundationEssentials
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

/// What can happen to the files of a ledger that is open.
enum Displacement: String, CaseIterable {
    case removed, moved, movedBehindLink, replaced, linked, logRemoved, indexRemoved

    func happen(to path: String) throws {
        let files = FileManager.default
        switch self {
        case .removed: try files.removeItem(atPath: path)
        case .moved: try files.moveItem(atPath: path, toPath: path + ".away")
        case .movedBehindLink:
            try files.moveItem(atPath: path, toPath: path + ".away")
            try files.createSymbolicLink(atPath: path, withDestinationPath: path + ".away")
        case .replaced:
            try files.copyItem(atPath: path, toPath: path + ".copy")
            try files.removeItem(atPath: path)
            try files.moveItem(atPath: path + ".copy", toPath: path)
        case .linked: try files.linkItem(atPath: path, toPath: path + ".second")
        case .logRemoved: try files.removeItem(atPath: path + "-wal")
        case .indexRemoved: try files.removeItem(atPath: path + "-shm")
        }
    }
}

@Suite("The files of an open ledger")
struct DisplacedTests {
    let ledger: LedgerFolder

    init() throws { ledger = try LedgerFolder() }

    @Test(
        "are looked at before anything is read or written, and must be those that were opened",
        arguments: Displacement.allCases)
    func displaced(how: Displacement) async throws {
        let store = try ledger.open(create: true)
        let head = try await store.write([reservation(draft("5"))])
        #expect(try await store.records(after: 0, limit: 9).count == 1)
        try how.happen(to: ledger.path)
        func expectDisplaced(_ work: () async throws -> Void) async {
            let error = await #expect(throws: LedgerFailure.self) { try await work() }
            guard case .displaced(let what)? = error else {
                Issue.record("\(how): \(String(describing: error))")
                return
            }
            #expect(what.contains(ledger.path) && what.contains("was"))
        }
        let entry = LedgerEntry(latched(.healed, "5"), at: at(2))
        await expectDisplaced { _ = try await store.append([entry], expecting: head, fence: nil) }
        await expectDisplaced { _ = try await store.records(after: head.sequence, limit: 1) }
        await expectDisplaced { _ = try await store.load(LedgerScope()) }
    }

    @Test("go on being used where a connection was opened by a symbolic link, until the link leads elsewhere")
    func symbolicLink() async throws {
        do { try await ledger.open(create: true).write([reservation(draft("5"))]) }
        let name = ledger.folder.path + "/name.sqlite"
        try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: ledger.path)
        let store = try SQLiteLedgerStore.open(path: name, create: false, placement: .inline)
        try await store.write([latched(.healed, "5")])
        #expect(try await ledger.open().count() == 2)
        try FileManager.default.copyItem(atPath: ledger.path, toPath: ledger.folder.path + "/copy.sqlite")
        try FileManager.default.removeItem(atPath: name)
        try FileManager.default.createSymbolicLink(
            atPath: name, withDestinationPath: ledger.folder.path + "/copy.sqlite")
        await #expect(throws: LedgerFailure.displaced("\(name) was replaced by another file")) {
            try await store.write([latched(.healed, "6")])
        }
    }

    @Test("with a second name cannot be opened by either, to write or to read")
    func hardLink() throws {
        _ = try ledger.open(create: true)
        let second = ledger.folder.path + "/second.sqlite"
        try FileManager.default.linkItem(atPath: ledger.path, toPath: second)
        for name in [ledger.path, second] {
            let errors = [
                #expect(throws: LedgerFailure.self) { _ = try SQLiteLedgerStore.open(path: name, create: false) },
                #expect(throws: LedgerFailure.self) { _ = try SQLiteLedgerStore.openReading(path: name) },
            ]
            for error in errors { #expect(error.map { "\($0)" }?.contains("hard links") == true, "\(name)") }
        }
        #expect(!FileManager.default.fileExists(atPath: second + "-wal"))
    }
}
