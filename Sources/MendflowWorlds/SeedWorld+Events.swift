import MendflowCore
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Synchronization

extension SeedWorld {
    /// Lets something happen, and waits until it is over.
    func happen(_ what: SeedEvent) async {
        let machine = leader
        switch what {
        case .kill(let back):
            killHost(machine)
            await pass(back)
            startHost(machine)
        case .dieAfter(let effects, let back):
            killHost(machine)
            startHost(machine, diesAfter: effects)
            await pass(back)
            killHost(machine, "died between two effects")
            startHost(machine)
        case .stop(let back):
            host(machine)?.stop()
            noteEnd(machine)
            await pass(back)
            killHost(machine, "stopped")
            startHost(machine)
        case .freeze(let period):
            let life = freezeHost(machine)
            await pass(period)
            life.thaw()
        case .shared(let event): await happen(event)
        case .second: await startSecond()
        case .pause(let period): if await beginPause() { await endPause(after: period) }
        case .resolve(let ran): inPassing { await $0.resolve(ran: ran) }
        case .policies(let edit):
            files.write("/m/policies/retry.yaml", SeedWorld.policies(edit, of: plan))
            record.note(edit, clock.monotonic())
        case .reload: for place in machines.withLock({ $0.places.indices }) { host(place)?.reload() }
        case .replay(let canary, let inFlight):
            inPassing { await $0.beginReplay(canary: canary, inFlight: inFlight) }
        case .answer(let isYes, let late): inPassing { await $0.answerAsk(isYes: isYes, after: late) }
        case .haltReplay(let back): inPassing { await $0.haltReplay(back: back) }
        case .disk(let trouble, let period):
            disk.trouble(trouble)
            await pass(period)
            disk.trouble(nil)
        case .powerCut(let writes, let isOfDatabase): cutPower(after: writes, ofDatabase: isOfDatabase)
        case .jump(let period):
            record.noteJump()
            clock.jump(by: period)
        case .killServer, .killWorker, .upgrade, .restore, .serverJump, .dates, .prune: await happenToServer(what)
        case .person(let deed): person(deed)
        case .workflow(let change, let period): await workflow(change, period, of: .orders)
        case .meddle(let hand): self.hand = hand
        case .burst(let count):
            for _ in 0..<count { change { $0.trigger(SeedCast.orders.rawValue, now: $1) } }
        case .flood(let count):
            for _ in 0..<count { change { $0.trigger(SeedCast.heartbeat.rawValue, now: $1) } }
        case .outage(let outage, let period, let pause):
            inPassing { await $0.bring(outage, for: period, every: pause) }
        case .dataUnreadable(let period):
            let from = clock.now().milliseconds
            let fault = Simulator.FaultRule(
                .errorBefore, at: [.read], times: nil, during: from..<from + period.milliseconds)
            change { n8n, _ in n8n.faults.append(fault) }
        }
    }

    private func happenToServer(_ what: SeedEvent) async {
        switch what {
        case .killServer(let back):
            change { $0.kill(now: $1) }
            await pass(back)
            change { $0.start(now: $1, taking: 5000) }
        case .killWorker(let back):
            change { $0.killWorker(now: $1) }
            await pass(back)
            change { $0.startWorker(now: $1) }
        case .upgrade(let release, let duration):
            change { $0.upgrade(to: release, now: $1, taking: duration.milliseconds) }
        case .restore(let age):
            let (backup, taken) = (box.withSimulator { $0.database }, clock.now())
            await pass(age)
            let before = box.withSimulator { $0.database }
            change { n8n, now in
                n8n.kill(now: now)
                n8n.restore(backup)
                n8n.start(now: now, taking: 5000)
            }
            record.noteRestored(clock.now(), to: taken, before)
        case .serverJump(let period):
            record.noteJump()
            change { n8n, _ in n8n.configuration.clockAhead += period.milliseconds }
        case .dates(let ahead):
            record.noteJump()
            change { n8n, _ in n8n.configuration.dateAhead = ahead.milliseconds }
        case .prune(let age): change { $0.prune(endedBefore: $1 - age.milliseconds) }
        default: break
        }
    }

