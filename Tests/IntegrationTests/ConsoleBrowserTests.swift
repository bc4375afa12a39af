import FoundationEssentials
import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Testing

/// The least contrast of any text with what is behind it, and which text that is.
private let contrast = """
    (()=>{const rgb=c=>{const m=c.match(/[\\d.]+/g).map(Number);return m.length<4?[...m,1]:m};
    const lum=c=>{const f=v=>{v/=255;return v<=.04045?v/12.92:((v+.055)/1.055)**2.4};return .2126*f(c[0])+.7152*f(c[1])+.0722*f(c[2])};
    const behind=e=>{for(;e;e=e.parentElement){const c=rgb(getComputedStyle(e).backgroundColor);if(c[3]>0)return c}return [255,255,255,1]};
    let worst=[99,''];for(const e of document.querySelectorAll('body *')){
    if(![...e.childNodes].some(n=>n.nodeType===3&&n.data.trim())||!e.getClientRects().length||e.closest('.sr,.skip'))continue;
    const a=lum(rgb(getComputedStyle(e).color)),b=lum(behind(e)),r=(Math.max(a,b)+.05)/(Math.min(a,b)+.05);
    if(r<worst[0])worst=[r,e.tagName+'.'+e.className+': '+e.textContent.trim().slice(0,40)]}
    return worst[0].toFixed(2)+' '+worst[1]})()
    """

@Suite("The console in a browser", .timeLimit(.minutes(30)))
struct ConsoleBrowserTests {
    private static let token = "a-token-that-nobody-guesses"

    @Test(
        "is used without a script and with the keyboard: signing in, looking around, settling a request",
        .enabled(if: Browser.path != nil, "no browser: scripts/setup browser installs one"))
    func browser() async throws {
        let world = try World(retries: .error(.http(503, method: "POST"), after: 10))
        try world.write(
            "mendflow.yaml",
            World.configuration(url: world.server.url) + "service: {listen: \"127.0.0.1:0\", token_env: TOKEN}\n")
        try await world.initialise()
        _ = (world.failure(), world.failure(), world.staleWait())
        try await leaveUnanswered(world)
        let agent = try world.start("run", environment: ["TOKEN": Self.token], seconds: 150)
        try await agent.wrote("service.started")
        try await world.until { $0.retries(of: 1).count > 0 }
        let port = try #require(agent.written.firstMatch(of: /listen="?127\.0\.0\.1:(\d+)/).map { String($0.1) })
        try await onThread {
            let page = try BrowserPage(folder: world.folder)
            defer { page.close() }
            try Self.use(page, "http://127.0.0.1:\(port)")
        }
        agent.signal(15)
        let end = await agent.end()
        #expect(end.code == 0, "\(end.err)")
        #expect(try await world.run("audit", "tail", "-n", "1000").out.contains("who=console/ada"))
        try await world.remove()
    }

    /// What somebody does with it.
    private static func use(_ page: BrowserPage, _ url: String) throws {
        try page.open(url + "/inbox")
        #expect(try page.read("document.title") == "Sign in - Mendflow")
        _ = try page.read("document.querySelector('[name=name]').focus()")
        try page.type("ada")
        try page.press("Tab", code: 9)
        try page.type(token)
        try page.arrive { try page.press("Enter", code: 13, text: "\r") }
        #expect(try page.read("document.title") == "Inbox - Mendflow", "it goes on where somebody wanted to go")
        try page.press("Tab", code: 9)
        #expect(try page.read("document.activeElement.className") == "skip", "the first thing that the keyboard meets")

        _ = try page.read("document.querySelector('.request [name=reason]').focus()")
        try page.type("<b>not in n8n")
        for _ in 0..<2 { try page.press("Tab", code: 9) }
        try page.arrive { try page.press("Enter", code: 13, text: "\r") }
        #expect(try page.read("document.querySelector('.notice.good').textContent").contains("is settled"))
        #expect(try page.complaints() == [])

        var (seen, next): (Set<String>, [String]) = ([], ["/"])
        while let path = next.popLast(), seen.count < 40 {
            guard seen.insert(path).inserted else { continue }
            try page.open(url + path)
            #expect(try page.complaints() == [], "\(path)")
            #expect(
                try page.read("document.querySelectorAll('h1').length+' '+document.scripts.length") == "1 0", "\(path)")
            let links = "[...document.links].map(a=>a.getAttribute('href')).filter(h=>h[0]==='/').join('\\n')"
            next += try page.read(links).split(separator: "\n").map(String.init).filter { !seen.contains($0) }
        }
        #expect(seen.count > 20, "\(seen.sorted())")

        for path in [
            "/", "/held", "/inbox", "/policies", "/policies/retry-orders", "/record", "/executions/production/1",
        ] {
            for (width, isDark) in [(1280, false), (1280, true), (400, false)] {
                try page.look(width: width, isDark: isDark)
                try page.open(url + path)
                let wide = try page.read("document.scrollingElement.scrollWidth-innerWidth")
                #expect(Int(wide) ?? 1 <= 0, "\(path) at \(width): wider than the window by \(wide)")
                let worst = try page.read(contrast)
                #expect(
                    Double(worst.prefix { $0 != " " }) ?? 0 >= 4.5, "\(path), \(isDark ? "dark" : "light"): \(worst)")
            }
        }
    }

    /// A retry that was sent a quarter of an hour ago, and of which no answer came.
    private func leaveUnanswered(_ world: World) async throws {
        let at = World.now() - .minutes(15)
        let environment = Environment.test(VirtualClock(World.now()), ["N8N_API_KEY": World.key])
        let loaded = try Workspace.load(path: world.config, environment: environment)
        let workspace = try #require(loaded.workspace, "\(loaded.report)")
        let draft = IntentDraft(
            instance: InstanceKey(name: "production", epoch: 1), action: .retry, execution: "900", root: "900",
            workflow: WorkflowID(World.orders), policy: "retry-orders", policyVersion: "v")
        let reservation = Reservation(ProposedAction(draft: draft, due: ClockOffset.zero.server(at)), isShadow: false)
        let id = try #require(try await workspace.append([.reserved(reservation)], at: at).first)
        let intent = IntentRef(IntentID(id), draft)
        let lost = OutcomeEvidence.unanswered(status: nil, message: "cut off")
        try await workspace.append(
            [.sending(intent, watermark: "901", look: "complete"), .outcome(intent, Settlement(.unresolved, lost))],
            at: at)
    }

    /// Does what blocks in a thread of its own.
    private func onThread(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detach { continuation.resume(with: Result { try work() }) }
        }
    }
}
