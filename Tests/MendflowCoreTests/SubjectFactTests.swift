import MendflowCore
import Testing

@Suite("Facts of an execution")
struct SubjectFactTests {
    private func row(_ status: ExecutionStatus, _ change: (inout Execution) -> Void = { _ in }) -> World {
        var world = World()
        world.add("7", status, detail: nil)
        if var row = world.snapshot.executions["7"] {
            (row.createdAt, row.startedAt, row.stoppedAt) = (nil, nil, nil)
            change(&row)
            world.snapshot.executions["7"] = row
        }
        return world
    }
    private func age(_ world: World) -> Fact<FieldValue> { world.fact(.age, "7") }

    @Test("ended and waiting runs have their age from when they stopped", arguments: [ExecutionStatus.error, .waiting])
    func agesFromStop(status: ExecutionStatus) {
        let world = row(status) { ($0.startedAt, $0.stoppedAt) = (noon - .hours(3), noon - .hours(2)) }
        #expect(age(world) == .known(.period(.hours(2))))
        #expect(age(row(status) { $0.startedAt = noon - .hours(3) }) == .unknown)
    }

    @Test("a running run has its age and its run time from its start", arguments: [Field.age, .ranFor])
    func agesOfRunning(field: Field) {
        let world = row(.running) { $0.startedAt = noon - .hours(9) }
        #expect(world.fact(field, "7") == .known(.period(.hours(9))))
    }

    @Test(
        "nobody knows when a run that slept woke up: it has run since it was first seen to, at least",
        arguments: [Field.age, .ranFor])
    func agesOfResumed(field: Field) {
        var seen = row(.running) { ($0.startedAt, $0.stoppedAt) = (noon - .hours(9), noon - .hours(5)) }
        #expect(seen.fact(field, "7") == .unknown)
        seen.snapshot.firstSeen["7"] = noon
        #expect(seen.fact(field, "7") == .unknown)
        seen.snapshot.firstSeen["7"] = noon - .hours(1)
        #expect(seen.fact(field, "7") == .known(.period(.hours(1))))

        var waited = row(.running) { $0.startedAt = noon - .hours(9) }
        waited.snapshot.lastSeenWaiting["7"] = noon - .hours(2)
        waited.snapshot.firstSeen["7"] = noon - .minutes(5)
        #expect(waited.fact(field, "7") == .known(.period(.minutes(5))))
    }

    @Test("times that contradict each other are unknown, and no part of a p95")
    func contradictoryTimes() {
        let ahead = row(.running) { $0.startedAt = noon + .hours(2) }
        #expect(age(ahead) == .unknown)
        #expect(ahead.fact(.ranFor, "7") == .unknown)
        var turned = row(.error) { ($0.startedAt, $0.stoppedAt) = (noon - .hours(1), noon - .hours(4)) }
        #expect(turned.fact(.ranFor, "7") == .unknown)
        turned = row(.running) { $0.startedAt = noon - .hours(1) }
        for number in 100..<130 {
            let start = noon - .hours(9)
            turned.snapshot.executions[ExecutionID("\(number)")] = Execution(
                id: ExecutionID("\(number)"), workflow: "w", status: .success, startedAt: start,
                stoppedAt: start - .hours(3))
        }
        #expect(turned.fact(.ranForOfP95, "7") == .unknown)
    }

    @Test("a p95 is a second at the least: a multiple of nothing says nothing")
    func shortestP95() {
        #expect(RunTimes(Array(repeating: .milliseconds(1), count: 20))?.p95 == .seconds(1))
        #expect(RunTimes(Array(repeating: .seconds(3), count: 20))?.p95 == .seconds(3))
    }

