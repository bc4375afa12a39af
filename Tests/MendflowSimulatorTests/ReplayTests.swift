import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("The model answers what n8n 2.41.1 answered")
struct ReplayTests {
    @Test("to lists, by id, retry, stop, stop-many, tags, delete, keys, scopes and bad input")
    func main() throws {
        let replay = try Replay(
            "recordings.jsonl",
            before: [
                "list.status.success": { replay in
                    replay.addWorkflows()
                    try replay.load("list.default")
                    for name in replay.recordings.map(\.name) where name.hasPrefix("get.data.") {
                        try replay.load(name)
                    }
                    replay.trigger("VGl76G00XLWt0K4u", .success(after: 25_000))
                },
                "list.while-retrying": { replay in
                    try replay.send("retry.slow.1")
                    try replay.send("retry.slow.2")
                },
                "retry.slow.1": { try $0.send("retry.running") },
                "list.after-client-timeout.later": { $0.pass(20_000) },
                "stop.running": { $0.trigger("VGl76G00XLWt0K4u", .success(after: 25_000)) },
                "stop.wait": { replay in
                    replay.trigger("6nbkQnTNnQ5wHsw7", .wait(for: 10_800_000, after: 0, then: .hang))
                    replay.trigger("jmNVt91WRqfSqX0v", .waitForEvent(after: 0, then: .hang))
                },
                "stopmany.empty-status": { replay in
                    for _ in 1...3 {
                        replay.trigger("6nbkQnTNnQ5wHsw7", .wait(for: 10_800_000, after: 0, then: .hang))
                    }
                },
                "tags.get.none": { replay in
                    replay.n8n.add(tag: "Nt7BnNazWnJ0Matl", name: "needs-human")
                    replay.n8n.add(tag: "HznrwAE6ql068Gt5", name: "timeout")
                },
            ])
        let compared = try replay.run(leavingOut: [
            "discover": "the model names only its own endpoints, a small part of n8n's"
        ])
        // One more has no answer to compare: the client gave up.
        #expect(compared == replay.recordings.count - 2)
    }

