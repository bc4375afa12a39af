import MendflowText

/// Why reading ended before the last word, or without values.
enum ReadingEnd: Error {
    /// Help is asked for, of the command that was reached.
    case help
    case version
    case fault(UsageFault)
}

/// An option as it stands on the command line.
struct Occurrence {
    let option: Option
    let spelling: String
    let value: String?
}

/// Sorts words into commands, options and arguments; what they mean is left to `Resolution`.
struct WordReader<Run: Sendable> {
    private(set) var chain: CommandChain<Run>
    private(set) var occurrences: [Occurrence] = []
    private(set) var positionals: [String] = []
    private var rest: ArraySlice<String>

    init(root: Command<Run>, words: [String]) {
        chain = CommandChain(root: root)
        rest = words[...]
    }

    /// Reads all words; answers what runs the command that they name.
    mutating func readAll() throws(ReadingEnd) -> Run {
        while let word = rest.popFirst() {
            if word == "--" {
                positionals += rest
                rest = []
            } else if word.hasPrefix("--") {
                try readLong(word)
            } else if looksLikeOption(word) {
                try readShort(word)
            } else {
                try readPlain(word)
            }
        }
        guard let run = chain.command.run else {
            throw .fault(positionals.first.map { .unexpectedArgument($0) } ?? .missingCommand(known: knownCommands))
        }
        return run
    }

    /// `-` stands for standard input and `-5` for a number, unless `-5` is an option.
    private func looksLikeOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), let letter = word.dropFirst().first else { return false }
        return !letter.isASCII || !(letter.isNumber || letter == ".") || chain.visible.contains { $0.short == letter }
    }

    private mutating func readLong(_ word: String) throws(ReadingEnd) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let spelling = String(parts[0])
        let value = parts.count > 1 ? String(parts[1]) : nil
        guard let option = chain.visible.first(where: { $0.longSpelling == spelling }) else {
            let isReserved = spelling == "--help" || isVersion(spelling)
            if isReserved, let value { throw .fault(.unexpectedValue(spelling, value: value)) }
            if spelling == "--help" { throw .help }
            if isVersion(spelling) { throw .version }
            throw .fault(unknownOption(spelling))
        }
        if option.isFlag {
            if let value { throw .fault(.unexpectedValue(spelling, value: value)) }
            occurrences.append(Occurrence(option: option, spelling: spelling, value: nil))
        } else {
            let value = if let value { value } else { try nextValue(of: option, spelling) }
            occurrences.append(Occurrence(option: option, spelling: spelling, value: value))
        }
    }

    private func isVersion(_ spelling: String) -> Bool {
        spelling == "--version" && chain.commands.count == 1
    }

    private mutating func readShort(_ word: String) throws(ReadingEnd) {
        // `-config x` must not be read as `-c onfig`.
        let name = word.dropFirst().prefix { $0 != "=" }
        if name.count > 1, chain.visible.contains(where: { $0.name == name }) {
            throw .fault(.unknownOption("-" + name, nearest: "--" + name))
        }
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let spelling = "-" + String(letter)
            guard let option = chain.visible.first(where: { $0.short == letter }) else {
                if letter == "h" { throw .help }
                throw .fault(unknownShort(spelling, in: word))
            }
            guard !option.isFlag else {
                occurrences.append(Occurrence(option: option, spelling: spelling, value: nil))
                continue
            }
            if letters.first == "=" {
                letters.removeFirst()
            } else if letters.isEmpty {
                let value = try nextValue(of: option, spelling)
                occurrences.append(Occurrence(option: option, spelling: spelling, value: value))
                return
            }
            occurrences.append(Occurrence(option: option, spelling: spelling, value: String(letters)))
            return
        }
    }

    /// A forgotten value must not swallow the option after it.
    private mutating func nextValue(of option: Option, _ spelling: String) throws(ReadingEnd) -> String {
        guard let next = rest.first, next != "--", !next.hasPrefix("--"), !looksLikeOption(next) else {
            throw .fault(.missingValue(spelling, placeholder: option.placeholder ?? "", next: rest.first))
        }
        rest.removeFirst()
        return next
    }

    private mutating func readPlain(_ word: String) throws(ReadingEnd) {
        let command = chain.command
        if positionals.isEmpty, !command.subcommands.isEmpty {
            if let next = command.subcommands.first(where: { $0.name == word }) {
                try descend(to: next)
                return
            }
            if word == "help", command.answersHelpCommand { try readHelpCommand() }
            if command.arguments.isEmpty { throw .fault(unknownCommand(word)) }
        }
        positionals.append(word)
    }

    /// What was said to a command that runs by itself is not for the one below it, unless both know it.
    private mutating func descend(to next: Command<Run>) throws(ReadingEnd) {
        let above = chain
        chain.descend(to: next)
        guard above.command.isRunnable else { return }
        for occurrence in occurrences where !chain.visible.contains(where: { $0.name == occurrence.option.name }) {
            throw .fault(.misplacedOption(occurrence.spelling, commands: [above.path.description]))
        }
    }

    private mutating func readHelpCommand() throws(ReadingEnd) {
        for word in rest where !looksLikeOption(word) {
            guard let next = chain.command.subcommands.first(where: { $0.name == word }) else {
                throw .fault(chain.command.subcommands.isEmpty ? .unexpectedArgument(word) : unknownCommand(word))
            }
            chain.descend(to: next)
        }
        throw .help
    }

    // MARK: What was meant

    private var knownCommands: [String] { chain.command.shownSubcommands.map(\.name) }

    private func unknownCommand(_ word: String) -> UsageFault {
        .unknownCommand(word, nearest: Spelling.meant(by: word, among: knownCommands), known: knownCommands)
    }

    private func unknownOption(_ spelling: String) -> UsageFault {
        let owners = owners { $0.longSpelling == spelling }
        guard owners.isEmpty else { return .misplacedOption(spelling, commands: owners) }
        return .unknownOption(spelling, nearest: nearestOption(to: String(spelling.dropFirst(2))))
    }

    private func unknownShort(_ spelling: String, in word: String) -> UsageFault {
        guard word.count == 2 else {
            let name = word.dropFirst().prefix { $0 != "=" }
            let nearest = nearestOption(to: String(name))
            return .unknownOption(nearest == nil ? spelling : word, nearest: nearest)
        }
        let owners = owners { "-" + ($0.short.map { String($0) } ?? "") == spelling }
        return owners.isEmpty
            ? .unknownOption(spelling, nearest: nil) : .misplacedOption(spelling, commands: owners)
    }

    private func nearestOption(to name: String) -> String? {
        let version = chain.commands.count == 1 ? ["version"] : []
        let names = chain.visible.shown.map(\.name) + ["help"] + version
        return Spelling.meant(by: name, among: names).map { "--" + $0 }
    }

    private func owners(_ isMeant: (Option) -> Bool) -> [String] {
        CommandChain(root: chain.root).shownTree
            .filter { $0.command.options.shown.contains(where: isMeant) }
            .map(\.path.description)
    }
}
