import FoundationEssentials
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("Sealing a ledger")
struct LedgerSealTests {
    let folder: Folder
    let workspace: Workspace
    let clock = VirtualClock(.noon)
    let key = InstanceKey(name: "production", epoch: 1)
    var sealed: String { folder.path + "/sealed" }

    /// A ledger of forty records of a hundred days ago, and twenty of now.
    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace(clock: clock)
        try await workspace.append([
            .lifecycle(
                .started(
                    AgentStarted(
                        InForce(contents: "ab", modes: ["production": .enforce]), version: "1", mode: .enforce)))
        ])
        for number in 1...38 { try await workspace.append([gap(number)]) }
        clock.jump(by: .days(100))
        for number in 101...120 { try await workspace.append([gap(number)], at: clock.now()) }
    }

    private func gap(_ number: Int) -> LedgerEvent { .gap(key, execution: ExecutionID("\(number)"), .vanished) }

    private func seal(
        _ age: Period = .days(90), keeping kept: Int64 = 5, mostInFile: Int64? = nil
    ) async throws -> LedgerSeal {
        try await LedgerSeal.run(workspace, olderThan: age, into: sealed, keeping: kept, mostInFile: mostInFile)
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: sealed + "/" + name)))
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: sealed + "/" + name))
    }

    @Test("only says what it would do, unless told to do it")
    func look() async throws {
        let before = try await workspace.everything().head
        let found = try await LedgerSeal.look(workspace, olderThan: .days(90), into: sealed, keeping: 5)
        #expect(found.range == 1...40 && found.records == 60 && found.until == .noon && found.bytes > 1000)
        #expect(found.why.contains("what was written since") && found.segments.isEmpty)
        #expect(try await workspace.everything().head == before && !MachineFiles().exists(sealed))
    }

    @Test("leaves files that hold every record, and a ledger that goes on from what they add up to")
    func run() async throws {
        let head = try await workspace.everything().head.chain
        let done = try await seal(mostInFile: 15)
        #expect(done.segments.map(\.last) == [15, 30, 40] && done.leftOver.isEmpty)
        #expect(try await workspace.openLedger().records(after: 0, limit: 999).first?.sequence == 41)
        let found = try await Audit.verify(workspace, head: "\(head)")
        #expect(found.isIntact && found.count == 23 && found.segments == done.segments)
        let all = try await Audit.verify(workspace, head: nil, segments: sealed)
        #expect(all.isIntact && all.count == 63 && all.areSegmentsRead)
        // The lines of all files and of an export of the rest are one export.
        var lines: [UInt8] = []
        let left = try await Audit.entries(workspace, segments: sealed) { lines += $0.line + [0x0A] }
        #expect(left == nil)
        let path = folder.path + "/all.jsonl"
        try Data(lines).write(to: URL(filePath: path))
        let exported = try Audit.verify(file: path, head: "\(head)", MachineFiles())
        #expect(exported.isIntact && exported.count == 63)
        var numbers: [Int64] = []
        let unread = try await Audit.entries(workspace) { numbers.append($0.sequence) }
        #expect(unread == done.segments.last && numbers == Array(41...63))
        #expect(try await LedgerUpkeep.info(workspace).segments == done.segments)
    }

    @Test("is gone on with where it ended, as often as anybody likes")
    func again() async throws {
        _ = try await seal()
        let nothing = try await seal()
        #expect(nothing.range == nil && nothing.segments.isEmpty && nothing.records == 21)
        clock.jump(by: .days(100))
        try await workspace.append([gap(201)], at: clock.now())
        let done = try await seal(keeping: 2)
        #expect(done.range == 41...60)
        let found = try await Audit.verify(workspace, head: nil, segments: sealed)
        #expect(found.isIntact && found.segments.count == 2)
    }

    @Test("of a kept head that was sealed it says where it lies, and with the files whether it is there")
    func heads() async throws {
        let record = try #require(try await workspace.openLedger().records(after: 9, limit: 1).first)
        let head = AuditHead(sequence: 10, hash: record.hash)
        let done = try await seal()
        #expect(try await Audit.verify(workspace, head: "\(head)").expectedIn == done.segments[0])
        let found = try await Audit.verify(workspace, head: "\(head)", segments: sealed)
        #expect(found.isIntact && found.expectedIn == nil)
        let other = AuditHead(sequence: 10, hash: [UInt8](repeating: 1, count: 32))
        let fault = try await Audit.verify(workspace, head: "\(other)", segments: sealed).fault
        #expect(fault == AuditFault(10, .rewritten))
    }

    @Test("a question about incidents of a time whose records were sealed is answered with what is not told of")
    func incidents() async throws {
        let done = try await seal()
        let all = try await IncidentReports.read(workspace, instance: nil, since: .noon)
        #expect(all.all.isEmpty && all.segment == done.segments.last)
        let week = try await IncidentReports.read(workspace, instance: nil, since: clock.now() - .days(7))
        #expect(week.segment == nil)
        let failure = await #expect(throws: MendflowFailure.self) {
            try await IncidentReport.read(workspace, instance: nil, "incident-7")
        }
        #expect(failure?.message.contains(try #require(done.segments.last).words) == true)
    }

    @Test("a file that is missing, changed or another one is found and named")
    func altered() async throws {
        let names = try await seal(mostInFile: 20).segments.map(\.file)
        let (first, second) = (try bytes(names[0]), try bytes(names[1]))
        func fault() async throws -> AuditFault? {
            #expect(try await Audit.verify(workspace, head: nil).isIntact)
            return try await Audit.verify(workspace, head: nil, segments: sealed).fault
        }
        for place in stride(from: 0, to: first.count, by: 41) {
            var changed = first
            changed[place] ^= 0x10
            try write(names[0], changed)
            guard case .segment(names[0], _) = try await fault()?.problem else {
                Issue.record("byte \(place) was changed, and not found")
                continue
            }
        }
        for (one, two) in [(second, second), (first, first), (first, Array(second.dropLast(9))), (first, [])] {
            try write(names[0], one)
            try write(names[1], two)
            let found = try await fault()?.description ?? ""
            #expect(found.contains(one == first ? names[1] : names[0]))
        }
        try write(names[0], first)
        try FileManager.default.removeItem(atPath: sealed + "/" + names[1])
        #expect(try await fault()?.description.contains(names[1]) == true)
    }

    @Test("refuses the last week, a file in the folder's place, and a ledger that is broken")
    func refused() async throws {
        let young = await #expect(throws: MendflowFailure.self) { try await seal(.days(6)) }
        #expect(young?.kind == .usage && young?.message.contains("stay in the ledger") == true)
        try folder.write("sealed", "a letter")
        let file = await #expect(throws: MendflowFailure.self) { try await seal() }
        #expect(file?.message.contains("is no folder") == true)
        #expect(try await workspace.everything().segments.isEmpty)
    }

    @Test("keeps what belongs to anything that goes on, and says to what")
    func limits() async throws {
        let folder = try Folder()
        let clock = VirtualClock(.noon)
        let workspace = try await folder.workspace(clock: clock)
        for number in 1...5 { try await workspace.append([gap(number)]) }
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "7", root: "7", workflow: "w", policy: "a", policyVersion: "v")
        let number = try #require(try await workspace.append([.reserve(draft)]).first)
        try await workspace.append([.sending(IntentRef(IntentID(number), draft), watermark: nil, look: "complete")])
        clock.jump(by: .days(100))
        for number in 101...120 { try await workspace.append([gap(number)], at: clock.now()) }
        let held = try await LedgerSeal.look(workspace, olderThan: .days(90), into: sealed, keeping: 5)
        #expect(held.range == 1...(number - 1) && held.why.contains("intent \(number), execution 7, is sending"))
        let reference = IntentRef(IntentID(number), draft)
        try await workspace.append([.outcome(reference, Settlement(.unresolved))], at: clock.now())
        let doubtful = try await LedgerSeal.look(workspace, olderThan: .days(90), into: sealed, keeping: 5)
        #expect(doubtful.range == 1...(number - 1))
        #expect(doubtful.why.contains("is unresolved; `mendflow resolve` settles it"))
        let settled = LedgerEvent.outcome(
            reference, Settlement(.applied, .answered(.success), child: "9"))
        try await workspace.append([settled], at: clock.now())
        let free = try await LedgerSeal.look(workspace, olderThan: .days(90), into: sealed, keeping: 5)
        #expect(free.range == 1...(number + 1))
        let few = try await LedgerSeal.look(workspace, olderThan: .days(90), into: sealed, keeping: 25)
        #expect(few.range == 1...5 && few.why.contains("the last 25 records stay"))
    }

    @Test("takes a file that an interrupted try has left, says which are left over, and writes over none")
    func leftOver() async throws {
        let copy = folder.path + "/copy.sqlite"
        _ = try await LedgerUpkeep.backup(workspace, to: copy)
        let done = try await seal()
        let file = done.segments[0].file
        // The ledger as it was before: all that is left of the try is the file.
        _ = try await LedgerRestore.run(workspace, from: copy, reason: "a test")
        #expect(try await workspace.everything().segments.isEmpty)
        #expect(
            try await LedgerSeal.look(workspace, olderThan: .days(90), into: sealed, keeping: 5).leftOver == [file])
        try write("mendflow-000000000001-000000000007.jsonl.gz", [1])
        let again = try await seal()
        #expect(again.segments.map(\.digest) == done.segments.map(\.digest))
        #expect(again.leftOver == ["mendflow-000000000001-000000000007.jsonl.gz"])
        #expect(try await Audit.verify(workspace, head: nil, segments: sealed).isIntact)
    }

    @Test("of a file that holds something else it keeps its hands, and of the ledger too")
    func foreign() async throws {
        let file = try #require(
            try await LedgerSeal.look(workspace, olderThan: .days(90), into: sealed, keeping: 5).range.map {
                LedgerSegment.file($0.lowerBound, $0.upperBound)
            })
        try MachineFiles().makeFolder(sealed)
        try write(file, [1, 2, 3])
        let error = await #expect(throws: MendflowFailure.self) { try await seal() }
        #expect(error?.message.contains(file) == true && error?.message.contains("The ledger is as it was") == true)
        #expect(try bytes(file) == [1, 2, 3])
        #expect(try await workspace.everything().segments.isEmpty)
    }

    @Test("goes on while somebody else writes")
    func meanwhile() async throws {
        let writer = try await Ledger(try await workspace.openLedger(), LedgerScope())
        let (workspace, sealed) = (workspace, sealed)
        async let done = LedgerSeal.run(workspace, olderThan: .days(90), into: sealed, keeping: 5, mostInFile: 3)
        for number in 200..<260 { try await writer.append([LedgerEntry(gap(number), at: clock.now())]) }
        #expect(try await done.segments.last?.last == 40)
        for number in 260..<270 { try await writer.append([LedgerEntry(gap(number), at: clock.now())]) }
        let found = try await Audit.verify(workspace, head: nil, segments: sealed)
        #expect(found.isIntact)
        #expect(found.head.sequence == Int64(60 + 70 + found.segments.count))
        let state = try await writer.refresh()
        #expect(state.head.chain == found.head)
    }

    @Test("keeps in mind with what an agent began and what it read, however long ago")
    func carried() async throws {
        try await workspace.append([.lifecycle(.confirmed(ReloadConfirmed(contents: "cd", by: "ana")))])
        _ = try await seal(keeping: 1)
        let store = try await workspace.openLedger()
        let head = try await store.load(LedgerScope()).head.chain
        let reading = try #require(try await LastReading.read(store, head))
        #expect(reading.contents == "ab")
        #expect(try await AgentStart.read(nil, in: store, head)?.mode("production") == .enforce)
    }

    @Test("a search of the record ends where it begins now, and says what lies before")
    func search() async throws {
        let done = try await seal()
        let store = try await workspace.openLedger()
        let head = try await store.load(LedgerScope()).head.chain
        let page = try await RecordSearch.read(store, .init(), head: head, [key])
        #expect(page.entries.map(\.sequence) == (41...61).reversed() && page.older == nil)
        #expect(page.segment == done.segments[0])
        let about = try await RecordSearch.read(store, .init(execution: "3"), head: head, [key])
        #expect(about.entries.isEmpty && about.segment == done.segments[0])
        let report = try await ActivityReport.read(workspace, instance: nil, since: .noon - .days(2))
        #expect(report.segment == done.segments[0])
        #expect(try await ActivityReport.read(workspace, instance: nil, since: clock.now()).segment == nil)
    }

    @Test("an older copy is told from one of another ledger, also where what follows it was sealed")
    func restored() async throws {
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "7", root: "7", workflow: "w", policy: "a", policyVersion: "v")
        let copy = folder.path + "/copy.sqlite"
        _ = try await LedgerUpkeep.backup(workspace, to: copy)
        let number = try #require(try await workspace.append([.reserve(draft)], at: clock.now()).first)
        let ref = IntentRef(IntentID(number), draft)
        try await workspace.append([.sending(ref, watermark: nil, look: "complete")], at: clock.now())
        try await workspace.append(
            [.outcome(ref, Settlement(.applied, .answered(.success), child: "9"))], at: clock.now())
        clock.jump(by: .days(100))
        for number in 201...220 { try await workspace.append([gap(number)], at: clock.now()) }
        let done = try await seal(keeping: 5)
        #expect(done.range?.upperBound == number + 2)
        let found = try await LedgerRestore.check(workspace, from: copy)
        #expect(found.relation == .earlier(records: 24, sent: [ref]))
        let other = try Folder()
        let foreign = try await other.workspace(clock: clock)
        _ = try await LedgerUpkeep.backup(foreign, to: other.path + "/other.sqlite")
        await #expect(throws: MendflowFailure.self) {
            try await LedgerRestore.check(workspace, from: other.path + "/other.sqlite")
        }
    }
}