    /// Changes n8n, at this moment.
    func change(_ body: (inout Simulator, Int64) -> Void) {
        let now = clock.now().milliseconds
        box.withSimulator { body(&$0, now) }
    }

    /// A person does something to a run of the workflow that is retried.
    private func person(_ deed: SeedEvent.Deed) {
        change { n8n, now in
            let wanted: Set<Simulator.Status> = deed == .stops ? [.running, .waiting, .new] : [.error]
            let found = n8n.database.ids.filter { id in
                guard let row = n8n.database[id], wanted.contains(row.status) else { return false }
                return deed == .stops || row.workflowID == SeedCast.orders.rawValue
            }.max()
            guard let found else { return }
            switch deed {
            case .retries: n8n.personRetries(found, now: now)
            case .deletes: n8n.personDeletes(found, now: now)
            case .tags: n8n.personTags(found, ["Tag0000000000003"])
            case .stops: n8n.personStops(found, now: now)
            }
        }
    }

    /// Changes a workflow, and changes it back after a while.
    func workflow(_ change: SeedEvent.Change, _ period: Period, of id: SeedCast) async {
        func edit(_ isBack: Bool) {
            let isPublished = change != .drafted
            self.change { n8n, _ in
                n8n.edit(workflow: id.rawValue, publishing: isPublished) { workflow in
                    switch change {
                    case .renamed: workflow.name = isBack ? id.name : "Orders of old"
                    case .switchedOff: workflow.active = isBack
                    case .archived: workflow.isArchived = !isBack
                    case .published, .drafted: workflow.settings["executionTimeout"] = isBack ? -1 : 3600
                    }
                }
            }
            record.note(id, clock.monotonic(), isBack ? nil : change)
        }
        edit(false)
        await pass(period)
        edit(true)
    }

    /// An operator's command; false where it fails.
    func beginPause() async -> Bool {
        guard let workspace = try? workspace() else { return false }
        guard (try? await KillSwitch.pause(workspace, instance: nil, reason: "maintenance")) != nil else {
            return false
        }
        record.notePaused(clock.monotonic())
        return true
    }

    func endPause(after period: Period) async {
        await pass(period)
        await endPauses()
    }

    private func endPauses() async {
        guard plan.shared == nil else { return await endSharedPauses() }
        // From the first try on the agent may go by it: where the power goes, what failed may have been written all the same.
        record.noteResumed(clock.monotonic())
        for _ in 0..<10 {
            if let workspace = try? workspace(),
                (try? await KillSwitch.resume(workspace, instance: nil, force: true)) != nil
            {
                return
            }
            await pass(.minutes(1))
        }
    }

    private func resolve(ran: Bool) async {
        for _ in 0..<60 {
            if let workspace = try? workspace(), let intent = try? await Inbox.read(workspace).unresolved.first?.intent
            {
                return await resolve(intent, ran: ran, workspace)
            }
            await pass(.minutes(1))
        }
    }

    private func resolve(_ intent: Intent, ran: Bool, _ workspace: Workspace) async {
        // Written down first: from here on the agent may go by it.
        if !ran { record.noteTold(intent.draft.execution) }
        guard (try? await ResolveCommand.run(workspace, id: intent.id.number, ran: ran, reason: "seen in n8n")) != nil
        else { return }
        if ran { record.noteToldRan(intent.draft.execution, clock.now()) }
    }

    /// No more faults: what can be healed must come right from here on.
    func makePeace() async {
        disk.trouble(nil)
        hand = nil
        files.write("/m/policies/retry.yaml", SeedWorld.policies(of: plan))
        record.note(nil as SeedEvent.Edit?, clock.monotonic())
        change { n8n, now in
            n8n.faults = []
            n8n.outages = [:]
            n8n.configuration.dateAhead = 0
            if n8n.power != .up { n8n.start(now: now) }
            n8n.startWorker(now: now)
        }
        makeSharedPeace()
        await endPauses()
        // What a process keeps in memory only must come right as well, so that some live on.
        for machine in 0..<(plan.shared?.hosts ?? 1) {
            if host(machine) != nil, plan.seed.isMultiple(of: 2) { continue }
            killHost(machine)
            startHost(machine)
        }
    }
}
