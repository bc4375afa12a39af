/// A program's command line: one declaration, from which everything else comes.
public struct Program<Run: Sendable>: Sendable {
    /// The outermost command, named like the program.
    public let root: Command<Run>
    /// What `--version` prints.
    public let version: String

    /// A program. The declaration must have no faults (see `declarationFaults(of:)`).
    public init(_ root: Command<Run>, version: String) {
        let faults = declarationFaults(of: root)
        precondition(faults.isEmpty, faults.joined(separator: "; "))
        self.root = root
        self.version = version
    }

    /// Reads the words after the program's name. `format` is how help is laid out if it is asked for.
    public func parse(
        _ words: [String], environment: [String: String] = [:], format: HelpFormat = HelpFormat()
    ) -> ParseOutcome<Run> {
        var reader = WordReader(root: root, words: words)
        do {
            let run = try reader.readAll()
            let values = try Resolution(reader: reader, environment: environment).resolve()
            return .run(run, values)
        } catch {
            switch error {
            case .help: return .help(helpText(of: reader.chain, format))
            case .version: return .version(version)
            case .fault(let fault):
                return .failure(UsageError(fault: fault, path: reader.chain.path, usage: reader.chain.usage))
            }
        }
    }

    /// The help of the command with these names below the root; nil if there is none.
    public func help(for names: [String] = [], format: HelpFormat = HelpFormat()) -> String? {
        chain(names).map { helpText(of: $0, format) }
    }

    private func chain(_ names: [String]) -> CommandChain<Run>? {
        var chain = CommandChain(root: root)
        for name in names {
            guard let next = chain.command.subcommands.first(where: { $0.name == name }) else { return nil }
            chain.descend(to: next)
        }
        return chain
    }

    /// The script that teaches `shell` to complete the program's command lines.
    public func completions(for shell: Shell) -> String {
        let tree = CommandChain(root: root).shownTree
        return switch shell {
        case .bash: bashCompletions(tree)
        case .zsh: zshCompletions(tree)
        case .fish: fishCompletions(tree)
        }
    }
}

/// A shell that completions can be made for.
public enum Shell: String, Sendable, CaseIterable {
    /// GNU bash, 4.0 or later.
    case bash
    /// The Z shell.
    case zsh
    /// The friendly interactive shell, 3.0 or later.
    case fish
}
