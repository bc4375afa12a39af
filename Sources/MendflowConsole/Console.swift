import MendflowCore
import MendflowHTML
public import MendflowHTTP
import MendflowLedger
public import MendflowOperations
public import MendflowService
import MendflowWorkspace

/// The console: pages that show how a running agent stands, and forms for what a person may order.
///
/// A page is a pure function of what the operations answer. Who may see it, and that what is posted comes from a form of a
/// session that is signed in, is the service's to check; here is asked once more that whoever posts holds the token.
public struct Console: ServicePart {
    private let observatory: Observatory
    /// Whether the service has a token, without which nobody signs in.
    private let canSignIn: Bool

    /// Makes one.
    public init(_ observatory: Observatory, canSignIn: Bool) {
        self.observatory = observatory
        self.canSignIn = canSignIn
    }

    /// Everybody may sign in, and see how that page looks.
    public func access(to request: ServiceRequest) -> ServiceAccess {
        request.reads && (request.path == ["login"] || request.path == ["console.css"]) ? .everybody : .readers
    }

    /// The page that was asked for, or what came of a form; nil where it is no page of the console's.
    public func answer(_ request: ServiceRequest) async -> HTTPResponse? {
        if request.path == ["console.css"], request.reads {
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=86400"],
                body: Array(Style.text.utf8))
        }
        do throws(MendflowFailure) {
            return request.posts ? try await post(request) : try await page(request)
        } catch {
            let status =
                switch error.kind {
                case .usage: 404
                case .findings, .file, .failed: 409
                case .unreachable, .held, .broken, .displaced: 503
                }
            // A form comes from a page; what has none was ordered by a program.
            if request.posts, request.csrf == nil { return .text(status, error.message) }
            let title = status == 404 ? "Not found" : "That could not be done"
            let page = FailurePage(title: title, message: error.message).page
            return .html(page.html(await visit(request, nil)), status: status)
        }
    }

    // MARK: - Pages

    private func page(_ request: ServiceRequest) async throws(MendflowFailure) -> HTTPResponse? {
        let query = request.query
        switch request.path.first {
        case nil, "due", "held": return try await present(request)
        case "incidents" where request.path.count == 1: return try await present(request)
        case "incidents" where request.path.count == 3:
            let report = try await observatory.incident(request.path[2], on: request.path[1])
            let now = await observatory.workspace.clock.now()
            return try await show(request) { _ in IncidentPage(report: report, now: now).page }
        case "inbox" where request.path.count == 1:
            let inbox = try await observatory.inbox()
            return try await show(request) { visit in
                InboxPage(
                    inbox: inbox, visit: visit, settled: query["settled"].flatMap { Int64($0) },
                    answered: query["answered"].flatMap { Int64($0) }
                ).page
            }
        case "policies": return try await policies(request)
        case "replays": return try await replays(request)
        case "record": return try await record(request)
        case "executions" where request.path.count == 3:
            let story = try await observatory.story(of: ExecutionID(request.path[2]), on: request.path[1])
            return try await show(request, status: story.isKnown ? 200 : 404) { _ in ExecutionPage(story: story).page }
        case "find" where request.path.count == 1:
            let id = ExecutionID((query["id"] ?? "").filter { !$0.isWhitespace })
            let names = await observatory.workspace.instanceNames
            if names.count == 1 { return .see(Place.execution(id, on: names[0]).description) }
            return try await show(request) { _ in FindPage(execution: id, instances: names).page }
        case "login" where request.path.count == 1:
            let next = query["next"] ?? "/"
            let page = LoginPage(canSignIn: canSignIn, hasFailed: query["failed"] != nil, next: next).page
            let now = await observatory.workspace.clock.now()
            // Who signs in is nobody yet, even where an earlier sign-in still holds.
            return .html(page.html(Visit(canSignIn: canSignIn, now: now)))
        default: return nil
        }
    }

    /// The pages that show what the agents saw last.
    private func present(_ request: ServiceRequest) async throws(MendflowFailure) -> HTTPResponse? {
        guard request.path.count <= 1 else { return nil }
        let (query, state) = (request.query, try await observatory.now())
        return try await show(request, state) { (visit) throws(MendflowFailure) in
            switch request.path.first {
            case "due":
                guard let instance = state.instances.first(where: { $0.name == query["instance"] }) else {
                    throw MendflowFailure(.usage, "there is no such instance")
                }
                return DuePage(instance: instance, part: query["page"]).page
            case "held":
                return HeldPage(
                    state: state, instance: query["instance"], reason: query["reason"].flatMap { Reason(rawValue: $0) },
                    policy: query["policy"], part: query["page"]
                ).page
            case "incidents": return IncidentsPage(state: state).page
            default:
                let refresh = query["refresh"].flatMap { Int($0) }.map { min(max($0, 5), 3600) }
                return NowPage(state: state, visit: visit, refresh: refresh).page
            }
        }
    }

    private func policies(_ request: ServiceRequest) async throws(MendflowFailure) -> HTTPResponse? {
        guard request.path.count <= 2 else { return nil }
        let standings = try await observatory.policies()
        guard request.path.count == 2 else {
            return try await show(request) { _ in PoliciesPage(standings: standings).page }
        }
        let all = standings.policies + standings.former
        guard let policy = all.first(where: { $0.name == request.path[1] }) else {
            throw MendflowFailure(.usage, "no policy is named '\(request.path[1])'")
        }
        return try await show(request) { visit in
            PolicyPage(policy: policy, standings: standings, visit: visit).page
        }
    }

    private func replays(_ request: ServiceRequest) async throws(MendflowFailure) -> HTTPResponse? {
        let query = request.query
        switch request.path.count {
        case 1:
            let replays = try await observatory.replays()
            return try await show(request) { visit in
                ReplaysPage(replays: replays, part: query["page"], now: visit.now).page
            }
        case 3:
            let report = try await observatory.replay(request.path[2], of: request.path[1])
            return try await show(request) { visit in
                ReplayPage(
                    report: report, visit: visit,
                    result: query["result"].flatMap { ReplayReport.Result(rawValue: $0) }, part: query["page"]
                ).page
            }
        default: return nil
        }
    }

    private func record(_ request: ServiceRequest) async throws(MendflowFailure) -> HTTPResponse? {
        let state = try await observatory.now()
        if request.path.count == 2 {
            guard let number = Int64(request.path[1]), let entry = try await observatory.record(number) else {
                let number = Int64(request.path[1]) ?? 0
                let why = try await observatory.segment(of: number).map {
                    "record \(number) is not in the ledger: \($0.words)"
                }
                throw MendflowFailure(.usage, why ?? "there is no record \(request.path[1])")
            }
            return try await show(request, state) { _ in OneRecordPage(entry: entry, head: state.head.sequence).page }
        }
        guard request.path.count == 1 else { return nil }
        let query = try RecordSearch.Query(request.query)
        let found = try await observatory.records(query)
        let verified = await observatory.verified
        let names = await observatory.workspace.instanceNames
        return try await show(request, state) { visit in
            RecordPage(
                query: query, found: found, instances: names, head: state.head, verified: verified, visit: visit
            ).page
        }
    }

    private func show(
        _ request: ServiceRequest, _ state: PresentState? = nil, status: Int = 200,
        _ page: (Visit) async throws(MendflowFailure) -> ConsolePage
    ) async throws(MendflowFailure) -> HTTPResponse {
        let visit = await visit(request, state)
        return .html(try await page(visit).html(visit), status: status)
    }

    private func visit(_ request: ServiceRequest, _ known: PresentState?) async -> Visit {
        var state = known
        if state == nil { state = try? await observatory.now() }
        let now = await observatory.workspace.clock.now()
        return Visit(
            csrf: request.asker == .holder ? request.csrf : nil, canSignIn: canSignIn,
            waiting: (state?.unresolved ?? 0) + (state?.asks ?? 0),
            incidents: state?.instances.reduce(0) { $0 + ($1.status.record?.incidents.count ?? 0) } ?? 0,
            files: state?.files ?? UnheededFiles(),
            modes: state?.instances.map { ($0.name, $0.status.mode) } ?? [],
            isPaused: state.map { !$0.pauses.isEmpty } ?? false, now: now)
    }

    // MARK: - Orders

    private func post(_ request: ServiceRequest) async throws(MendflowFailure) -> HTTPResponse? {
        guard request.asker == .holder else { return .text(403, "this needs the service's token") }
        let form = request.form
        let workspace = await observatory.workspace.signed(
            by: "console/\(request.user.flatMap { $0.isEmpty ? nil : $0 } ?? "token")")
        let reason = form["reason"]?.trimmed ?? ""
        let instance = form["instance"].flatMap { $0.isEmpty ? nil : $0 }
        switch request.path {
        case ["inbox", "resolve"]:
            guard let id = form["id"].flatMap({ Int64($0) }), let ran = form["ran"], ["yes", "no"].contains(ran) else {
                throw MendflowFailure(.failed, "the form names no request, or does not say whether it ran")
            }
            guard !reason.isEmpty else { throw MendflowFailure(.failed, "say what you saw: it goes on record") }
            try await ResolveCommand.run(workspace, id: id, ran: ran == "yes", reason: reason)
            return .see(Place("inbox", query: ["settled": String(id)]).description)
        case ["inbox", "answer"]: return try await answer(form, workspace)
        case ["pause"]:
            let period = form["for"].flatMap { $0.isEmpty ? nil : $0 }
            let time = period.flatMap { Period($0) }
            guard period == nil || time != nil else { throw MendflowFailure(.failed, "'\(period ?? "")' is no time") }
            guard !reason.isEmpty else { throw MendflowFailure(.failed, "say why: it goes on record") }
            let outcome = try await KillSwitch.pause(workspace, instance: instance, reason: reason, for: time)
            return request.csrf == nil ? .json(outcome.told) : .see("/")
        case ["resume"]:
            let outcome = try await KillSwitch.resume(workspace, instance: instance)
            return request.csrf == nil ? .json(outcome.told) : .see("/")
        case ["record", "verify"]:
            guard try await observatory.verify() != nil else {
                throw MendflowFailure(
                    .failed, "a check goes on already; its result will stand on the page of the record")
            }
            return .see("/record")
        default: return try await move(request, workspace, reason)
        }
    }

    /// A yes or a no to what a person was asked.
    private func answer(_ form: FormFields, _ workspace: Workspace) async throws(MendflowFailure) -> HTTPResponse {
        guard let id = form["id"].flatMap({ Int64($0) }), let say = form["say"], ["yes", "no"].contains(say) else {
            throw MendflowFailure(.failed, "the form names nothing that was asked, or does not say yes or no")
        }
        let note = form["reason"]?.trimmed ?? ""
        guard say == "yes" || !note.isEmpty else { throw MendflowFailure(.failed, "say why not: it goes on record") }
        let outcome = try await Approving.answer(workspace, [ApprovalID(id)], isYes: say == "yes", note: note)
        if let refused = outcome.refused.first { throw MendflowFailure(.failed, refused.why) }
        return .see(Place("inbox", query: ["answered": String(id)]).description)
    }

    /// Lets a policy act again that went back to dry-run by itself.
    private func promote(
        _ request: ServiceRequest, _ workspace: Workspace, _ reason: String
    ) async throws(MendflowFailure) -> HTTPResponse {
        guard !reason.isEmpty else { throw MendflowFailure(.failed, "say why: it goes on record") }
        let instance = request.form["instance"].flatMap { $0.isEmpty ? nil : $0 }
        _ = try await Promoting.run(workspace, policy: request.path[1], instance: instance, reason: reason)
        return .see(Place.policy(request.path[1]).description)
    }

    /// Pauses a replay, lets it go on, or ends it.
    private func move(
        _ request: ServiceRequest, _ workspace: Workspace, _ reason: String
    ) async throws(MendflowFailure) -> HTTPResponse? {
        if request.path.count == 3, request.path[0] == "policies", request.path[2] == "promote" {
            return try await promote(request, workspace, reason)
        }
        guard request.path.count == 3, request.path[0] == "replays" else { return nil }
        guard let state = request.form["to"].flatMap({ Replay.State(rawValue: $0) }), state != .ended else {
            throw MendflowFailure(.failed, "the form does not say what is to become of the replay")
        }
        guard !reason.isEmpty else { throw MendflowFailure(.failed, "say why: it goes on record") }
        let (instance, name) = (request.path[1], request.path[2])
        _ = try await Replaying.move(workspace, instance: instance, name, to: state, why: reason)
        return .see(Place.replay(name, on: instance).description)
    }
}

extension String {
    /// Without blanks at its ends, and no longer than a reason may be.
    fileprivate var trimmed: String {
        let blanks: (Character) -> Bool = { $0.isWhitespace }
        return String(String(drop(while: blanks).reversed().drop(while: blanks).reversed()).prefix(500))
    }
}

extension RecordSearch.Query {
    /// What an address asks for.
    ///
    /// - Throws: `usage` where something in it is no time or no kind.
    fileprivate init(_ fields: FormFields) throws(MendflowFailure) {
        func text(_ name: String) -> String? { fields[name].flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed } }
        func time(_ name: String) throws(MendflowFailure) -> AgentTime? {
            guard let written = text(name) else { return nil }
            if let time = AgentTime(rfc3339: written) { return time }
            if let day = AgentTime(rfc3339: "\(written)T00:00:00Z") { return day }
            throw MendflowFailure(.usage, "'\(written)' is no time: it is written like 2026-05-01T10:00:00Z")
        }
        self.init(
            instance: text("instance"), execution: text("execution").map { ExecutionID($0) }, policy: text("policy"),
            kind: text("kind").flatMap { AuditKind(rawValue: $0) }, since: try time("since"), until: try time("until"),
            before: text("before").flatMap { Int64($0) })
    }
}
