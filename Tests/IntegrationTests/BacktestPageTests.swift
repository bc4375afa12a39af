import FoundationEssentials
import Testing

extension Browser {
    /// What the page is after it was laid out in a window of a width, in the dark or not.
    static func layout(of page: String, width: Int, isDark: Bool, folder: String) async throws -> String {
        let child = try Child(
            [
                path ?? "", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--user-data-dir=\(folder)/profile", "--window-size=\(width),1200",
                "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)", "--virtual-time-budget=2000", "--dump-dom",
                "file://\(page)",
            ], environment: ["PATH": "/usr/bin:/bin", "HOME": folder], seconds: 60)
        let end = await child.end()
        #expect(end.code == 0, "\(end.err)")
        return end.out
    }
}

/// What is measured in the browser: the page itself has no script.
private let probe = """
    <script>addEventListener('load',()=>{const a=s=>[...document.querySelectorAll(s)];const b=document.body;
    const wide=a('body *').filter(e=>!e.closest('.scroll,svg')&&e.getBoundingClientRect().right>innerWidth+1).length;
    const bars=a('svg rect').filter(e=>e.getBoundingClientRect().height>=1).length;
    const open=a('details[open] dl dd').filter(e=>e.getBoundingClientRect().height>=10).length;
    const r=document.createElement('pre');r.id='measured';r.textContent='tiles='+a('.numbers li').length+' wide='+wide+
    ' bars='+bars+' open='+open+' scripts='+document.scripts.length+' dark='+matchMedia('(prefers-color-scheme:dark)').matches+
    ' fill='+getComputedStyle(a('svg .o')[0]).fill;b.append(r)})</script></body>
    """

@Suite("The page of a backtest", .timeLimit(.minutes(30)))
struct BacktestPageTests {
    @Test(
        "lies within any window, light and dark, and shows numbers, bars and one execution in full",
        .enabled(if: Browser.path != nil, "no browser: scripts/setup browser installs one"))
    func browser() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "page-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func run(_ words: String...) async throws -> Child.End {
            try await Child([World.program] + words, environment: ["PATH": "/usr/bin:/bin"], seconds: 100).end()
        }
        #expect(try await run("history", "sample", "--dir", folder + "/month").code == 0)
        try Data(Self.policies.utf8).write(to: URL(filePath: folder + "/p.yaml"))
        let end = try await run(
            "backtest", "--config", folder + "/none.yaml", "--history", folder + "/month", "--last", "8d", "--html",
            folder + "/page.html", folder + "/p.yaml")
        #expect(end.code == 1, "what is expected is not so: \(end.err)\(end.out)")
        let page = try String(contentsOf: URL(filePath: folder + "/page.html"), encoding: .utf8)
        for fetched in ["<script", "src=", "href=", "url(", "@import"] {
            #expect(!page.contains(fetched), "\(fetched)")
        }
        try Data(page.replacing("</body>", with: probe).utf8).write(to: URL(filePath: folder + "/probe.html"))
        var fills: Set<Substring> = []
        for (width, isDark) in [(1280, false), (1280, true), (500, false)] {
            let dom = try await Browser.layout(
                of: folder + "/probe.html", width: width, isDark: isDark, folder: folder)
            let measured = try #require(dom.split(separator: "id=\"measured\">").last?.prefix { $0 != "<" }, "\(dom)")
            var numbers: [Substring: Substring] = [:]
            for pair in measured.split(separator: " ") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { numbers[parts[0]] = parts[1] }
            }
            #expect(numbers["tiles"] == "5" && numbers["wide"] == "0" && numbers["scripts"] == "1", "\(measured)")
            #expect(numbers["bars"].flatMap { Int($0) } ?? 0 > 10, "\(measured)")
            #expect(numbers["open"].flatMap { Int($0) } ?? 0 > 4, "\(measured)")
            #expect(numbers["dark"] == "\(isDark)", "\(measured)")
            fills.insert(measured.split(separator: "fill=").last ?? "")
        }
        #expect(fills.count == 2, "each has its colours: \(fills)")
    }

    private static let policies = """
        policies:
          - name: retry-<b>order</b>-sync
            match: {status: error, workflow: Order Sync, error: {class: [transient, rate_limit]}}
            actions: [retry: {repeats: allow}]
          - name: retry-transient
            match: {status: error, error: {class: [transient, rate_limit, timeout]}}
            actions: [retry: {repeats: allow}]
            expect: {actions: {lte: 1}, heal_rate: {gte: 10}}

        """
}
