import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Testing

@Suite("The console of an agent that runs", .timeLimit(.minutes(30)))
struct ConsoleTests {
    @Test("shows pages that are whole, lead to each other only, and hold no text of strangers as markup")
    func pages() throws {
        try ConsoleWorld().live { browser in
            try await browser.signIn(name: "%3Cscript%3Eada")
            var (seen, next): (Set<String>, [String]) = ([], ["/"])
            while let path = next.popLast(), seen.count < 300 {
                guard seen.insert(path).inserted else { continue }
                let page = try await browser.get(path)
                #expect(page.status == 200, "\(path)")
                if path.hasPrefix("/console.css") { continue }
                let text = page.text
                #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("&lt;p"), "\(path)")
                #expect(
                    !text.contains(" style=") && !text.contains(" onclick"), "the policy of its content lets none in")
                for once in [
                    "<html lang=\"en\">", "<main id=\"main\"", "<h1>", "<title>", "href=\"#main\"", "<header>",
                ] {
                    #expect(
                        text.split(separator: once, omittingEmptySubsequences: false).count == 2, "\(path): \(once)")
                }
                next += page.links.filter { !seen.contains($0) }
            }
            #expect(seen.count > 40, "\(seen.sorted())")
            for path in [
                "/held?instance=main&reason=shadowed", "/policies/retry-orders", "/replays", "/record",
                "/executions/main/1",
            ] {
                #expect(seen.contains(path), "\(path) of \(seen.sorted())")
            }
            let texts = try await [browser.get("/executions/main/2").text, browser.get("/inbox").text]
            #expect(texts[0].contains("&lt;script&gt;alert(1)&lt;/script&gt; is down"), "an error's text: \(texts[0])")
            #expect(texts[1].contains("cut off by &lt;script&gt;"), "an outcome's note: \(texts[1])")
        }
    }

    @Test("tells what is due with a countdown, what is held, what a policy did and what one in dry-run would have done")
    func now() throws {
        try ConsoleWorld().live { browser in
            try await browser.signIn()
            let now = try await browser.get("/").text
            #expect(now.contains(/>in 4[45] min/), "the retry of the order waits for an hour: \(now)")
            #expect(now.contains("<a href=\"/inbox\">Inbox <span class=\"count\">2<"), "\(now)")
            #expect(now.contains("1 request of ours has no answer"))
            let held = try await browser.get("/held").text
            #expect(held.contains("/held?instance=main&amp;reason=shadowed\">shadowed</a>"), "\(held)")
            let list = try await browser.get("/held?reason=shadowed").text
            #expect(list.contains("2 executions: dry-run decided it already") && list.contains("/executions/main/3"))
            let dry = try await browser.get("/policies/retry-the-rest").text
            #expect(dry.contains("In dry-run it <strong>would have acted 2 times</strong> (2 retries)"), "\(dry)")
            let all = try await browser.get("/policies").text
            #expect(all.contains("retry-orders</a>") && all.contains("People retried 0 chains"))
            #expect(!all.contains("Agreed with people"), "nothing stands in that column: \(all)")
            let execution = try await browser.get("/executions/main/1").text
            #expect(execution.contains("waits <strong>") && execution.contains("backoff"), "\(execution)")
            let unknown = try await browser.get("/executions/main/77")
            #expect(unknown.status == 404 && unknown.text.contains("nothing about it is on record"))
            #expect(try await browser.get("/executions/main/%3Cscript%3E").status == 404)
            #expect(try await !browser.get("/login").text.contains("You may act"))
            #expect(try await browser.get("/executions/main/900").text.contains("this is what is on record"))
        }
    }

    @Test("tells of failures that belong together as one incident, with what it hit")
    func incidents() throws {
        try ConsoleWorld().live { browser in
            try await browser.signIn()
            let all = try await browser.get("/incidents").text
            #expect(
                all.contains("<a href=\"/incidents/main/incident-1\">")
                    && all.contains("Incidents <span class=\"count\">1<"))
            let one = try await browser.get("/incidents/main/incident-1").text
            #expect(
                one.contains("/executions/main/4") && one.contains("<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>"),
                "\(one)")
            #expect(try await browser.get("/incidents/main/incident-7").status == 404)
        }
    }

    @Test("settles a request, pauses and resumes by the operations' own ways, with the name of who did it on record")
    func orders() throws {
        let world = ConsoleWorld()
        try world.live { browser in
            try await browser.signIn()
            let page = try await browser.get("/inbox")
            let csrf = try #require(page.csrf)
            let id = try #require(page.text.firstMatch(of: /id="request-(\d+)"/).map { String($0.1) })
            #expect(try await browser.post("/inbox/resolve", "csrf=\(csrf)&id=\(id)&ran=yes&reason=").status == 409)
            let done = try await browser.post("/inbox/resolve", "csrf=\(csrf)&id=\(id)&ran=no&reason=not+in+n8n")
            #expect(done.status == 303 && done.location == "/inbox?settled=\(id)")
            #expect(try await browser.get("/inbox").text.contains("has an answer"))
            #expect(try await browser.post("/inbox/resolve", "csrf=\(csrf)&id=\(id)&ran=no&reason=again").status == 409)
            _ = try await browser.post("/pause", "csrf=\(csrf)&instance=main&for=2h&reason=%3Cb%3Elunch")
            let paused = try await browser.get("/").text
            #expect(
                paused.contains("Acting on main is paused") && paused.contains("&lt;b&gt;lunch (by console/ada"),
                "\(paused)")
            _ = try await browser.post("/resume", "csrf=\(csrf)&instance=main")
            #expect(try await !browser.get("/").text.contains("on main is paused"))
            let records = try await browser.get("/record?kind=command").text
            #expect(records.contains("who=console/ada") && records.contains("not in n8n"), "\(records)")
            #expect(try await browser.post("/record/verify", "csrf=\(csrf)").status == 303)
            #expect(try await browser.get("/record").text.contains("the chain is intact"))
        }
    }

    @Test("tells a program that pauses what is paused, why, and until when")
    func programs() throws {
        try ConsoleWorld().live { browser in
            let paused = try await browser.order("/pause", "instance=main&for=2h&reason=deploy")
            #expect(paused.status == 200)
            for part in [
                #""instances": ["#, #""paused": true"#, #""reason": "deploy""#, #""by": "console/token""#,
                #""until": "20"#,
            ] {
                #expect(paused.text.contains(part), "\(part): \(paused.text)")
            }
            let resumed = try await browser.order("/resume", "instance=main")
            #expect(resumed.status == 200 && resumed.text.contains(#""paused": false"#))
            #expect(try await browser.order("/pause", "reason=x").text.contains(#""until": null"#))
            let silent = try await browser.order("/pause", "instance=main")
            #expect(silent.status == 409 && silent.text == "say why: it goes on record\n")
        }
    }

    @Test("asks what policies ask a person, and takes a yes once, or a no that says why not")
    func approvals() throws {
        try ConsoleWorld().live { browser in
            try await browser.signIn()
            #expect(try await browser.get("/").text.contains("1 action waits for a person"))
            let page = try await browser.get("/inbox")
            let csrf = try #require(page.csrf)
            let id = try #require(page.text.firstMatch(of: /id="ask-(\d+)"/).map { String($0.1) }, "\(page.text)")
            #expect(
                page.text.contains("retry 1 of <a href=\"/executions/main/4\">4</a>") && page.text.contains("/retry"))
            #expect(try await browser.post("/inbox/answer", "csrf=\(csrf)&id=\(id)&say=no&reason=+").status == 409)
            #expect(try await browser.post("/inbox/answer", "csrf=\(csrf)&id=\(id)&say=perhaps").status == 409)
            let yes = try await browser.post("/inbox/answer", "csrf=\(csrf)&id=\(id)&say=yes&reason=")
            #expect(yes.status == 303 && yes.location == "/inbox?answered=\(id)")
            #expect(try await !browser.get("/inbox").text.contains("ask-\(id)"))
            #expect(try await browser.post("/inbox/answer", "csrf=\(csrf)&id=\(id)&say=yes").status == 409)
            #expect(try await browser.get("/record?execution=4").text.contains("console/ada"))
            #expect(try await browser.post("/policies/retry-orders/promote", "csrf=\(csrf)&reason=x").status == 409)
        }
    }

    @Test(
        "changes nothing without a sign-in and its own form, and shows nothing but the sign-in where there is a token")
    func guards() throws {
        let world = ConsoleWorld()
        try world.live { browser in
            #expect(try await browser.get("/inbox").location == "/login?next=%2Finbox")
            #expect(try await browser.get("/login").text.contains("type=\"password\""))
            #expect(try await browser.get("/console.css").status == 200)
            let head = try await world.ledger().head
            #expect(try await browser.post("/pause", "reason=x").status == 401)
            #expect(try await browser.post("/login", "name=eve&token=guess").location == "/login?failed=1&next=%2F")
            try await browser.signIn()
            #expect(try await browser.post("/pause", "reason=x").status == 403)
            #expect(try await browser.post("/pause", "csrf=0000&reason=x").status == 403)
            #expect(try await browser.get("/", host: "evil.example").status == 421)
            let csrf = try #require(try await browser.get("/").csrf)
            #expect(try await browser.post("/pause", "csrf=\(csrf)&reason=x", host: "evil.example").status == 421)
            #expect(try await world.ledger().head == head, "nothing was written")
        }
    }

    @Test("shows everything and changes nothing where the service has no token")
    func readOnly() throws {
        let world = ConsoleWorld(hasToken: false)
        try world.live { browser in
            for path in ["/", "/inbox", "/record", "/policies", "/replays", "/held"] {
                let page = try await browser.get(path)
                #expect(page.status == 200 && page.csrf == nil && !page.text.contains("method=\"post\""), "\(path)")
            }
            #expect(try await browser.get("/inbox").text.contains("mendflow resolve"))
            #expect(try await browser.get("/login").text.contains("nobody can sign in"))
            #expect(try await browser.post("/pause", "reason=x").status == 403)
        }
    }

    @Test("says that a change of the files is refused or would lose something, and that a lost policy is kept")
    func files() throws {
        let world = ConsoleWorld()
        try world.live { browser in
            try await browser.signIn()
            #expect(try await !browser.get("/").text.contains("The files"))
            world.files.write("/m/policies/bad.yaml", "policies: [{name: '<b>', actoins: [retry]}]")
            try await world.simulation.clock.sleep(for: .minutes(2))
            for path in ["/", "/policies"] {
                let text = try await browser.get(path).text
                #expect(text.contains(/The files have \d+ errors?</) && text.contains("actoins"), "\(path): \(text)")
            }
            world.files.write("/m/policies/bad.yaml", nil)
            let rest = ConsoleWorld.policies.split(separator: "  - name: ask-invoices")[1]
            world.files.write("/m/policies/p.yaml", "policies:\n  - name: ask-invoices\(rest)")
            try await world.simulation.clock.sleep(for: .minutes(2))
            for path in ["/", "/policies"] {
                let text = try await browser.get(path).text
                #expect(!text.contains("The files have"), "\(path): \(text)")
                #expect(text.contains("The files would lose 1 thing that"), "\(path): \(text)")
                let loss = "<li>policy &#39;retry-orders&#39;: /m/policies/p.yaml has it no more"
                #expect(text.contains(loss), "\(text)")
            }
            let lost = try await browser.get("/policies/retry-orders").text
            #expect(lost.contains("Its file has it no more") && lost.contains(">kept<"), "\(lost)")
            #expect(try await !browser.get("/policies/ask-invoices").text.contains("has it no more"))
        }
    }

    @Test("answers what is not there with a page that says so, and leads an execution's number to its page")
    func missing() throws {
        try ConsoleWorld().live { browser in
            try await browser.signIn()
            for path in [
                "/policies/none", "/executions/none/1", "/record/99999", "/replays/main/replay-9", "/due?instance=x",
            ] {
                let page = try await browser.get(path)
                #expect(page.status == 404 && page.text.contains("<h1>Not found</h1>"), "\(path): \(page.status)")
            }
            #expect(try await browser.get("/record?since=tomorrow").text.contains("is no time"))
            #expect(try await browser.get("/nowhere").status == 404)
            #expect(try await browser.get("/find?id=+2+").location == "/executions/main/2")
            let found = try await browser.get("/record?execution=2&instance=main").text
            #expect(found.contains("decision") && !found.contains("agent_started"))
        }
    }
}