    @Test("to running, edited, sub-workflow, error workflow, unsaved, waiting, crashed and queued runs")
    func more() throws {
        let replay = try Replay(
            "recordings-more.jsonl",
            before: [
                "running.get": { replay in
                    replay.addWorkflows(minimal: [
                        "fSPNsq73UdGNOMVF": "Fails then slow", "suuzD8XbE0TS70MH": "Tell the agent",
                        "9nCjhMc7Yzphbh0c": "Nothing saved", "3H7LYGeYR5tvokVD": "Big then fails",
                        "gKSVf8CXP0NJmCVE": "Queues up", "enIwzCrXvDuglKaS": "Queues up",
                    ])
                    replay.n8n.database.workflows["9nCjhMc7Yzphbh0c"]?.settings = [
                        "saveDataSuccessExecution": "none", "saveDataErrorExecution": "none",
                    ]
                    replay.n8n.database.nextID = 54
                    let failure = Simulator.Outcome.error(try replay.error(in: "w70.get"), after: 0)
                    replay.trigger("cBF1UoeENxzWWZjN", .wait(for: 70_000, after: 0, then: failure))
                    replay.trigger("GrJcZyNPKuJlFQuv", .success(after: 12_000))
                },
                "stoppedretry.list.running": { replay in
                    replay.trigger("fSPNsq73UdGNOMVF", .error(.code("no"), after: 0))
                    try replay.send("stoppedretry.retry")
                },
                "stoppedretry.retry": { try $0.send("stoppedretry.stop") },
                "edited.retry.snapshot": { replay in
                    let failure = Simulator.Outcome.error(try replay.error(in: "edited.retry.snapshot"), after: 0)
                    replay.trigger("Kzgz9PumH4X6Ujor", failure)
                    replay.trigger("Kzgz9PumH4X6Ujor", failure)
                    replay.n8n.edit(workflow: "Kzgz9PumH4X6Ujor") { _ in }
                },
                "renamed.retry.load": {
                    $0.n8n.edit(workflow: "Kzgz9PumH4X6Ujor") { $0.rename(node: "Call API", to: "Call the API") }
                },
                "inactive.retry.snapshot": { $0.n8n.database.workflows["Kzgz9PumH4X6Ujor"]?.active = false },
                "archived.retry": { $0.n8n.database.workflows["Kzgz9PumH4X6Ujor"]?.isArchived = true },
                "sub.parent.list": { replay in
                    let failure = Simulator.Outcome.error(try replay.error(in: "sub.child.data"), after: 0)
                    replay.n8n.database.workflows["bGvYk0z6xKCers0R"]?.script.next = [failure]
                    replay.n8n.trigger("dQNZ7ulAUD6jfXlt", now: replay.now)
                },
                "errorwf.list": { replay in
                    replay.trigger(
                        "Bl1t4NeAEYqpRs3r", .error(try replay.error(in: "errorwf.retry"), after: 0))
                    replay.pass(100)
                },
                "custom.get": { replay in
                    replay.trigger("C9NRoGhLbe97G130", .error(try replay.error(in: "custom.get"), after: 0))
                    let noted = try #require(replay.recordings.first { $0.name == "custom.get" }).body["customData"]
                    replay.n8n.database.change(74) { $0.customData = noted ?? [:] }
                },
                "cof.get": { try $0.load("cof.get") },
                "nosaveall.running": { $0.trigger("9nCjhMc7Yzphbh0c", .success(after: 5_000)) },
                "nosaveall.after": { $0.pass(5_000) },
                "retrywaits.retry": { replay in
                    let call = Simulator.Outcome.error(.http(503), after: 0)
                    replay.trigger("TXKOlvV4hBLSYlwC", call)
                },
                "w70.waiting": { replay in
                    replay.trigger("3H7LYGeYR5tvokVD", .error(.code("no"), after: 0))
                    replay.n8n.script(retriesOf: 79, [.error(.code("no"), after: 0)])
                    replay.n8n.personRetries(79, now: replay.now)
                },
                "w70.failed": { $0.pass(70_000) },
                "crash.before": { replay in
                    replay.trigger("VoPFlxWvNhayikg8", .hang)
                    replay.trigger("vezd1q6W5teaxqqk", .hang)
                },
                "crash.list.crashed": { replay in
                    replay.n8n.kill(now: replay.now)
                    replay.n8n.start(now: replay.now)
                },
                "queued.list.new": { replay in
                    replay.trigger("gKSVf8CXP0NJmCVE", .success(after: 0))
                    replay.trigger("gKSVf8CXP0NJmCVE", .success(after: 0))
                    replay.trigger("gKSVf8CXP0NJmCVE", .success(after: 10_000))
                },
                "queued.list.new/2": { replay in
                    replay.pass(10_000)
                    replay.n8n.configuration.concurrencyLimit = 1
                    for _ in 1...4 { replay.trigger("enIwzCrXvDuglKaS", .hang) }
                },
                // The server let the next one start above its limit when a queued one was stopped.
                "queued.stopmany": { replay in
                    replay.n8n.configuration.concurrencyLimit = 2
                    replay.n8n.startQueued()
                },
            ])
        let compared = try replay.run(leavingOut: [
            "archive": "archiving is no endpoint of the model; the test archives the workflow itself"
        ])
        #expect(compared == replay.recordings.count - 1)
    }

    @Test("to what a retry feeds again, and to a resumed run")
    func extra() throws {
        let replay = try Replay(
            "recordings-extra.jsonl",
            before: [
                "batch.get": { replay in
                    replay.addWorkflows(minimal: ["rkEvpJF08DHI3y8B": "Waits, then works"])
                    replay.n8n.database.nextID = 1_000_016
                    replay.trigger("rkEvpJF08DHI3y8B", .wait(for: 66_000, after: 0, then: .success(after: 10_000)))
                    replay.trigger("uXoYqhKDx3xkFGJi", .error(try replay.error(in: "batch.get"), after: 0))
                },
                "resumed.running": { $0.pass(66_000) },
                "resumed.done": { $0.pass(10_000) },
            ])
        #expect(try replay.run(leavingOut: [:]) == replay.recordings.count)
    }
}
