import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowWorkspace
import Synchronization
import Testing

@testable import MendflowHost

@Suite("An agent that starts while nobody answers where its ledger is kept", .timeLimit(.minutes(30)))
struct AwayLedgerTests {
    /// A ledger in a file that is said to be somewhere else, and cannot be reached the first few times.
    private final class AwayLedgers: LedgerLocker {
        let base: any LedgerLocker, file: String
        /// Which tries fail.
        private let away: Range<Int>, tries = Mutex(0)
        /// Whether it can be read all the same.
        private let isRead: Bool

        init(_ base: any LedgerLocker, file: String, away: Range<Int>, isRead: Bool) {
            self.isRead = isRead
            self.base = base
            self.file = file
            self.away = away
        }

        func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
            let isAway = tries.withLock { tries in
                defer { tries += 1 }
                return away.contains(tries) && !(isRead && access == .read)
            }
            if isAway { throw .away("postgres://db/mendflow: connection refused") }
            return try await base.open(file, access)
        }
        func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { try base.lock(file) }
        func agent(on path: String) -> AgentSigns { base.agent(on: file) }
        func keeper(of path: String) -> (any LedgerKeeper)? { base.keeper(of: file) }
        func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? { try base.leases(of: file) }
    }

    private let folder: Folder
    private let file: Workspace
    private let clock = VirtualClock(.noon), events = Events()

    init() async throws {
        folder = try Folder()
        file = try await folder.workspace(clock: clock)
        let text = Folder.configuration().replacing("mendflow.sqlite", with: "\"postgres://db/mendflow\"")
        try folder.write("mendflow.yaml", text)
    }

    private func host(away: Range<Int>, isRead: Bool = false) throws -> MendflowHost {
        var environment = file.environment
        environment.ledgers = AwayLedgers(environment.ledgers, file: file.ledgerPath, away: away, isRead: isRead)
        environment.log = { [events] _, _ in events }
        let loaded = try Workspace.load(path: file.path, environment: environment)
        return MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
    }

    /// How a host ended; nothing while it has not.
    private final class Ending: Sendable {
        private let state = Mutex<Result<Void, MendflowFailure>?>(nil)
        var result: Result<Void, MendflowFailure>? { state.withLock { $0 } }
        func note(_ result: Result<Void, MendflowFailure>) { state.withLock { $0 = result } }
    }

    private func begin(_ host: MendflowHost, once: Bool) -> Ending {
        let ending = Ending()
        Task {
            do throws(MendflowFailure) {
                try await host.run(once: once)
                ending.note(.success(()))
            } catch { ending.note(.failure(error)) }
        }
        return ending
    }

    /// Lets time pass, a moment whenever somebody waits for it, until a host has ended; answers why.
    private func pass(until ending: Ending) async -> MendflowFailure.Kind? {
        while true {
            switch ending.result {
            case .success?: return nil
            case .failure(let failure)?: return failure.kind
            case nil:
                if clock.nextWake != nil { clock.advance(by: .seconds(1)) }
                await Task.yield()
            }
        }
    }

    @Test("says so once, and begins when it is there")
    func comesBack() async throws {
        let host = try host(away: 0..<5)
        // Nobody answers at the address of the test's n8n either.
        #expect(await pass(until: begin(host, once: true)) == .unreachable)
        #expect(events.named("ledger.unreachable").count == 1 && events.named("ledger.reached").count == 1)
    }

    @Test(
        "gives up after half a minute where it is to look once, and waits for as long as it takes else, until it is told to stop"
    )
    func stays() async throws {
        #expect(await pass(until: begin(try host(away: 0..<Int.max), once: true)) == .failed)
        let host = try host(away: 0..<Int.max)
        let run = begin(host, once: false)
        for _ in 0..<60 {
            while clock.nextWake == nil { await Task.yield() }
            clock.advance(by: .seconds(2))
        }
        host.stop()
        #expect(await pass(until: run) == nil)
        #expect(events.named("ledger.unreachable").count == 2 && events.named("ledger.reached").isEmpty)
    }

    private var hasBegunAnew: Bool {
        guard let reached = events.named("ledger.reached").first, let started = events.named("started").last else {
            return false
        }
        return started.at >= reached.at
    }

    @Test("begins anew where it goes away again before the start is on record, whenever that is", arguments: 1...6)
    func goesAgain(after tries: Int) async throws {
        let host = try host(away: tries..<tries + 4)
        let run = begin(host, once: false)
        while run.result == nil, !hasBegunAnew {
            if clock.nextWake != nil { clock.advance(by: .seconds(1)) }
            await Task.yield()
        }
        #expect(run.result == nil && events.named("ledger.failed").count == 1)
        host.stop()
        #expect(await pass(until: run) == nil)
    }

    @Test("is asked once in two seconds where it answers who asks, and not who writes, and says why each time")
    func answersReaders() async throws {
        let host = try host(away: 0..<Int.max, isRead: true)
        let run = begin(host, once: false)
        while clock.now() < .noon + .seconds(20), run.result == nil {
            if clock.nextWake != nil { clock.advance(by: .seconds(1)) }
            await Task.yield()
        }
        #expect(run.result == nil && (8...11).contains(events.named("ledger.failed").count))
        host.stop()
        #expect(await pass(until: run) == nil)
    }
}
