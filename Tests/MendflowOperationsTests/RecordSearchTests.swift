import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("A search of the record")
struct RecordSearchTests {
    let store = MemoryLedgerStore()

    /// A ledger in which every fiftieth record is a pause, a second apart.
    private func fill(_ count: Int) async throws {
        let entries = (1...count).map { number in
            let at = AgentTime.noon + .seconds(Int64(number))
            let event: LedgerEvent =
                number % 50 == 0
                ? .paused(instance: nil, reason: "\(number)", by: "ada")
                : .lifecycle(.reloaded(FilesReloaded(InForce(contents: ""), why: .changed)))
            return LedgerEntry(event, at: at)
        }
        _ = try await store.append(entries, expecting: try await store.load(LedgerScope()).head, fence: nil)
    }

    private func read(_ query: RecordSearch.Query) async throws -> RecordSearch {
        try await RecordSearch.read(store, query, head: try await store.load(LedgerScope()).head.chain, [])
    }

    @Test("finds everything in pages, the newest first, and looks at a bounded part of the ledger for each")
    func pages() async throws {
        try await fill(12_000)
        var (found, before, pages): ([Int64], Int64?, Int) = ([], nil, 0)
        repeat {
            let page = try await read(.init(kind: .command, before: before))
            #expect(page.entries.count <= RecordSearch.most && page.looked <= RecordSearch.mostLooked)
            found += page.entries.map(\.sequence)
            (before, pages) = (page.older, pages + 1)
        } while before != nil && pages < 20
        let every50th: [Int64] = (1...240).reversed().map { $0 * 50 }
        #expect(found == every50th)
        let none = try await read(.init(policy: "none"))
        #expect(none.entries.isEmpty && none.looked == RecordSearch.mostLooked && none.older == 7_001)
    }

    @Test("begins at the latest time without looking at what is behind it, and ends at the earliest")
    func times() async throws {
        try await fill(12_000)
        let page = try await read(
            .init(kind: .command, since: .noon + .seconds(1_000), until: .noon + .seconds(1_100)))
        #expect(page.entries.map(\.sequence) == [1_100, 1_050, 1_000] && page.looked <= 102 && page.older == nil)
        let early = try await read(.init(until: .noon))
        #expect(early.entries.isEmpty && early.older == nil)
    }

    @Test("by a policy finds what was decided by it together with others")
    func policies() async throws {
        let folder = try Folder()
        let workspace = try await folder.workspace()
        let key = InstanceKey(name: "production", epoch: 1)
        let policies = try #require(try folder.load().workspace).policies
        let decisions = policies.prefix(2).map { policy in
            Decision(
                execution: "7", root: "7", workflow: "w", status: .error, since: .noon, policy: policy,
                verdict: .held(.mayRepeat, "x"))
        }
        try await workspace.append([
            .decided(DecidedExecution(decisions, instance: key, isShadow: false, now: .noon, evidence: nil))
        ])
        let observatory = Observatory(LastLooks()) { workspace }
        for name in policies.prefix(2).map(\.name) {
            #expect(try await observatory.records(.init(policy: name)).entries.map(\.record.kind) == [.decision])
        }
        let about = try await observatory.records(.init(execution: "7")).entries
        #expect(about.count == 1 && about[0].words[0].contains("held by may_repeat"))
    }
}

@Suite("A week of policies")
struct PolicyWeekTests {
    @Test("counts what was acted on, healed, not healed, would have been, and agreed with people, since a time")
    func week() async throws {
        let folder = try Folder()
        let workspace = try await folder.workspace()
        let key = InstanceKey(name: "production", epoch: 1)
        func intent(_ id: ExecutionID, _ policy: String, _ state: IntentState, ago: Period = .hours(1)) async throws {
            let draft = IntentDraft(
                instance: key, action: .retry, execution: id, root: id, workflow: "w", policy: policy,
                policyVersion: "v", isShadow: state == .shadow)
            let number = try #require(try await workspace.append([.reserve(draft)], at: .noon - ago).first)
            guard state != .shadow else { return }
            let ref = IntentRef(IntentID(number), draft)
            let evidence = OutcomeEvidence.unanswered(status: nil, message: "cut off")
            try await workspace.append(
                [
                    .sending(ref, watermark: "90", look: "complete"),
                    .outcome(ref, Settlement(state, evidence)),
                ],
                at: .noon - ago)
        }
        try await intent("1", "a", .applied, ago: .days(8))
        try await intent("2", "a", .applied)
        try await intent("3", "a", .applied)
        try await intent("4", "a", .unresolved)
        try await intent("5", "b", .shadow)
        try await intent("6", "b", .shadow)
        try await workspace.append([
            .latched(key, Latch(.healed, "2", at: .noon), shadow: false),
            .latched(key, Latch(.child("15"), "5", at: .noon), shadow: false),
            .latched(key, Latch(.personRetried("16"), "5", at: .noon), shadow: false),
            .latched(key, Latch(.personRetried("17"), "8", at: .noon), shadow: false),
            .latched(key, Latch(.exhausted(policy: "a"), "3", at: .noon), shadow: false),
        ])
        let standings = try await Observatory(LastLooks()) { workspace }.policies()
        #expect(standings.retriedByPeople == 2 && standings.policies.map(\.name) == ["a", "b"])
        let (a, b) = (standings.policies[0].week, standings.policies[1].week)
        #expect(a.acted == 3 && a.retried == 3 && a.healed == 1 && a.notHealed == 1 && a.unresolved == 1)
        #expect(a.exhausted == 1 && a.agreed == 0 && a.wouldHaveActed == 0 && a.last == .noon - .hours(1))
        #expect(b.acted == 0 && b.wouldHaveActed == 2 && b.chains == 2 && b.agreed == 1)
    }
}
