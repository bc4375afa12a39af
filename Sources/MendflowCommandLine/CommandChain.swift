/// A command with those above it: what applies there, and how it is called.
struct CommandChain<Run: Sendable> {
    /// The root first; never empty.
    private(set) var commands: [Command<Run>]
    let root: Command<Run>

    init(root: Command<Run>) {
        self.root = root
        commands = [root]
    }

    var command: Command<Run> { commands.last ?? root }

    var path: CommandPath { CommandPath(program: root.name, names: commands.dropFirst().map(\.name)) }

    mutating func descend(to command: Command<Run>) { commands.append(command) }

    func appending(_ command: Command<Run>) -> CommandChain {
        var longer = self
        longer.descend(to: command)
        return longer
    }

    /// The options of the commands above that hold here too.
    var inherited: [Option] {
        commands.dropLast().flatMap { $0.options.filter { $0.traits.contains(.inherited) } }
    }

    /// What may be written at this point of the command line.
    var visible: [Option] { command.options + inherited }

    /// What the values are looked up among, whichever point they were given at. A command may declare an option of a command
    /// above it again, which then holds instead.
    var declared: [Option] {
        let options = commands.flatMap(\.options)
        return options.indices.filter { index in
            !options[(index + 1)...].contains { $0.name == options[index].name }
        }.map { options[$0] }
    }

    /// The line that shows how the command is called.
    var usage: String {
        var words = [path.description]
        let required = visible.filter { $0.isRequired && !$0.traits.contains(.hidden) }
        words += required.map { "\($0.longSpelling) \($0.placeholder ?? "")" }
        words.append("[OPTIONS]")
        if !command.subcommands.isEmpty {
            words.append(command.isRunnable ? "[COMMAND]" : "COMMAND")
        }
        words += command.arguments.map(\.usage)
        return words.joined(separator: " ")
    }

    /// This command and all below it that are shown, in the order of the declaration.
    var shownTree: [CommandChain] {
        [self] + command.shownSubcommands.flatMap { appending($0).shownTree }
    }
}

extension Command {
    var isRunnable: Bool { run != nil }

    var shownSubcommands: [Command<Run>] { subcommands.filter { !$0.isHidden } }

    var answersHelpCommand: Bool {
        !subcommands.isEmpty && !subcommands.contains { $0.name == "help" }
    }
}

extension Sequence<Option> {
    var shown: [Option] { filter { !$0.traits.contains(.hidden) } }
}
