import Glibc
import MendflowCommandLine
import MendflowCore
import MendflowHost
import MendflowOperations
import MendflowRehearsal
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `validate`
    func validate() async throws(MendflowFailure) -> ExitStatus {
        let files = values[Options.files]
        if values[Options.schema] { return try schema(of: files) }
        let (report, trouble): (FindingsReport, String?)
        do throws(MendflowFailure) { (report, trouble) = try await findings(of: files) } catch {
            // A program that asked for JSON gets it, even where there is nothing to check.
            guard isJSON, error.kind == .findings else { throw error }
            (report, trouble) = (FindingsReport(unreadable: values[Options.config], error), nil)
        }
        if isJSON {
            console.json(
                ValidationJSON(findings: report.all.map { FindingJSON($0) }, ok: !report.hasErrors, server: trouble))
        } else {
            let text = report.text(colours: console.colours)
            if !text.isEmpty { console.styled(text) }
            console.result(report.all.isEmpty ? "no findings" : report.summary)
            if values[Options.server] == nil { console.result(SetupText.notAsked(filesAlone: !files.isEmpty)) }
        }
        if let trouble { console.message("mendflow: the server was not asked: \(Console.oneLine(trouble))") }
        return report.hasErrors ? .findings : trouble == nil ? .done : .unreachable
    }

    /// What is found in files or configuration, and why the server could not be asked about it.
    private func findings(
        of files: [String]
    ) async throws(MendflowFailure) -> (report: FindingsReport, trouble: String?) {
        if let server = values[Options.server] {
            guard files.isEmpty else {
                throw MendflowFailure(.usage, "--instance compares the configuration's policies; name no files with it")
            }
            let loaded = try Workspace.load(
                path: values[Options.config], environment: environment)
            guard let workspace = loaded.workspace else { return (loaded.report, nil) }
            return try await workspace.validate(against: server)
        }
        guard files.isEmpty else {
            return (PolicyTesting.validate(files, environment: environment), nil)
        }
        // What can be read is judged, whatever is wrong with the rest.
        var loaded = try Workspace.load(
            path: values[Options.config], environment: environment, needs: .ledger)
        if let workspace = loaded.workspace { loaded.report.advise(on: workspace.policies) }
        return (loaded.report, nil)
    }

    private func schema(of words: [String]) throws(MendflowFailure) -> ExitStatus {
        guard words.count <= 1, let kind = SchemaKind(rawValue: words.first ?? SchemaKind.policies.rawValue) else {
            let near = Spelling.meant(by: words.first ?? "", among: SchemaKind.allCases.map(\.rawValue))
            throw MendflowFailure(
                .usage,
                "--schema stands alone, or with `policies`, `configuration`, `instance` or `tests`; it checks no files"
                    + (words.count == 1 ? near.map { "; did you mean '\($0)'?" } ?? "" : ""))
        }
        return show(kind)
    }

    /// `schema`
    func schema() async throws(MendflowFailure) -> ExitStatus { show(values[Options.schemaKind] ?? .policies) }

    private func show(_ schema: SchemaKind) -> ExitStatus {
        let text =
            switch schema {
            case .policies: Schemas.policies
            case .configuration: Schemas.configuration
            case .instance: Schemas.instance
            case .tests: Schemas.tests
            }
        // Ends with a line break, which the console adds.
        console.result(String(text.dropLast()))
        return .done
    }

    /// `run`
    func runAgent() async throws(MendflowFailure) -> ExitStatus {
        let asked: Mode? = values[Options.dryRun] ? .dryRun : values[Options.enforce] ? .enforce : nil
        ProcessMemory.keepSmall()
        let workspace = try await settledWorkspace()
        if asked != .dryRun { try await sendsNothing(beside: workspace) }
        do throws(MendflowFailure) {
            try await MendflowHost(workspace, asked: asked, logLevel: values[Options.logLevel]).run(
                once: values[Options.once])
        } catch  where error.kind == .held {
            guard let errand = try? await AgentErrand.present(workspace) else { throw error }
            throw MendflowFailure(
                .held, "\(error.message): it is a command that \(errand.words); start the agent once that is done")
        }
        return .done
    }

    /// `simulate`
    func simulate() async throws(MendflowFailure) -> ExitStatus {
        let console = console
        let options = Simulate.Options(
            port: values[Options.port], speed: values[Options.speed], release: values[Options.era],
            workers: values[Options.workers] ?? (values[Options.queueMode] ? 1 : nil),
            slots: values[Options.slots], concurrency: values[Options.concurrency],
            history: values[Options.history], until: anyTime(Options.until), isLive: values[Options.live],
            scopes: values[Options.scopes], hints: try toldHints())
        try await Simulate.run(options) { what, url in
            console.result("\(what)\nn8n is simulated at \(url); the API key is test-key")
        }
        return .done
    }

    /// `demo`
    func demo() async throws(MendflowFailure) -> ExitStatus {
        let folder = values[Options.folder] ?? "\(console.environment["TMPDIR"] ?? "/tmp")/mendflow-demo-\(getpid())"
        let seconds = values[Options.seconds]
        let log = values[Options.log].map { LogWriter(format: $0, level: .info) }
        console.message(DemoText.beginning(seconds: seconds, folder: folder))
        defer { console.progress(nil) }
        let report = try await Demo.run(
            seconds: seconds, folder: folder, environment: environment, log: log
        ) { [console] told in
            switch told {
            case .line(let line):
                console.progress(nil)
                console.message(Console.oneLine(line))
            case .progress(let text): console.progress(text)
            }
        }
        console.progress(nil)
        // As it was called, so that the commands work where this one did.
        let called = CommandLine.arguments.first ?? ""
        let program = called.contains("/") ? called : "mendflow"
        show(DemoJSON(report, program: program), DemoText.render(report, program: program))
        return report.ok ? .done : .failure
    }

    private struct ValidationJSON: Encodable { var findings: [FindingJSON], ok: Bool, server: String? }
}
