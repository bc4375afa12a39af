import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("An agent on another ledger than the files name now")
struct AgentElsewhereTests {
    /// The workspace after its ledger was changed, and the hold of the agent that goes on with the former one, which has seen that.
    private func changed(_ folder: Folder, seen: Bool = true) async throws -> (now: Workspace, hold: any LedgerHold) {
        let before = try await folder.workspace(clock: VirtualClock(.noon))
        let hold = try before.environment.ledgers.lock(before.ledgerPath)
        var inForce = InForce(contents: Hex.text(before.meaning), modes: ["production": .enforce])
        let started = AgentStarted(inForce, version: "1", mode: .enforce)
        try await before.append([.lifecycle(.started(started))])
        if seen {
            inForce.contents = "other"
            let reload = FilesReloaded(inForce, why: .changed, needsRestart: [.ledger])
            try await before.append([.lifecycle(.reloaded(reload))])
        }
        let text = Folder.configuration().replacing("ledger: mendflow.sqlite", with: "ledger: new.sqlite")
        try folder.write("mendflow.yaml", text)
        return (try #require(try folder.load(clock: VirtualClock(.noon)).workspace), hold)
    }

    @Test("is found, is no agent that is missing, and has to be restarted", arguments: [true, false])
    func found(seen: Bool) async throws {
        let folder = try Folder()
        let (now, hold) = try await changed(folder, seen: seen)
        let status = try #require(try await StatusQuery.run(now, instance: nil).first)
        let agent = try #require(status.elsewhere)
        #expect(agent.ledger == folder.path + "/mendflow.sqlite" && agent.named == folder.path + "/new.sqlite")
        #expect(status.standing == .otherLedger && status.needs == [.otherLedger(agent)] && !status.standing.isWell)
        #expect(try await FilesStanding.read(now).elsewhere == agent)
        let doctor = try await Doctor.look(now, instance: nil)
        #expect(doctor.agent.contains { $0.topic == .ledger && $0.level == .wrong && $0.message == agent.words })
        withExtendedLifetime(hold) {}
    }

    @Test("is not reached by a pause, which says so, and does nothing where there is no ledger to write it into")
    func pause() async throws {
        let folder = try Folder()
        let (now, hold) = try await changed(folder)
        let failure = await #expect(throws: MendflowFailure.self) {
            try await KillSwitch.pause(now, instance: nil, reason: "lunch")
        }
        #expect(failure?.message.contains("nothing is paused: an agent runs on another ledger") == true)
        _ = try await now.openLedger(create: true)
        let outcome = try await KillSwitch.pause(now, instance: nil, reason: "lunch")
        #expect(outcome.elsewhere?.ledger == folder.path + "/mendflow.sqlite")
        withExtendedLifetime(hold) {}
    }

    @Test("keeps `init` and `instance adopt` from beginning anew, and is said where a command finds no ledger")
    func nothingBegins() async throws {
        let folder = try Folder()
        let (now, hold) = try await changed(folder)
        let agent = try #require(await AgentElsewhere.read(now))
        let request = Initialise.Request(
            folder: folder.path, name: "production", url: "http://127.0.0.1:1", keyVariable: "KEY", keyFile: nil,
            since: nil)
        let new = await #expect(throws: MendflowFailure.self) {
            try await Initialise.run(request, environment: now.environment)
        }
        #expect(new == MendflowFailure(.held, "nothing is set up: \(agent.words)"))
        #expect(try await now.openLedgerReading() == nil)
        let adopted = await #expect(throws: MendflowFailure.self) {
            try await Adopt.run(now, .init(instance: nil, reason: "restored", since: nil, force: true))
        }
        #expect(adopted == MendflowFailure(.held, "nothing is adopted: \(agent.words)"))
        let looks: [() async throws -> Void] = [
            { _ = try await Replaying.all(now, instance: nil) },
            { _ = try await ActivityReport.read(now, instance: nil, since: .noon) },
            { _ = try await Inbox.read(now) }, { _ = try await Approving.open(now) },
            { _ = try await KillSwitch.resume(now, instance: nil) },
            { _ = try await Audit.verify(now, head: nil) }, { try await Audit.entries(now) { _ in } },
            { _ = try await LedgerUpkeep.info(now) },
            { _ = try await LedgerUpkeep.backup(now, to: folder.path + "/copy") },
        ]
        for look in looks {
            let failure = await #expect(throws: MendflowFailure.self) { try await look() }
            #expect(failure == MendflowFailure(.held, agent.words))
        }
        withExtendedLifetime(hold) {}
    }

    @Test("is none where it has ended, or where an agent works on the ledger that is named")
    func none() async throws {
        let folder = try Folder()
        var held: (now: Workspace, hold: any LedgerHold)? = try await changed(folder)
        let now = try #require(held?.now)
        _ = try await now.openLedger(create: true)
        var new: (any LedgerHold)? = try now.environment.ledgers.lock(now.ledgerPath)
        #expect(await AgentElsewhere.read(now) == nil && new != nil)
        new = nil
        #expect(await AgentElsewhere.read(now) != nil)
        held = nil
        #expect(await AgentElsewhere.read(now) == nil && held == nil)
        let doctor = try await Doctor.look(now, instance: nil)
        let unseen = doctor.agent.filter { $0.topic == .ledger && $0.level == .note }
        #expect(unseen.map(\.message) == ["no agent works on \(now.ledgerPath); \(AgentElsewhere.unseen)"])
    }
}
