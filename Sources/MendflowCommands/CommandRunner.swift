import Glibc
import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowText
import MendflowWorkspace
import MendflowYAML

/// Runs a command line and answers the exit code.
public enum CommandRunner {
    /// Runs the words behind the program's name.
    public static func run(_ words: [String]) async -> ExitStatus {
        // A limit on file sizes is then an error of the write, as a full disk is.
        signal(SIGXFSZ, SIG_IGN)
        let console = Console.current(MachineVariables.all)
        let status = await run(words, console)
        guard let fault = console.outputFault else { return status }
        console.message("mendflow: the result could not be written to standard output: \(fault)")
        return .failure
    }

    private static func run(_ words: [String], _ console: Console) async -> ExitStatus {
        let format = HelpFormat(width: console.width, style: console.colours ? .ansi : .plain)
        let words = words.isEmpty ? ["--help"] : words
        switch MendflowProgram.program.parse(words, environment: console.environment, format: format) {
        case .version(let version):
            console.result("mendflow \(version)")
            return .done
        case .help(let text):
            console.styled(text)
            return .done
        case .failure(let error):
            console.message("\(error)")
            return .usage
        case .run(let run, let values):
            do throws(MendflowFailure) {
                try ProcessFiles.ensure()
                return try await run(
                    CommandContext(values: values, console: console, environment: .machine(console.environment)))()
            } catch {
                console.message("mendflow: \(error.kind == .findings ? error.message : Console.oneLine(error.message))")
                return error.exitStatus
            }
        }
    }
}

/// What runs a command of the program, as its declaration says: a method of `CommandContext`.
typealias CommandRun =
    @Sendable (CommandContext) -> @Sendable () async throws(MendflowFailure) -> ExitStatus

/// A command's values and console.
struct CommandContext {
    let values: ParsedArguments
    let console: Console
    /// Everything outside the program.
    let environment: Environment

    /// A moment that was typed, as a time; one that lies ahead is refused, for nothing is known of it.
    func time(_ option: OptionKey<Moment?>) throws(MendflowFailure) -> ServerTime? {
        let time = anyTime(option)
        try NewestKnown.now(environment.clock).check(time, "--\(option.option.name)")
        return time
    }

    /// The same where it may lie ahead, or something else tells what is known.
    func anyTime(_ option: OptionKey<Moment?>) -> ServerTime? { values[option]?.time(at: environment.clock.now()) }

    var isJSON: Bool { values[Options.output] == .json }

    /// What a command that is printed for people to type needs to find this configuration.
    var configurationOption: String {
        let path = values[Options.config]
        let isFound = path == Options.config.option.defaultText || path == console.environment["MENDFLOW_CONFIG"]
        guard !isFound else { return "" }
        return " --config \(path.asShellWord)"
    }

    /// Prints a result in the format that was asked for.
    func show(_ json: @autoclosure () -> some Encodable, _ text: @autoclosure () -> String) {
        if isJSON { console.json(json()) } else { console.result(text()) }
    }

    /// Prints a result in the format that was asked for, to a terminal in colours and columns.
    func show(_ json: @autoclosure () -> some Encodable, _ report: @autoclosure () -> TextReport) {
        if isJSON { console.json(json()) } else { console.report(report()) }
    }

    /// Loads what a command needs that reads or settles what is in the ledger. A policy file that is broken must not keep
    /// an operator from it, nor a broken configuration from stopping: the agent goes on with what it read before, and has to be
    /// stopped all the more.
    func workspaceOfLedger(
        _ needs: Workspace.Needs = .configuration, doErrorsMatter: Bool = false
    ) throws(MendflowFailure) -> Workspace {
        let loaded = try Workspace.load(path: values[Options.config], environment: environment, needs: needs)
        guard let workspace = loaded.workspace else {
            console.styledMessage(loaded.report.text(colours: console.messageColours))
            throw MendflowFailure(.findings, loaded.report.summary)
        }
        name(workspace.leftOut)
        if workspace.areOthersWrong, !doErrorsMatter {
            let what = needs == .ledger ? "the files" : "policies"
            console.message(
                "mendflow: \(what) have errors, which `mendflow validate` shows; they do not matter for this")
        }
        return workspace
    }

