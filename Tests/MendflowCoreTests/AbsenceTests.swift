import MendflowCore
import Testing

/// A policy that misses runs of the workflow `Order sync` after a day and two hours, and tags the last one.
private func nightly(_ match: Condition = .workflow("Order sync"), mode: Mode = .enforce) -> Policy {
    policy("nightly", nil, match: match, tags: ["seen"], mode: mode) {
        $0.absence = AbsenceCondition(within: .hours(26))
    }
}

extension World {
    fileprivate func watch(
        acts: Bool = true, since previous: AbsenceWatch? = nil, _ change: (inout Snapshot) -> Void = { _ in }
    ) -> AbsenceWatch {
        var snapshot = snapshot
        snapshot.coverage.lookBack = .hours(72)
        change(&snapshot)
        return AbsenceWatch(set, snapshot, view, acts: acts, since: previous)
    }

    fileprivate func standing(_ change: (inout Snapshot) -> Void = { _ in }) -> String {
        watch(change).findings.map(\.label).joined(separator: ", ")
    }

    /// Takes in what the ledger would hold then.
    fileprivate mutating func tell(_ watch: AbsenceWatch) {
        let (ended, began) = watch.changes(view.absences, set)
        for end in ended { view.absences[end.key] = nil }
        for absence in began { view.absences[absence.key] = absence }
    }
}

