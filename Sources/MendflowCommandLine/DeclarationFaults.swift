/// What is wrong with a declaration, such as two options of one name; empty if nothing is.
/// `Program` refuses a faulty one, so a test that makes the program checks it.
public func declarationFaults(of root: Command<some Sendable>) -> [String] {
    faults(in: CommandChain(root: root))
}

private func faults(in chain: CommandChain<some Sendable>) -> [String] {
    let command = chain.command
    var found: [String] = []
    if !isName(command.name) { found.append("'\(command.name)' is not a name") }
    found += repeats(command.subcommands.map(\.name)).map { "the command '\($0)' is declared twice" }
    found += optionFaults(chain)
    for group in command.exclusive {
        for name in group.names where !command.options.contains(where: { $0.name == name }) {
            found.append("the exclusive option '--\(name)' is not one of the command's own")
        }
    }
    found += argumentFaults(command.arguments)
    if !command.isRunnable, command.subcommands.isEmpty { found.append("cannot be run and has no subcommands") }
    if !command.arguments.isEmpty, !command.isRunnable { found.append("has arguments but cannot be run") }
    return found.map { "\(chain.path): \($0)" } + command.subcommands.flatMap { faults(in: chain.appending($0)) }
}

private func optionFaults(_ chain: CommandChain<some Sendable>) -> [String] {
    var found: [String] = []
    found += repeats(chain.visible.map(\.name)).map { "the option '--\($0)' is declared twice" }
    found += repeats(chain.visible.compactMap { $0.short.map { String($0) } }).map { "'-\($0)' is declared twice" }
    for option in chain.command.options {
        if !isName(option.name) { found.append("'--\(option.name)' is not a name") }
        if let short = option.short, !short.isASCII || !(short.isLetter || short.isNumber) {
            found.append("'-\(short)' is not a letter or digit")
        }
        let isReserved = option.name == "help" || (option.name == "version" && chain.commands.count == 1)
        if isReserved || option.short == "h" { found.append("'--\(option.name)' takes the place of help or version") }
    }
    return found
}

private func argumentFaults(_ arguments: [Argument]) -> [String] {
    var found = repeats(arguments.map(\.name)).map { "the argument \($0) is declared twice" }
    for (earlier, later) in zip(arguments, arguments.dropFirst()) {
        if earlier.isRepeated { found.append("\(later.name) can never be given: \(earlier.name) takes all words") }
        if !earlier.isRequired, later.isRequired {
            found.append("\(earlier.name) cannot be left out before \(later.name)")
        }
    }
    return found
}

/// Lower-case words joined by dashes: they need no quoting in any shell or in roff.
private func isName(_ name: String) -> Bool {
    let isPlain = name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_" }
    return isPlain && !name.isEmpty && !name.hasPrefix("-")
}

private func repeats(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { !seen.insert($0).inserted }
}
