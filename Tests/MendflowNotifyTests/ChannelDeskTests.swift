import MendflowCore
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowNotify
import MendflowOperations
import MendflowTestKit
import MendflowText
import Testing

@Suite("A channel")
struct ChannelDeskTests {
    @Test("begins where the ledger ends, and tells what comes after, once")
    func begins() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        await desk.turn()
        #expect(office.hook.requests.isEmpty)
        try await office.append([Office.pause(1)])
        await desk.turn()
        await desk.turn()
        #expect(office.hook.requests.count == 1)
        let request = try #require(office.hook.requests.first)
        #expect(request.method == .post && request.headers["Content-Type"] == "application/json")
        #expect(office.hook.bodies[0].contains("\"subject\":\"all instances: paused by ana\""))
        #expect(try await office.told(.delivered).flatMap(\.keys) == office.hook.keys)
        // Whoever comes later knows what was told.
        await (try office.desk()).turn()
        #expect(office.hook.requests.count == 1)
    }

    @Test("that dies between sending and writing sends the same again, under the same key")
    func dies() async throws {
        let office = try await Office()
        let process = SimulatedProcess()
        let desk = try await office.desk(process)
        try await office.append([Office.pause(1)])
        office.hook.mood = .dies(process)
        await desk.turn()
        #expect(try await office.told(.delivered).isEmpty)
        office.hook.mood = .takes
        let next = try await office.desk()
        await next.turn()
        await next.turn()
        #expect(office.hook.keys.count == 2 && Set(office.hook.keys).count == 1)
        #expect(office.hook.bodies[0] == office.hook.bodies[1])
        #expect(try await office.told(.delivered).count == 1)
    }

    @Test("that cannot write down what it sent does not send it again for that")
    func fullDisk() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([Office.pause(1)])
        await desk.turn()
        try await office.append([Office.pause(2)])
        office.disk.trouble(.full)
        for _ in 0..<5 { await desk.turn() }
        #expect(office.hook.requests.count == 2)
        office.disk.trouble(nil)
        await desk.turn()
        #expect(office.hook.requests.count == 2)
        #expect(try await office.told(.delivered).flatMap(\.keys) == office.hook.keys)
    }

    @Test("that cannot write down what it sent does not send it again with what comes after")
    func fullDiskAndMore() async throws {
        let office = try await Office("{name: ops, webhook: {url: \"https://hook.example/x\"}, digest_above: 1}")
        let desk = try await office.desk()
        try await office.append([Office.pause(1)])
        office.disk.trouble(.full)
        await desk.turn()
        #expect(office.hook.requests.count == 1)
        office.disk.trouble(nil)
        try await office.append([Office.pause(2)])
        await desk.turn()
        #expect(office.hook.requests.count == 2 && Set(office.hook.keys).count == 2)
        #expect(try await office.told(.delivered).flatMap(\.keys) == office.hook.keys)
    }

    @Test("that is refused is tried again, later and later, and says so once")
    func failing() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([Office.pause(1)])
        office.hook.mood = .refuses(503)
        for _ in 0..<60 {
            await desk.turn()
            office.clock.advance(by: .seconds(5))
        }
        // After 10, 20, 40, 80, 160 seconds.
        #expect(office.hook.requests.count == 5)
        #expect(Set(try await office.told(.failing).map(\.why)) == ["the webhook answered 503"])
        #expect(office.events.named("notify.failing").count == 1)
        office.hook.mood = .takes
        office.clock.advance(by: .minutes(15))
        await desk.turn()
        #expect(Set(office.hook.keys).count == 1)
        #expect(try await office.told(.delivered).count == 1)
    }

    @Test("gives a message up after days, and says it loudly, in the log and on other channels")
    func givesUp() async throws {
        let office = try await Office(
            Office.channel + ", {name: other, command: {run: [page]}, events: [undelivered]}")
        let desk = try await office.desk()
        _ = try await office.desk(channel: 1)
        try await office.append([Office.pause(1)])
        office.hook.mood = .refuses(503)
        await desk.turn()
        office.clock.advance(by: .days(3) + .seconds(1))
        await desk.turn()
        await desk.turn()
        #expect(try await office.told(.abandoned).count == 1)
        #expect(office.events.named("notify.given_up").count == 1)
        #expect(try await ChannelStatus.read(office.workspace(), carrier: .agent).map(\.waiting.count) == [0, 1])
    }

    @Test("gives up what the server calls bad after some tries, and goes on with the next")
    func refusedForGood() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([Office.pause(1)])
        office.hook.mood = .refuses(400)
        for _ in 0..<40 {
            await desk.turn()
            office.clock.advance(by: .seconds(30))
        }
        #expect(office.hook.requests.count == 5)
        #expect(try await office.told(.abandoned).map(\.why) == ["the webhook answered 400"])
        office.hook.mood = .takes
        try await office.append([Office.pause(2)])
        await desk.turn()
        #expect(try await office.told(.delivered).count == 1)
    }
}

@Suite("A channel with much to tell")
struct ChannelStormTests {
    @Test("puts it into one message, which stays the same when it is sent again")
    func digest() async throws {
        let office = try await Office()
        let process = SimulatedProcess()
        let desk = try await office.desk(process)
        try await office.append((1...8).map(Office.pause))
        office.hook.mood = .dies(process)
        await desk.turn()
        try await office.append((9...10).map(Office.pause))
        office.hook.mood = .takes
        await (try office.desk()).turn()
        #expect(office.hook.keys.count == 4 && Set(office.hook.keys).count == 3)
        #expect(office.hook.bodies[0] == office.hook.bodies[1])
        #expect(office.hook.bodies[0].contains("\"subject\":\"8 messages: 8 paused\""))
        let told = try await office.told(.delivered).flatMap(\.keys)
        #expect(told.count == 10 && Set(told).count == 10)
    }