    /// The same for whoever gives an order: it is written into the ledger of the files, and says so where the agent works
    /// on another one.
    func workspaceOfOrder(_ needs: Workspace.Needs = .ledger) async throws(MendflowFailure) -> Workspace {
        let workspace = try workspaceOfLedger(needs)
        if let elsewhere = await AgentElsewhere.read(workspace) { console.message("mendflow: \(elsewhere.words)") }
        return workspace
    }

    /// Ends a command that was to send requests while an agent works on another ledger: what that one has sent is not known
    /// here, and would be sent again.
    func sendsNothing(beside workspace: Workspace) async throws(MendflowFailure) {
        guard let elsewhere = await AgentElsewhere.read(workspace) else { return }
        throw elsewhere.failure("nothing is sent")
    }

    /// Says which files of instances have errors.
    private func name(_ leftOut: [String]) {
        for file in leftOut {
            console.message("mendflow: \(file) has errors, which `mendflow validate` shows; its instance is left out")
        }
    }

    /// Loads configuration and policies; warnings go to standard error, errors end the command.
    func workspace() throws(MendflowFailure) -> Workspace {
        try shown(try Workspace.load(path: values[Options.config], environment: environment))
    }

    /// The same for a question that is not about the policies: of warnings only how many there are.
    func workspaceOfQuestion() throws(MendflowFailure) -> Workspace {
        let loaded = try Workspace.load(path: values[Options.config], environment: environment, needs: .question)
        guard let workspace = loaded.workspace else { return try shown(loaded) }
        name(workspace.leftOut)
        let warnings = workspace.findings.all.count { $0.severity != .error }
        if warnings > 0 {
            let (words, them) = warnings == 1 ? ("1 warning", "it") : ("\(warnings) warnings", "them")
            console.message("mendflow: \(words) about policies; `mendflow validate` shows \(them)")
        }
        return workspace
    }

    /// The same for whoever looks what is wrong: errors are shown, and end the command only where no ledger can be told.
    func workspaceToExamine() throws(MendflowFailure) -> Workspace {
        try shown(try Workspace.load(path: values[Options.config], environment: environment, needs: .ledger))
    }

    /// The same for an agent, which acts by them: once no file is being written any more.
    func settledWorkspace() async throws(MendflowFailure) -> Workspace {
        try shown(try await Workspace.loadSettled(path: values[Options.config], environment: environment))
    }

    private func shown(
        _ loaded: (workspace: Workspace?, report: FindingsReport)
    ) throws(MendflowFailure) -> Workspace {
        let text = loaded.report.text(colours: console.messageColours)
        if !text.isEmpty { console.styledMessage(text) }
        guard let workspace = loaded.workspace else { throw MendflowFailure(.findings, loaded.report.summary) }
        return workspace
    }
}

extension CommandContext {
    /// `completions`
    func completions() async throws(MendflowFailure) -> ExitStatus {
        console.result(MendflowProgram.program.completions(for: values[Options.shell]))
        return .done
    }

    /// `names`
    func names() async throws(MendflowFailure) -> ExitStatus {
        let loaded = try Workspace.load(path: values[Options.config], environment: environment, needs: .configuration)
        guard let workspace = loaded.workspace else { return .findings }
        let names =
            switch values[Options.knownNames] {
            case .instances: workspace.instanceNames
            case .policies: workspace.policies.map(\.name)
            }
        for name in names { console.result(name) }
        return .done
    }

    /// `man`
    func manPage() async throws(MendflowFailure) -> ExitStatus {
        // No date: the program does not know when it was built, and a wrong one is worse than none.
        console.result(MendflowProgram.program.manPage(date: "\"\""))
        return .done
    }
}

extension MendflowFailure {
    var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .findings, .file: .findings
        case .unreachable: .unreachable
        case .held: .held
        case .broken: .brokenChain
        case .displaced: .displaced
        case .failed: .failure
        }
    }
}
