import FoundationEssentials
import Glibc
import MendflowCommandLine
import MendflowCore
import MendflowHost
import MendflowWorkspace

/// Runs a command line and answers the exit code.
public enum CommandRunner {
    /// Runs the words behind the program's name.
    public static func run(_ words: [String]) async -> ExitStatus {
        // A limit on file sizes is then an error of the write, as a full disk is.
        signal(SIGXFSZ, SIG_IGN)
        let console = Console.current(ProcessInfo.processInfo.environment)
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
        case .run(let path, let values):
            do throws(MendflowFailure) {
                return try await dispatch(path.names, values, console)
            } catch {
                console.message("mendflow: \(error.kind == .findings ? error.message : Console.oneLine(error.message))")
                return error.exitStatus
            }
        }
    }

    private static func dispatch(
        _ names: [String], _ values: ParsedArguments, _ console: Console
    ) async throws(MendflowFailure) -> ExitStatus {
        let context = CommandContext(values: values, console: console)
        switch names.joined(separator: " ") {
        case "init": return try await context.initialise()
        case "validate": return try await context.validate()
        case "plan": return try await context.plan()
        case "run": return try await context.runAgent()
        case "status": return try await context.status()
        case "doctor": return try await context.doctor()
        case "instance list": return try context.instances()
        case "instance adopt": return try await context.adopt()
        case "explain": return try await context.explain()
        case "inbox": return try context.inbox()
        case "resolve": return try context.resolve()
        case "pause": return try context.pause()
        case "resume": return try context.resume()
        case "audit tail": return try context.auditTail()
        case "audit export": return try context.auditExport()
        case "audit verify": return try context.auditVerify()
        case "simulate": return try await context.simulate()
        case "demo": return try await context.demo()
        case "completions":
            console.result(MendflowProgram.program.completions(for: values[Options.shell]))
            return .done
        case "man":
            // No date: the program does not know when it was built, and a wrong one is worse than none.
            console.result(MendflowProgram.program.manPage(date: "\"\""))
            return .done
        default:
            console.result(MendflowProgram.program.help(for: names) ?? "")
            return .usage
        }
    }
}

/// A command's values and console.
struct CommandContext {
    let values: ParsedArguments
    let console: Console
    let clock = SystemClock()

    var isJSON: Bool { values[Options.output] == .json }

    /// Loads configuration and policies; warnings go to standard error, errors end the command.
    func workspace() throws(MendflowFailure) -> Workspace {
        let loaded = try Workspace.load(
            path: values[Options.config], environment: console.environment, clock: clock,
            colours: console.messageColours)
        if !loaded.report.text.isEmpty { console.styledMessage(loaded.report.text) }
        guard let workspace = loaded.workspace else { throw MendflowFailure(.findings, loaded.report.summary) }
        return workspace
    }
}

extension MendflowFailure {
    var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .findings: .findings
        case .unreachable: .unreachable
        case .held: .held
        case .failed: .failure
        }
    }
}
