/// One function per command around `_arguments`.
func zshCompletions(_ tree: [CommandChain<some Sendable>]) -> String {
    let program = tree[0].root.name
    let functions = tree.map(function).joined(separator: "\n")
    let name = shellName(program)
    return """
        #compdef \(program)

        \(functions)
        if [ "$funcstack[1]" = "\(name)" ]; then
            \(name) "$@"
        else
            compdef \(name) \(program)
        fi

        """
}

private func function(_ chain: CommandChain<some Sendable>) -> String {
    let subcommands = chain.command.shownSubcommands
    var specs = chain.visible.shown.map { optionSpec($0, chain.root.name) }
    specs.append("'(-h --help)'{-h,--help}'[Show this help and exit]'")
    if chain.commands.count == 1 { specs.append("'--version[Show the version and exit]'") }
    var lines = ["\(functionName(chain))() {"]
    if subcommands.isEmpty {
        specs += chain.command.arguments.map { argumentSpec($0, chain.root.name) }
    } else {
        specs += ["'1: :->command'", "'*:: :->rest'"]
        lines.append("    local state state_descr line curcontext=\"$curcontext\"")
        lines.append("    typeset -A opt_args")
    }
    let flags = subcommands.isEmpty ? "-s -S" : "-C -s -S"
    lines.append("    _arguments \(flags) \\")
    lines.append(specs.map { "        \($0)" }.joined(separator: " \\\n"))
    lines += subcommands.isEmpty ? [] : dispatch(chain, subcommands)
    return (lines + ["}", ""]).joined(separator: "\n")
}

private func dispatch<Run>(_ chain: CommandChain<Run>, _ subcommands: [Command<Run>]) -> [String] {
    var rows = subcommands.map { ($0.name, $0.summary) }
    if chain.command.answersHelpCommand { rows.append(("help", "Show the help of a command")) }
    let described = rows.map { "                " + shellQuoted("\($0.0):\($0.1)") }
    let calls = subcommands.map { "                \($0.name)) \(functionName(chain.appending($0))) ;;" }
    return ["    case $state in", "        command)", "            local -a commands=("] + described
        + ["            )", "            _describe command commands ;;", "        rest)"]
        + ["            case $line[1] in"] + calls + ["            esac ;;", "    esac"]
}

private func functionName(_ chain: CommandChain<some Sendable>) -> String {
    ([shellName(chain.root.name)] + chain.path.names).joined(separator: "__")
}

private func optionSpec(_ option: Option, _ program: String) -> String {
    let help = "[" + escaped(option.help) + "]"
    let value = option.placeholder.map { ":\(escaped($0)):\(action(option.shape, program))" } ?? ""
    let glue = option.isFlag ? "" : "="
    guard let short = option.short else {
        let prefix = option.isRepeated ? "*" : ""
        return shellQuoted(prefix + option.longSpelling + glue + help + value)
    }
    let prefix = option.isRepeated ? "'*'" : "'(-\(short) \(option.longSpelling))'"
    return "\(prefix){-\(short)\(option.isFlag ? "" : "+"),\(option.longSpelling)\(glue)}" + shellQuoted(help + value)
}

private func argumentSpec(_ argument: Argument, _ program: String) -> String {
    let prefix = argument.isRepeated ? "*:" : argument.isRequired ? ":" : "::"
    return shellQuoted(prefix + escaped(argument.name) + ":" + action(argument.shape, program))
}

private func action(_ shape: ValueShape, _ program: String) -> String {
    switch shape {
    case .free: " "
    case .choice(let words): "(" + words.map(escaped).joined(separator: " ") + ")"
    case .file: "_files"
    case .directory: "_files -/"
    case .printed(let command):
        "{compadd -- ${(f)\"$(\(([program] + command).joined(separator: " ")) 2>/dev/null)\"}}"
    }
}

/// Colons and brackets part the fields of a specification.
private func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, letter in
        if ":[]\\()".contains(where: { $0 == letter }) { result.append("\\") }
        result.append(letter)
    }
}