@Suite("What did not happen")
struct AbsenceTests {
    @Test("is told once the last run ended longer ago than the policy allows, and by whom it is missed")
    func missed() {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(26) - .seconds(1))
        #expect(world.watch().findings.map(\.standing) == [.ran("7", until: noon + .seconds(1))])
        world.snapshot.executions["7"] = nil
        world.add("7", .success, ago: .hours(26))
        let absence = Absence(
            AbsenceKey("nightly", "w"), version: "v-nightly", workflowName: "Order sync", within: .hours(26),
            since: noon, last: "7", lastStatus: .success, lastEnded: noon - .hours(26))
        #expect(world.watch().findings.map(\.standing) == [.absent(absence)])
        #expect(world.watch().changes([:], world.set).began == [absence])
    }

    @Test("a run that goes on is a run, and so is one that failed; a retry is none, unless the policy names a status")
    func whatCounts() {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(30))
        #expect(world.standing() == "absent")
        world.add("8", .running, ago: .hours(1))
        #expect(world.standing() == "ran")
        world.snapshot.executions["8"] = nil
        world.add("8", .error, ago: .hours(2))
        #expect(world.standing() == "ran")
        world.snapshot.executions["8"] = nil
        world.add("6", .error, ago: .hours(31))
        world.add("9", .success, retryOf: "6", ago: .hours(1))
        #expect(world.standing() == "absent")
        world.policies = [nightly(.all([.workflow("Order sync"), .status(.success)]))]
        #expect(world.standing() == "ran", "what was wanted is there")
        world.snapshot.executions["9"] = nil
        world.add("10", .error, ago: .hours(1))
        #expect(world.standing() == "absent", "it ran and did not succeed")
    }

    @Test("each workflow is missed by itself")
    func apart() {
        var world = World(nightly(.when(.workflowName, .anyOf([.wildcard("*")]))))
        world.add("7", .success, ago: .hours(30))
        world.add("8", .success, ago: .hours(1), workflow: "x")
        #expect(world.watch().findings.map(\.label) == ["absent", "ran"])
    }

    /// Something that speaks against telling, and the label by which it is shown.
    enum Trouble: String, CaseIterable {
        case off = "switched_off", archived, keepsNoSuccesses = "keeps_no_successes"
        case keepsNoFailures = "keeps_no_failures", beyondLookBack = "beyond_look_back", notRead = "not_read"
        case partial, mayBeHidden = "may_be_hidden", clock = "clock_disputed", ambiguous = "ambiguous_workflow"
        case neverSeen = "never_seen"

        var label: String {
            switch self {
            case .archived: Trouble.off.rawValue
            case .partial: Trouble.notRead.rawValue
            default: rawValue
            }
        }

        func come(over snapshot: inout Snapshot) {
            switch self {
            case .off: snapshot.workflows?["w"]?.active = false
            case .archived: snapshot.workflows?["w"]?.isArchived = true
            case .keepsNoSuccesses: snapshot.workflows?["w"]?.savesSuccesses = false
            case .keepsNoFailures: snapshot.workflows?["w"]?.savesFailures = false
            case .beyondLookBack: snapshot.coverage.lookBack = .hours(25)
            case .notRead: snapshot.coverage.rowsKnownFrom = "7"
            case .partial: snapshot.completeness = .partial(["a page failed"])
            case .mayBeHidden: snapshot.coverage.hidesWaiting = true
            case .clock: snapshot.clockOffset = ClockOffset(ahead: .zero, .disputed(date: .hours(3)))
            case .ambiguous: snapshot.workflows?["x"] = WorkflowInfo(id: "x", name: "Order sync", active: true)
            case .neverSeen: snapshot.executions["7"] = nil
            }
        }
    }

    @Test("is not told where something speaks against it", arguments: Trouble.allCases)
    func doubts(trouble: Trouble) {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(30))
        let found = world.watch { trouble.come(over: &$0) }
        let labels = found.findings.filter { $0.key.workflow == "w" }.map(\.label)
        #expect(labels == [trouble.label])
        #expect(found.changes([:], world.set).began.isEmpty)
    }

    @Test("an epoch alarm begins nothing and ends nothing")
    func alarm() {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(30))
        world.tell(world.watch())
        world.view.alarm = "another database"
        #expect(world.standing() == "epoch_alarm")
        #expect(world.watch().changes(world.view.absences, world.set).ended.isEmpty)
    }

    @Test("whoever names `active` is told of a workflow that is switched off, too")
    func switchedOff() {
        var world = World(nightly(.all([.workflow("Order sync"), .when(.workflowActive, .exists(true))])))
        world.add("7", .success, ago: .hours(30))
        world.snapshot.workflows?["w"]?.active = false
        #expect(world.standing() == "absent")
    }

    @Test("a workflow that was switched on a while ago is missed from then on")
    func switchedOnLately() {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(60))
        let off = world.watch { $0.workflows?["w"]?.active = false }
        let on = world.watch(since: off)
        #expect(on.findings.map(\.label) == ["switched_on_lately"])
        let later = world.watch(since: on) { $0.now = noon + .hours(26) }
        #expect(later.findings.map(\.label) == ["absent"])
    }

    @Test("is told once, and its end: the workflow ran, need not run, or nobody looks for it any more")
    func ends() {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(30))
        world.tell(world.watch())
        #expect(world.view.absences.count == 1)
        let again = world.watch().changes(world.view.absences, world.set)
        #expect(again.ended.isEmpty && again.began.isEmpty)
        let unread = world.watch { $0.coverage.rowsKnownFrom = "7" }
        #expect(unread.changes(world.view.absences, world.set).ended.isEmpty, "it stays, for nothing was seen")
        let off = world.watch { $0.workflows?["w"]?.active = false }
        #expect(off.changes(world.view.absences, world.set).ended.map(\.cause) == [.switchedOff])
        let gone = world.watch { $0.workflows = [:] }
        #expect(gone.changes(world.view.absences, world.set).ended.map(\.cause) == [.switchedOff])
        world.add("8", .error, ago: .minutes(2))
        let ended = world.watch().changes(world.view.absences, world.set).ended
        #expect(ended.map(\.cause) == [.ran] && ended.first?.run == "8")
        world.policies = []
        #expect(world.watch().changes(world.view.absences, world.set).ended.map(\.cause) == [.unwatched])
    }

    @Test("what dry-run was told is told anew once the policy is enforced")
    func modes() {
        var world = World(nightly(mode: .dryRun))
        world.add("7", .success, ago: .hours(30))
        world.tell(world.watch())
        #expect(world.view.absences.values.map(\.isShadow) == [true])
        world.policies = [nightly()]
        let (ended, began) = world.watch().changes(world.view.absences, world.set)
        #expect(ended.map(\.isShadow) == [true] && began.map(\.isShadow) == [false])
    }

    @Test("tags the last run that there was, once, and no other; nothing matches the policy otherwise")
    func tags() {
        var world = World(nightly())
        world.add("6", .success, ago: .hours(31))
        world.add("7", .success, ago: .hours(30))
        #expect(world.plan().decisions.isEmpty)
        world.tell(world.watch())
        #expect(world.plan().actions.map(\.draft.execution) == ["7"])
        #expect(world.plan().actions.first?.draft.tags == ["seen"])
        world.intend(.tag, "7", policy: "nightly", tags: ["seen"], contributors: ["nightly"])
        #expect(world.plan().actions.isEmpty)
    }

    @Test("a protected last run is not tagged, and the absence is told all the same")
    func protected() {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(30))
        world.protections = [Protection(match: .workflow("Order sync"))]
        world.tell(world.watch())
        #expect(world.view.absences.count == 1 && world.label("7") == "protected")
    }

    @Test("what was found holds until a run is missed, and until something is seen")
    func holds() {
        var world = World(nightly())
        world.add("7", .success, ago: .hours(20))
        let found = world.watch()
        var snapshot = world.snapshot
        snapshot.coverage.lookBack = .hours(72)
        snapshot.now = noon + .hours(6) - .milliseconds(1)
        #expect(found.holds(snapshot, world.view))
        snapshot.now = noon + .hours(6)
        #expect(!found.holds(snapshot, world.view))
        snapshot.now = noon
        snapshot.executions["8"] = Execution(id: "8", workflow: "w", status: .running)
        #expect(!found.holds(snapshot, world.view))
    }
}