    @Test("a queued run has its age from the later of its making and its first sight")
    func agesOfQueued() {
        var world = row(.queued) { $0.createdAt = noon - .hours(2) }
        world.snapshot.firstSeen["7"] = noon - .minutes(5)
        #expect(age(world) == .known(.period(.minutes(5))))
        world.snapshot.firstSeen["7"] = noon - .hours(3)
        #expect(age(world) == .known(.period(.hours(2))))
        #expect(age(row(.queued)) == .unknown)
    }

    @Test("what has not failed has no error, by nature; what has failed needs its data")
    func errors() {
        for field in [Field.errorClass, .errorMessage, .errorNodeType, .repeatRisk, .errorItems] {
            #expect(row(.running).fact(field, "7") == .absent)
            #expect(row(.error).fact(field, "7") == .needs(.detail("7")))
        }
    }

    @Test(
        "whether a chain healed and how often it was retried is unknown while its retries are not read, unless it is seen"
    )
    func uncovered() {
        var world = row(.error)
        #expect(world.fact(.healed, "7") == .known(.flag(false)) && world.fact(.retries, "7") == .known(.number(0)))
        world.snapshot.coverage.retriesKnownFrom = "8"
        #expect(world.fact(.healed, "7") == .unknown && world.fact(.retries, "7") == .unknown)
        world.view.healed = ["7"]
        #expect(world.fact(.healed, "7") == .known(.flag(true)))
        world.view.healed = []
        world.add("9", .success, retryOf: "7")
        #expect(world.fact(.healed, "7") == .known(.flag(true)) && world.fact(.retries, "7") == .unknown)
        world.snapshot.coverage.retriesKnownFrom = "7"
        #expect(world.fact(.retries, "7") == .known(.number(1)))
    }

    @Test(
        "what a run notes is stored when it ends or goes to sleep: of one that goes on nobody can tell what is missing")
    func customData() {
        for status in ExecutionStatus.allCases where status != .unrecognised {
            var world = row(status)
            world.snapshot.details["7"] = ExecutionDetail(status: status, customData: ["order": "1"])
            let isOpen = [.running, .unknown].contains(status)
            #expect(world.fact(.customData("order"), "7") == .known(.text("1")), "\(status)")
            #expect(world.fact(.customData("customer"), "7") == (isOpen ? .unknown : .absent), "\(status)")
        }
    }

    @Test("data of an older status is no evidence for the present one")
    func staleData() {
        var world = row(.error)
        var detail = ExecutionDetail.harmless
        detail.status = .running
        world.snapshot.details["7"] = detail
        #expect(world.fact(.errorMessage, "7") == .needs(.detail("7")))
    }

    @Test("what was hidden is unknown, what is not there is absent")
    func hidden() {
        var world = World()
        world.add("7", detail: ExecutionDetail(readability: .redacted, error: ErrorEvidence(httpCode: "500")))
        #expect(world.fact(.errorMessage, "7") == .unknown)
        #expect(world.fact(.customData("order"), "7") == .unknown)
        #expect(world.fact(.errorHTTPCode, "7") == .known(.text("500")))
        world.add("7", detail: .harmless)
        #expect(world.fact(.errorCause, "7") == .absent)
        #expect(world.fact(.customData("order"), "7") == .absent)
    }

