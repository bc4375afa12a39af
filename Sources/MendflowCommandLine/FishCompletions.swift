/// A function that tells which command the cursor stands in, and one `complete` line for each thing to offer.
func fishCompletions(_ tree: [CommandChain<some Sendable>]) -> String {
    let program = tree[0].root.name
    let at = "_" + shellName(program) + "_at"
    return """
        # fish completion for \(program)
        function \(at)
            set -l path \(program)
            set -l skip 0
            for word in (commandline -opc)[2..-1]
                if test $skip -eq 1
                    set skip 0
                    continue
                end
                switch "$path $word"
        \(descents(tree))
                end
            end
            test "$path" = "$argv[1]"
        end

        complete -c \(program) -f
        \(tree.flatMap { lines($0, at) }.joined(separator: "\n"))

        """
}

private func descents(_ tree: [CommandChain<some Sendable>]) -> String {
    tree.flatMap { chain in
        let valued = chain.visible.shown.filter { !$0.isFlag }.flatMap(\.spellings)
        let skips =
            valued.isEmpty
            ? [] : ["case " + valued.map { "'\(chain.path) \($0)'" }.joined(separator: " "), "    set skip 1"]
        return skips
            + chain.command.shownSubcommands.flatMap {
                ["case '\(chain.path) \($0.name)'", "    set path '\(chain.path) \($0.name)'"]
            }
    }
    .map { "            " + $0 }.joined(separator: "\n")
}

private func lines(_ chain: CommandChain<some Sendable>, _ at: String) -> [String] {
    let start = "complete -c \(chain.root.name) -n \"\(at) '\(chain.path)'\""
    var lines = chain.command.shownSubcommands.map { "\(start) -a \($0.name) -d \(quoted($0.summary))" }
    if !chain.command.shownSubcommands.isEmpty, chain.command.answersHelpCommand {
        lines.append("\(start) -a help -d 'Show the help of a command'")
    }
    for option in chain.visible.shown {
        let short = option.short.map { " -s \($0)" } ?? ""
        let value = option.isFlag ? "" : " -x" + offer(option.shape, chain.root.name)
        lines.append("\(start)\(short) -l \(option.name)\(value) -d \(quoted(option.help))")
    }
    lines.append("\(start) -s h -l help -d 'Show this help and exit'")
    if chain.commands.count == 1 { lines.append("\(start) -l version -d 'Show the version and exit'") }
    // fish counts no arguments: what any of them takes is offered.
    var shapes: [ValueShape] = []
    for argument in chain.command.arguments where !shapes.contains(argument.shape) && argument.shape != .free {
        shapes.append(argument.shape)
    }
    return lines + shapes.map { start + offer($0, chain.root.name) }
}

private func offer(_ shape: ValueShape, _ program: String) -> String {
    switch shape {
    case .free: ""
    case .choice(let words): " -a " + quoted(words.joined(separator: " "))
    case .file: " -a '(__fish_complete_path (commandline -ct))'"
    case .directory: " -a '(__fish_complete_directories (commandline -ct))'"
    case .printed(let command): " -a '(\(([program] + command).joined(separator: " ")) 2>/dev/null)'"
    }
}

/// In fish's single quotes a backslash quotes only itself and the quote.
private func quoted(_ text: String) -> String {
    let inner = text.reduce(into: "") { result, letter in
        if letter == "'" || letter == "\\" { result.append("\\") }
        result.append(letter)
    }
    return "'" + inner + "'"
}
