import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import MendflowTestKit

/// Ledgers on which others' hands move as soon as the agent has written down what it is about to do: between a decision and
/// its request lies nothing but the last look, and so it is there that something has to change.
struct MeddledLedgers: LedgerLocker {
    let base: any LedgerLocker
    let world: SeedWorld
    let machine: Int

    func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        HookedStore(try await base.open(path, access)) { [world, machine] (entries, append) throws(LedgerFailure) in
            let head = try await append()
            await world.meddle(entries, of: machine)
            return head
        }
    }

    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { try base.lock(path) }

    func agent(on path: String) -> AgentSigns { base.agent(on: path) }

    func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? { try base.leases(of: path) }
}

/// What others' hands changed between a decision and its request, so that the request must not be sent for a while.
struct Meddled: Sendable {
    var hand: SeedEvent.Hand
    var action: ActionKind
    var execution: ExecutionID
    var from: Period, until: Period
    /// The run that a person began.
    var run: Int?
}

extension SeedWorld {
    /// Lets the hand that waits for it move, if these entries are what it waits for.
    func meddle(_ entries: [LedgerEntry], of machine: Int) async {
        guard let hand else { return }
        for entry in entries {
            let (action, execution): (ActionKind, ExecutionID)
            switch entry.event {
            case .reserved(let reservation) where !hand.waitsForSending && !reservation.draft.isShadow:
                (action, execution) = (reservation.draft.action, reservation.draft.execution)
            case .sending(let intent, _, _, _, _) where hand.waitsForSending:
                (action, execution) = (intent.action, intent.execution)
            default: continue
            }
            guard action == (hand.isAboutTags ? .tag : .retry), let id = Int(execution.text) else { continue }
            self.hand = nil
            return await move(hand, action, id, of: machine)
        }
    }

    private func move(_ hand: SeedEvent.Hand, _ action: ActionKind, _ id: Int, of machine: Int) async {
        let from = clock.monotonic()
        // What others did may have gone again later, without having been seen by anybody.
        var until = from + .seconds(30)
        var run: Int?
        switch hand {
        case .retries:
            run = personRetries(id)
            // What waits in a long queue no list shows.
            guard let run, box.withSimulator({ $0.database[run]?.status != .new }) else { return }
        case .deletes: change { $0.personDeletes(id, now: $1) }
        // Nothing is against the tag: the judge of tags looks whether it is still there afterwards.
        case .tags: return change { n8n, _ in n8n.personTags(id, ["Tag0000000000003"]) }
        case .dies: return die(machine, after: id % 5)
        case .naps: return nap(machine, id)
        // The request may leave; what came of it cannot be written down for a while.
        case .fillsDisk:
            disk.trouble(.full)
            return inPassing { world in
                await world.pass(.minutes(10))
                world.disk.trouble(nil)
            }
        case .switchesOff, .renames:
            guard let workflow = box.withSimulator({ $0.database[id].flatMap { SeedCast(rawValue: $0.workflowID) } })
            else { return }
            guard !wasAsked(workflow, before: clock.now()) else { return }
            inPassing { await $0.workflow(hand == .renames ? .renamed : .switchedOff, .minutes(20), of: workflow) }
        case .pauses:
            guard await beginPause() else { return }
            until = from + .seconds(2)
            inPassing { await $0.endPause(after: .minutes(20)) }
        case .sleeps:
            until = from + .seconds(270)
            let life = freezeHost(machine)
            inPassing { world in
                await world.pass(.minutes(2))
                if let run = world.personRetries(id) {
                    world.record.noteRun(run, ofMeddlingWith: ExecutionID("\(id)"))
                } else {
                    world.record.forgetMeddling(with: ExecutionID("\(id)"))
                }
                await world.pass(.minutes(2))
                life.thaw()
            }
        }
        // While the one that sleeps does, another host may lead; there is something to see only once the person has been there.
        let seen = hand == .sleeps ? from + .minutes(2) : from
        record.noteMeddled(
            Meddled(
                hand: hand, action: action, execution: ExecutionID("\(id)"), from: seen, until: until, run: run))
    }

    /// Whether the agent has read the workflow so lately that it need not read it again.
    private func wasAsked(_ workflow: SeedCast, before now: AgentTime) -> Bool {
        box.withSimulator { n8n in
            n8n.requests.reversed().prefix { $0.at >= now.milliseconds - 10_000 }
                .contains { $0.request.url.hasSuffix("workflows/\(workflow.rawValue)") }
        }
    }

    /// The run that a person's retry began; nil where n8n refuses.
    private func personRetries(_ id: Int) -> Int? {
        let now = clock.now().milliseconds
        return box.withSimulator { $0.personRetries(id, now: now) }
    }
}

extension SeedEvent.Hand {
    /// Whether it moves only when the request is about to leave.
    fileprivate var waitsForSending: Bool { self == .sleeps || self == .dies || self == .fillsDisk || self == .naps }

    /// Whether it waits for a tag, and not for a retry.
    fileprivate var isAboutTags: Bool { self == .tags || self == .fillsDisk }
}