    @Test("what a row, its data or its workflow does not tell is unknown: no protection is lost by it")
    func unread() {
        var world = World()
        var detail = ExecutionDetail.harmless
        detail.customData = ["order": "5"]
        detail.unreadCustomData = ["kind"]
        world.add("7", mode: .unread, detail: detail)
        world.snapshot.executions["7"]?.hidesRetryOf = true
        world.snapshot.workflows?["w"]?.hidesTags = true
        world.snapshot.workflows?["w"]?.hidesProjects = true
        let fields: [Field] = [.executionMode, .isRetry, .customData("kind"), .workflowTag, .workflowProject]
        for field in fields { #expect(world.fact(field, "7") == .unknown) }
        #expect(world.fact(.customData("order"), "7") == .known(.text("5")))
        #expect(world.fact(.customData("other"), "7") == .absent)
        detail.unreadCustomData = nil
        world.snapshot.details["7"] = detail
        #expect(world.fact(.customData("order"), "7") == .known(.text("5")))
        #expect(world.fact(.customData("other"), "7") == .unknown)
    }

    @Test(
        "unknown parts hold what is protected, and match nothing",
        arguments: [
            Condition.when(.executionMode, .anyOf([.wildcard("manual")])), .when(.isRetry, .flag(true)),
            .when(.customData("kind"), .anyOf([.wildcard("payment")])),
            .when(.workflowTag, .anyOf([.wildcard("no-auto-retry")])),
            .when(.workflowProject, .anyOf([.wildcard("p")])),
        ])
    func unreadProtections(condition: Condition) {
        var detail = ExecutionDetail.harmless
        detail.unreadCustomData = nil
        for isProtection in [true, false] {
            var world = World(policy("p", match: isProtection ? .failed : .all([.failed, .not(condition)])))
            if isProtection { world.protections = [Protection(match: condition)] }
            world.add("7", mode: condition.fields.contains(.executionMode) ? .unread : "webhook", detail: detail)
            world.snapshot.executions["7"]?.hidesRetryOf = true
            world.snapshot.workflows?["w"]?.hidesTags = true
            world.snapshot.workflows?["w"]?.hidesProjects = true
            #expect(world.plan().actions.isEmpty)
        }
    }

    @Test("a failed run that does not tell how it was started may be a sub-workflow's, and is not retried by itself")
    func unreadModeIsNotRetried() {
        var world = World(policy("p"))
        world.add("7", mode: .unread)
        #expect(world.plan().decisions.map(\.verdict.label) == ["parent_failed"])
    }

    @Test("a crash that names no node leaves the node unknown, so that no protection is lost")
    func crashWithoutNode() {
        var world = World()
        world.add("7", .crashed, detail: .crashed)
        for field in [Field.errorNode, .errorNodeType, .errorHTTPMethod] { #expect(world.fact(field, "7") == .unknown) }
    }

    @Test("the mode is the root's, and unknown where the root cannot be seen")
    func mode() {
        var world = World()
        world.add("1", mode: "trigger")
        world.add("2", retryOf: "1")
        world.add("4", retryOf: "3")
        #expect(world.fact(.executionMode, "2") == .known(.text("trigger")))
        #expect(world.fact(.executionMode, "4") == .unknown)
    }

    @Test("`waiting_for` is an event in the year 3000, else what the node tells")
    func waitingFor() {
        var world = row(.waiting) { $0.waitTill = ServerTime(rfc3339: "3000-01-01T00:00:00.000Z") }
        #expect(world.fact(.waitingFor, "7") == .known(.text("event")))
        world = row(.waiting) { $0.waitTill = noon + .hours(1) }
        #expect(world.fact(.waitingFor, "7") == .needs(.detail("7")))
        world.snapshot.details["7"] = ExecutionDetail(status: .waiting, waitKind: .timer)
        #expect(world.fact(.waitingFor, "7") == .known(.text("timer")))
        world.snapshot.details["7"] = ExecutionDetail(status: .waiting)
        #expect(world.fact(.waitingFor, "7") == .unknown)
        #expect(row(.error).fact(.waitingFor, "7") == .absent)
    }

    @Test("`succeeded_since` is a newer success, and unknown where a success would leave no row")
    func succeededSince() {
        var world = row(.error)
        #expect(world.fact(.succeededSince, "7") == .known(.flag(false)))
        world.snapshot.newestSuccess["w"] = "8"
        #expect(world.fact(.succeededSince, "7") == .known(.flag(true)))
        world.snapshot.newestSuccess["w"] = "6"
        #expect(world.fact(.succeededSince, "7") == .known(.flag(false)))
        world.snapshot.newestSuccess = [:]
        world.snapshot.workflows?["w"]?.savesSuccesses = false
        #expect(world.fact(.succeededSince, "7") == .unknown)
        world.snapshot.workflows?["w"]?.savesSuccesses = nil
        #expect(world.fact(.succeededSince, "7") == .unknown)
        world.snapshot.workflows?["v"] = WorkflowInfo(id: "v", name: "Other")
        world.snapshot.newestSuccess["v"] = "3"
        #expect(world.fact(.succeededSince, "7") == .known(.flag(false)))
        world.snapshot.workflows = nil
        #expect(world.fact(.succeededSince, "7") == .unknown)
    }

    @Test("a workflow that cannot be read leaves its name and tags unknown")
    func workflow() {
        var world = row(.error)
        world.snapshot.workflows = nil
        for field in [Field.workflowName, .workflowTag, .workflowProject, .workflowActive] {
            #expect(world.fact(field, "7") == .unknown)
        }
        #expect(world.fact(.workflowID, "7") == .known(.text("w")))
    }

    @Test("annotation tags are fetched on demand; run time ends where the run did")
    func others() {
        var world = row(.error) { ($0.startedAt, $0.stoppedAt) = (noon - .hours(3), noon - .hours(2)) }
        #expect(world.fact(.executionTag, "7") == .needs(.tags("7")))
        world.snapshot.tags["7"] = [AnnotationTag(id: "2", name: "b"), AnnotationTag(id: "1", name: "a")]
        #expect(world.fact(.executionTag, "7") == .known(.set(["a", "b"])))
        #expect(world.fact(.ranFor, "7") == .known(.period(.hours(1))))
        #expect(world.fact(.endedAt, "7") == .known(.time(noon - .hours(2))))
        #expect(row(.running).fact(.endedAt, "7") == .absent)
    }

    @Test(
        "tags are those of the whole chain, told apart from the run's own; each of its runs is asked, and none that is gone"
    )
    func chainTags() {
        var world = World()
        world.add("7", .error, ago: .hours(3))
        world.add("8", .error, retryOf: "7", ago: .hours(2))
        world.intend(.retry, "7", child: "9")
        #expect(world.fact(.executionTag, "8") == .needs(.tags("7")))
        world.snapshot.tags["7"] = [AnnotationTag(id: "1", name: "hold")]
        #expect(world.fact(.executionTag, "8") == .needs(.tags("8")))
        world.snapshot.tags["8"] = []
        #expect(world.fact(.executionTag, "8") == .known(.shared(own: [], all: ["hold"])))
        world.snapshot.tags["8"] = world.snapshot.tags["7"]
        #expect(world.fact(.executionTag, "8") == .known(.set(["hold"])))
        world.snapshot.tags["7"] = nil
        world.snapshot.unreadableTags = ["7"]
        #expect(world.fact(.executionTag, "8") == .unknown)
    }

    @Test("a tag on any run of a chain protects the newest, and lets nothing be done to it that its own tags do not")
    func chainTagsDecide() {
        let hold = Condition.when(.executionTag, .anyOf([.wildcard("hold")]))
        func label(_ policy: Policy, protections: [Protection] = []) -> String? {
            var world = World(policy)
            world.protections = protections
            world.add("7", .error, ago: .hours(3))
            world.add("8", .error, retryOf: "7", ago: .hours(2))
            world.snapshot.tags = ["7": [AnnotationTag(id: "1", name: "hold")], "8": []]
            return world.label("8")
        }
        #expect(label(policy("p") { $0.exceptions = [PolicyException(match: hold, reason: "kept")] }) == "excepted")
        #expect(label(policy("p"), protections: [Protection(match: hold)]) == "protected")
        #expect(label(policy("p", match: .all([.failed, .not(hold)]))) == "match_unknown")
        #expect(label(policy("p", match: .all([.failed, hold]))) == "match_unknown")
        #expect(label(policy("p")) == "act")
    }
}
