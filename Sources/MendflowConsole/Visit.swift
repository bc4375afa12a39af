import MendflowCore
import MendflowHTML
import MendflowOperations

/// Somebody who looks at a page: what they may do, and what every page shows around its own content.
struct Visit: Sendable {
    /// What forms send so that they are accepted; nil for who is not signed in, and then there are none.
    var csrf: String?
    /// Whether there is a token with which to sign in.
    var canSignIn = true
    /// How many things in the inbox wait for a person.
    var waiting = 0
    /// How many incidents go on.
    var incidents = 0
    /// What the files say and the agent does not do.
    var files = UnheededFiles()
    /// How far the agent may go on each instance.
    var modes: [(instance: String, mode: Mode)] = []
    /// Whether acting is paused somewhere.
    var isPaused = false
    /// The moment.
    var now: AgentTime

    /// A form that does something, with what it needs to be accepted; nothing for who may not.
    func form(_ action: Place, _ content: HTMLText) -> HTMLText {
        guard let csrf else { return "" }
        return """
            <form method="post" action="\(action)"><input type="hidden" name="csrf" value="\(csrf)">\(content)</form>
            """
    }
}

/// A page that stands on its own: everything between the heading and the foot.
struct ConsolePage: Sendable {
    /// The sections that every page links to.
    enum Section: String, CaseIterable, Sendable {
        case now = "Now"
        case held = "Why not"
        case inbox = "Inbox"
        case policies = "Policies"
        case incidents = "Incidents"
        case replays = "Replays"
        case record = "Record"

        var place: Place {
            switch self {
            case .now: Place()
            case .held: Place("held")
            case .inbox: Place("inbox")
            case .policies: Place("policies")
            case .incidents: Place("incidents")
            case .replays: Place("replays")
            case .record: Place("record")
            }
        }
    }
    /// What it is about, for the window and the heading.
    var title: String
    /// The section that it belongs to; nil for none.
    var section: Section?
    /// What stands on it.
    var content: HTMLText
    /// After how many seconds a browser loads it again; nil where somebody does.
    var refresh: Int?

    /// The whole page.
    func html(_ visit: Visit) -> String {
        let again = refresh.map { seconds -> HTMLText in "<meta http-equiv=\"refresh\" content=\"\(seconds)\">" } ?? ""
        let page: HTMLText = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) - Mendflow</title><link rel="icon" href="data:,"><link rel="stylesheet" href="\(Style.place)">\(again)</head>
            <body><a class="skip" href="#main">Skip to content</a>
            <header><a class="brand" href="/">Mendflow</a>
            <nav aria-label="Pages"><ul>\(HTMLText.all(Section.allCases.map { entry($0, visit) }))</ul></nav>
            <form class="find" role="search" action="/find"><label for="find">Execution</label>\
            <input id="find" name="id" inputmode="numeric" required maxlength="40" size="9"><button>Explain</button></form>
            </header>
            <main id="main" tabindex="-1">\(FilesNotice(files: visit.files).banner)<h1>\(title)</h1>
            \(content)
            </main>
            <footer>\(whoLooks(visit))\(modes(visit))<p>Times are UTC. This page is of \(HTMLText.time(visit.now)).</p></footer>
            </body></html>

            """
        return page.markup
    }

    private func entry(_ section: Section, _ visit: Visit) -> HTMLText {
        let current: HTMLText = section == self.section ? " aria-current=\"page\"" : ""
        let open = section == .inbox ? visit.waiting : section == .incidents ? visit.incidents : 0
        let what = section == .inbox ? "waiting for you" : "going on"
        let count: HTMLText =
            open > 0 ? " <span class=\"count\">\(open)<span class=\"sr\"> \(what)</span></span>" : ""
        let paused: HTMLText = section == .now && visit.isPaused ? " \(HTMLText.badge("paused", .wait))" : ""
        return "<li><a href=\"\(section.place)\"\(current)>\(section.rawValue)\(count)\(paused)</a></li>"
    }

    /// So many instances are named with their modes; of more is told how many have which.
    private static let mostNamed = 4

    /// Whether what stands on a page is done, or would be.
    private func modes(_ visit: Visit) -> HTMLText {
        guard !visit.modes.isEmpty else { return "" }
        let named = visit.modes.map { it -> HTMLText in "\(it.instance) \(HTMLText.mode(it.mode))" }
        let counts = Dictionary(grouping: visit.modes, by: \.mode).mapValues(\.count).sorted { $0.key > $1.key }
        let counted = counts.map { mode, number -> HTMLText in "\(number) \(HTMLText.mode(mode))" }
        return "<p>\(HTMLText.all(named.count <= ConsolePage.mostNamed ? named : counted, between: ", "))</p>"
    }

    private func whoLooks(_ visit: Visit) -> HTMLText {
        if visit.csrf != nil {
            return "<p>You may act.</p>\(visit.form(Place("logout"), "<button>Sign out</button>"))"
        }
        return visit.canSignIn ? "" : "<p>You may look; nobody can act here, for the service has no token.</p>"
    }
}
