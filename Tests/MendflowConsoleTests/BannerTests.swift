import MendflowCore
import MendflowEnvironment
import MendflowHTML
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import Testing

@testable import MendflowConsole
@testable import MendflowOperations

@Suite("What every page of the console says", .timeLimit(.minutes(30)))
struct BannerTests {
    @Test("is that the agent has to be restarted for something of the files, and how far it may go where")
    func restart() throws {
        let world = ConsoleWorld()
        try world.live { browser in
            try await browser.signIn()
            let before = try await browser.get("/record").text
            #expect(!before.contains("has to be restarted"))
            #expect(before.contains("<p>main <span class=\"badge good\">enforce</span></p>"), "\(before)")
            let bytes = try world.files.read("/m/mendflow.yaml", limit: 10_000).get()
            let text = String(decoding: bytes, as: UTF8.self)
            world.files.write("/m/mendflow.yaml", text + "\npoll_interval: 45s\n")
            try await world.simulation.clock.sleep(for: .minutes(2))
            for path in [
                "/", "/held", "/inbox", "/policies", "/incidents", "/replays", "/record", "/executions/main/1",
            ] {
                let text = try await browser.get(path).text
                #expect(
                    text.contains(
                        "<strong>The agent has to be restarted</strong> for `poll_interval` of the files to count"),
                    "\(path): \(text)")
            }
        }
    }

    @Test("is of another ledger that the files name what a restart would forget, beside what a restart is for")
    func otherLedger() {
        let both = FilesNotice(files: UnheededFiles(needsRestart: [.ledger, .notify])).banner.markup
        #expect(both.contains("forgets what was sent. What to do: stop it and take its ledger over"), "\(both)")
        #expect(both.contains("has to be restarted</strong> for `notify` of the files"), "\(both)")
        let one = FilesNotice(files: UnheededFiles(needsRestart: [.ledger])).banner.markup
        #expect(!one.contains("has to be restarted"), "\(one)")
    }

    @Test("counts instances by how far the agent may go, where there are many")
    func many() {
        let modes = (1...6).map { ("n\($0)", $0 < 5 ? Mode.enforce : .dryRun) }
        let page = ConsolePage(title: "x", content: "").html(Visit(modes: modes, now: .noon))
        #expect(
            page.contains(
                "<p>4 <span class=\"badge good\">enforce</span>, 2 <span class=\"badge wait\">dry-run</span></p>"),
            "\(page)")
    }

    @Test("of a policy that does not act is why: it went back by itself, or its instance is in dry-run")
    func modes() {
        func words(acting: [String] = [], dryRun: [String], back: [String] = []) -> String {
            var it = PolicyOverview(name: "a", mode: .enforce, description: nil, text: "text", week: PolicyWeek())
            (it.acting, it.dryRun) = (acting, dryRun)
            let demotion = Demotion(
                policy: "a", version: "v", expected: "50%", rate: 11, healed: 1, settled: 9, since: .noon)
            it.demotions = back.map { ($0, PolicyStanding(demotion, at: .noon)) }
            return PolicyPage.mode(it).markup.replacing(/<[^>]*>/, with: "")
        }
        #expect(words(dryRun: ["x"], back: ["x"]) == "dry-run (enforce, but went back to dry-run by itself)")
        #expect(words(dryRun: ["x"]) == "dry-run (enforce, but x in dry-run)")
        #expect(
            words(acting: ["y"], dryRun: ["x"], back: ["x"]) == "enforce on y (went back to dry-run by itself on x)")
        #expect(words(acting: ["y"], dryRun: ["x"]) == "enforce on y (x in dry-run)")
    }
}