    @Test("sends no more than ten within ten minutes, and puts the rest together")
    func burst() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        for number in 1...40 {
            try await office.append([Office.pause(number)])
            await desk.turn()
            office.clock.advance(by: .seconds(10))
        }
        #expect(office.hook.requests.count == 10)
        office.clock.advance(by: .minutes(10))
        await desk.turn()
        #expect(office.hook.requests.count == 11)
        #expect(try await office.told(.delivered).flatMap(\.keys).count == 40)
    }

    @Test("tells what presses at once, also where so many other messages went out that nothing else may")
    func pressing() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        for number in 1...12 {
            try await office.append([Office.pause(number)])
            await desk.turn()
        }
        #expect(office.hook.requests.count == 10)
        try await office.append([.alarmed(Past.key, reason: "ids began anew", execution: nil)])
        await desk.turn()
        #expect(office.hook.requests.count == 11 && office.hook.keys.last?.contains("alarm") == true)
        office.clock.advance(by: .minutes(11))
        await desk.turn()
        #expect(office.hook.requests.count == 13)
        #expect(try await office.told(.delivered).flatMap(\.keys).count == 13)
    }

    @Test("tells what stands for an instance once while it stands, and that it is over")
    func repeated() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        let refused = LedgerEvent.suspended(Past.key, .retry, reason: "403")
        try await office.append([refused, refused])
        await desk.turn()
        try await office.append([refused])
        await (try office.desk()).turn()
        #expect(office.hook.requests.count == 1)
        try await office.append([.restored(Past.key, .retry), .restored(Past.key, .stop), refused])
        await (try office.desk()).turn()
        #expect(office.hook.requests.count == 3 && Set(office.hook.keys).count == 3)
        await (try office.desk()).turn()
        #expect(office.hook.requests.count == 3)
    }

    @Test("holds what may be over soon, and tells meanwhile what came later")
    func held() async throws {
        let office = try await Office()
        let desk = try await office.desk()
        try await office.append([Past.reserved()])
        let id = IntentID(try await office.workspace().everything().head.sequence)
        let intent = IntentRef(id, Past.draft())
        try await office.append([
            .sending(intent, watermark: nil, look: ""), .outcome(intent, Settlement(.unresolved)), Office.pause(1),
        ])
        await desk.turn()
        #expect(office.hook.requests.count == 1 && office.hook.keys[0].contains("paused"))
        // A process that comes later tells neither too early nor twice.
        await (try office.desk()).turn()
        #expect(office.hook.requests.count == 1)
        office.clock.advance(by: .minutes(10))
        await desk.turn()
        #expect(office.hook.requests.count == 2 && office.hook.keys[1].contains("unresolved"))
    }

    @Test("leaves out dry-run, events and weights that it does not want")
    func filtered() async throws {
        let office = try await Office(
            Office.channel + ", {name: all, webhook: {url: \"https://hook.example/y\"}, dry_run: true, min_level: info}"
        )
        let (some, all) = (try await office.desk(), try await office.desk(channel: 1))
        try await office.append([
            Past.shadow, Past.latched(.exhausted(policy: "a"), shadow: true),
            .lifecycle(.stopped(why: "signal", version: "1", agent: nil)),
        ])
        await some.turn()
        #expect(office.hook.requests.isEmpty)
        await all.turn()
        #expect(office.hook.requests.count == 2 && office.hook.bodies[0].contains("[dry-run] production"))
    }
}

@Suite("A test message")
struct TestMessageTests {
    /// What is said where nobody listens at an address.
    private func fault(of url: String) async throws -> String? {
        let office = try await Office("{name: ops, webhook: {url: \(url)}}")
        office.hook.mood = .fails(TransportFailure(.unconnected, bytesSent: 0, message: "connection refused"))
        do { _ = try await NoticePreview.test(try office.workspace(), channel: nil) } catch {
            return "\(error)"
        }
        return nil
    }

    @Test("that nobody takes says where that was and why")
    func unreached() async throws {
        for (url, place) in [
            ("\"http://127.0.0.1:29999/x\"", "127.0.0.1:29999"), ("\"https://hook.example/x\"", "hook.example:443"),
        ] {
            let said = try #require(try await fault(of: url))
            let words = "the webhook at \(place) cannot be reached: nobody takes connections there (connection refused)"
            #expect(said.contains(words), "\(said)")
        }
    }

    @Test("shows nothing of an address that is a secret")
    func secret() async throws {
        let said = try #require(try await fault(of: "{env: HOOK}"))
        #expect(said.contains("the webhook whose address is in variable HOOK cannot be reached"), "\(said)")
        #expect(!said.contains("secret.example"))
    }
}

@Suite("Channels beside the agents")
struct NoticeDeskTests {
    @Test("that hang hold up neither the work nor each other")
    func hangs() async throws {
        let office = try await Office()
        let workspace = try office.workspace()
        let desk = NoticeDesk(workspace, log: office.events)
        await desk.begin()
        try await office.append([Office.pause(1)])
        office.hook.mood = .hangs
        let ticks = await desk.beside {
            var ticks = 0
            // Time goes on only by the work itself: it never waits for the hook, which takes the message and says nothing.
            while office.hook.requests.isEmpty || ticks < 20 {
                ticks += 1
                office.clock.advance(by: .seconds(1))
                await Task.yield()
            }
            return ticks
        }
        #expect(ticks >= 20 && office.hook.requests.count >= 1)
    }
}
