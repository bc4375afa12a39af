import MendflowHTTP
import Testing

@testable import MendflowSimulator

/// Files of recordings of one kind, one for each recorded server.
private let mainFiles = ["n8n-1.123.81", "n8n-2.27.5", "n8n-2.35.7", "n8n-2.41.1"].map { $0 + "/recordings.jsonl" }
private let moreFiles = ["n8n-2.27.5", "n8n-2.35.7", "n8n-2.41.1"].map { $0 + "/recordings-more.jsonl" }
private let extraFile = "n8n-2.41.1/recordings-extra.jsonl"
private let keysFile = "n8n-2.41.1/recordings-keys.jsonl"
private let queueFile = "n8n-2.41.1-queue/recordings-queue.jsonl"

/// What is not compared, and why. A name alone counts for every file.
private let exceptions = [
    "discover": "the model names only its own endpoints, a small part of n8n's",
    "archive": "archiving is no endpoint of the model; the test archives the workflow itself",
    "n8n-1.123.81/recordings.jsonl list.empty": "this server had been used before it was recorded",
    "n8n-1.123.81/recordings.jsonl workflows":
        "1.123.81 lists workflows without any order, as they lie on the database's disk",
    "n8n-1.123.81/recordings.jsonl scope.workflows": "the same",
    "n8n-2.27.5/recordings.jsonl workflows":
        "2.27.5 lists workflows without any order, as they lie on the database's disk",
]

@Suite("The model answers what n8n answered")
struct ReplayTests {
    /// Replays a file; every line is compared, or is an exception, or had no answer because the client gave up.
    private func replay(_ file: String, _ before: [String: (Replay) throws -> Void]) throws {
        let replay = try Replay(file, before: before)
        let leftOut = Set(replay.recordings.map(\.name)).filter {
            exceptions[$0] != nil || exceptions["\(file) \($0)"] != nil
        }
        let compared = try replay.run(leavingOut: leftOut)
        let left = replay.recordings.count { leftOut.contains($0.name) || $0.status == nil }
        #expect(compared == replay.recordings.count - left, "\(file)")
    }

    @Test("in every file of recordings there is")
    func all() throws {
        #expect(try Recording.files() == Set(mainFiles + moreFiles + [extraFile, keysFile, queueFile]))
        let names = try Recording.files().flatMap { file in
            try Recording.all(in: file).flatMap { [$0.name, "\(file) \($0.name)"] }
        }
        #expect(Set(exceptions.keys).isSubset(of: names), "every exception belongs to a recording")
    }

    @Test("to bulk stops under a key, which stop nothing and are all answered, whatever the key is")
    func keys() throws { try replay(keysFile, [:]) }

    @Test("to lists, by id, retry, stop, stop-many, tags, delete, keys, scopes and bad input", arguments: mainFiles)
    func main(file: String) throws {
        let sleep = Simulator.Outcome.wait(for: 10_800_000, after: 0, then: .hang)
        try replay(
            file,
            [
                "list.status.success": { replay in
                    replay.addWorkflows()
                    try replay.load("list.default")
                    for name in replay.recordings.map(\.name) where name.hasPrefix("get.data.") {
                        try replay.load(name)
                    }
                    if !replay.n8n.configuration.release.isExact {
                        try replay.trigger("Waits for a timer", sleep)
                        try replay.trigger("Waits for a webhook", .waitForEvent(after: 0, then: .hang))
                    }
                    try replay.trigger("Runs long", .success(after: 25_000))
                },
                "list.while-retrying": { try $0.sendTogether(["retry.slow.1", "retry.slow.2"]) },
                "retry.slow.1|retry.slow.2": { try $0.send("retry.running") },
                "list.after-client-timeout.later": { $0.pass(20_000) },
                "stop.running": { try $0.trigger("Runs long", .success(after: 25_000)) },
                "stop.wait|stop.finished": { replay in
                    try replay.trigger("Waits for a timer", sleep)
                    try replay.trigger("Waits for a webhook", .waitForEvent(after: 0, then: .hang))
                },
                "stopmany.empty-status": { replay in
                    for _ in 1...3 { try replay.trigger("Waits for a timer", sleep) }
                },
                "tags.get.none": { replay in
                    let tags = try #require(replay.recordings.first { $0.name == "tags.put.both" }).body.elements
                    for tag in tags ?? [] {
                        replay.n8n.add(tag: tag["id"]?.text ?? "", name: tag["name"]?.text ?? "")
                    }
                },
            ])
    }

    @Test(
        "to running, edited, sub-workflow, error workflow, unsaved, waiting, crashed and queued runs",
        arguments: moreFiles)
    func more(file: String) throws {
        try replay(
            file,
            [
                "running.get": { replay in
                    replay.addWorkflows()
                    replay.n8n.database.workflows[try replay.id("Nothing saved")]?.settings = [
                        "saveDataSuccessExecution": "none", "saveDataErrorExecution": "none",
                    ]
                    replay.n8n.database.nextID = try replay.execution("w70.get")
                    let failure = Simulator.Outcome.error(try replay.error(in: "w70.get"), after: 0)
                    try replay.trigger("Waits 70 s", .wait(for: 70_000, after: 0, then: failure))
                    try replay.trigger("Slow call", .success(after: 12_000))
                },
                "stoppedretry.list.running": { replay in
                    try replay.trigger("Fails then slow", .error(.code("no"), after: 0))
                    try replay.send("stoppedretry.retry")
                },
                "stoppedretry.retry": { try $0.send("stoppedretry.stop") },
                "edited.retry.snapshot": { replay in
                    let failure = Simulator.Outcome.error(try replay.error(in: "edited.retry.snapshot"), after: 0)
                    try replay.trigger("Edited later", failure)
                    try replay.trigger("Edited later", failure)
                    replay.n8n.edit(workflow: try replay.id("Edited later")) { _ in }
                },
                "renamed.retry.load": { replay in
                    replay.n8n.edit(workflow: try replay.id("Edited later")) {
                        $0.rename(node: "Call API", to: "Call the API")
                    }
                },
                "inactive.retry.snapshot": { replay in
                    replay.n8n.database.workflows[try replay.id("Edited later")]?.active = false
                },
                "archived.retry": { replay in
                    replay.n8n.database.workflows[try replay.id("Edited later")]?.isArchived = true
                },
                "sub.parent.list": { replay in
                    let failure = Simulator.Outcome.error(try replay.error(in: "sub.child.data"), after: 0)
                    replay.n8n.database.workflows[try replay.id("Child")]?.script.next = [failure]
                    replay.n8n.trigger(try replay.id("Parent"), now: replay.now)
                },
                "errorwf.list": { replay in
                    try replay.trigger("Fails and tells", .error(try replay.error(in: "errorwf.retry"), after: 0))
                    replay.pass(100)
                },
                "custom.get": { replay in
                    let id = try replay.trigger(
                        "Order with data", .error(try replay.error(in: "custom.get"), after: 0))
                    let noted = try #require(replay.recordings.first { $0.name == "custom.get" }).body["customData"]
                    replay.n8n.database.change(id) { $0.customData = noted ?? [:] }
                },
                "cof.get": { try $0.load("cof.get") },
                "nosaveall.running": { try $0.trigger("Nothing saved", .success(after: 5_000)) },
                "nosaveall.after": { $0.pass(5_000) },
                "retrywaits.retry": { try $0.trigger("Fails before a wait", .error(.http(503), after: 0)) },
                "w70.waiting": { replay in
                    let id = try replay.trigger("Big then fails", .error(.code("no"), after: 0))
                    replay.n8n.script(retriesOf: id, [.error(.code("no"), after: 0)])
                    replay.n8n.personRetries(id, now: replay.now)
                },
                "w70.failed": { $0.pass(70_000) },
                "crash.before": { replay in
                    try replay.trigger("Crashes in mid-run", .hang)
                    try replay.trigger("Crashes with progress saved", .hang)
                },
                "crash.list.crashed": { replay in
                    replay.n8n.kill(now: replay.now)
                    replay.n8n.start(now: replay.now)
                },
                "queued.list.new": { replay in
                    // The server without a limit was asked too: two runs ended, one goes on.
                    if replay.recordings.contains(where: { $0.name == "queued.get" && $0.execution == 92 }) {
                        for after: Int64 in [0, 0, 10_000] { try replay.trigger("Queues up", .success(after: after)) }
                    } else {
                        replay.n8n.configuration.concurrencyLimit = 1
                        for _ in 1...4 { try replay.trigger("Queues up", .hang) }
                    }
                },
            ].merging(
                file.contains("2.41.1")
                    ? [
                        "queued.list.new/2": { replay in
                            replay.pass(10_000)
                            replay.n8n.configuration.concurrencyLimit = 1
                            for _ in 1...4 { try replay.trigger("Queues up (2)", .hang) }
                        }
                    ] : [:]
            ) { one, _ in one })
    }

    @Test("to what a retry feeds again, and to a resumed run")
    func extra() throws {
        try replay(
            extraFile,
            [
                "batch.get": { replay in
                    replay.addWorkflows()
                    replay.n8n.database.nextID = 1_000_016
                    try replay.trigger(
                        "Waits, then works", .wait(for: 66_000, after: 0, then: .success(after: 10_000)))
                    try replay.trigger("Batch of five", .error(try replay.error(in: "batch.get"), after: 0))
                },
                "resumed.running": { $0.pass(66_000) },
                "resumed.done": { $0.pass(10_000) },
            ])
    }

    @Test("in queue mode: to queued, stopped and retried runs, and when the worker is killed")
    func queue() throws {
        try replay(
            queueFile,
            [
                "busy.list.default": { replay in
                    replay.addWorkflows()
                    for _ in 1...4 { try replay.trigger("Queued work", .success(after: 6_500)) }
                },
                "later.list.default": { $0.pass(10_000) },
                "retry-queued.list.default": { replay in
                    try replay.trigger("Queue fails", .error(.http(503), after: 0))
                    try replay.trigger("Queued work", .success(after: 12_000))
                    try replay.send("queue.retry")
                },
                "nosave.retry": { try $0.trigger("Queue nosave", .error(.http(503), after: 0)) },
                "runstop.list": { try $0.trigger("Queued work", .success(after: 60_000)) },
                "workerdead.list.default": { replay in
                    try replay.trigger("Queued work", .success(after: 60_000))
                    replay.n8n.killWorker(now: replay.now)
                },
                "noworker.list.default": { try $0.trigger("Queued work", .success(after: 400)) },
                "workerback.list.default": { replay in
                    replay.n8n.startWorker(now: replay.now)
                    replay.pass(1_000)
                },
            ])
    }
}
