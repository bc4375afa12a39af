import MendflowText

/// The help of a command.
func helpText(of chain: CommandChain<some Sendable>, _ format: HelpFormat) -> String {
    HelpText(chain: chain, format: format).render()
}

private struct HelpText<Run: Sendable> {
    let chain: CommandChain<Run>
    let format: HelpFormat

    func render() -> String {
        let command = chain.command
        var blocks: [[String]] = [wrapped(command.summary + ".", width: format.width)]
        blocks.append(usage)
        blocks += passages(of: command.discussion).map { passage in
            switch passage {
            case .paragraph(let text): wrapped(text, width: format.width)
            case .verbatim(let lines): lines
            }
        }
        blocks.append(table("Arguments", command.arguments.map { ($0.usage, $0.details) }))
        blocks += optionBlocks
        blocks.append(table("Commands", commandRows))
        blocks.append(examples)
        blocks.append(table("Exit codes", command.exitCodes.map { (String($0.code), $0.meaning) }))
        if !command.shownSubcommands.isEmpty {
            blocks.append(wrapped("See '\(chain.path) COMMAND --help' for more on a command.", width: format.width))
        }
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var usage: [String] {
        let title = "Usage: "
        let lines = wrapped(chain.usage, width: format.width, indent: title.count)
        return [format.style.painted("Usage:", .heading) + " " + (lines.first ?? "").dropFirst(title.count)]
            + lines.dropFirst()
    }

    private var optionBlocks: [[String]] {
        optionSections(of: chain).map { section in
            table(section.title, section.rows.map { (label(of: $0.spellings, $0.placeholder), $0.details) })
        }
    }

    private func label(of spellings: [String], _ placeholder: String?) -> String {
        let margin = spellings.count == 1 && spellings[0].hasPrefix("--") ? "    " : ""
        return margin + spellings.joined(separator: ", ") + (placeholder.map { " " + $0 } ?? "")
    }

    private var commandRows: [(String, String)] {
        let rows = chain.command.shownSubcommands.map { ($0.name, $0.summary) }
        return rows.isEmpty || !chain.command.answersHelpCommand
            ? rows : rows + [("help", "Show the help of a command")]
    }

    private var examples: [String] {
        let examples = chain.command.examples
        guard !examples.isEmpty else { return [] }
        let lines = examples.flatMap { example in
            wrapped(example.explanation + ":", width: format.width, indent: 2) + ["    $ " + example.command]
        }
        return [format.style.painted("Examples:", .heading)] + lines
    }

    private func table(_ title: String, _ rows: [(label: String, text: String)]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let longest = rows.map(\.label.count).max() ?? 0
        let column = min(longest, format.width / 3) + 4
        let lines = rows.flatMap { row in
            let text = wrapped(row.text, width: format.width, indent: column)
            let label = "  " + row.label
            guard label.count + 2 <= column, let first = text.first else { return [label] + text }
            return [label + first.dropFirst(label.count)] + text.dropFirst()
        }
        return [format.style.painted(title + ":", .heading)] + lines
    }
}

/// An option as help and the man page list it.
struct OptionRow {
    let spellings: [String]
    let placeholder: String?
    let details: String
}

/// The options that apply, under their headings: the command's own first, then those of the commands above it.
func optionSections(of chain: CommandChain<some Sendable>) -> [(title: String, rows: [OptionRow])] {
    var sections: [(title: String, rows: [OptionRow])] = [("Options", [])]
    func add(_ option: Option, _ usual: String) {
        let title = option.section ?? usual
        let row = OptionRow(spellings: option.spellings, placeholder: option.placeholder, details: option.details)
        if let index = sections.firstIndex(where: { $0.title == title }) {
            sections[index].rows.append(row)
        } else {
            sections.append((title, [row]))
        }
    }
    for option in chain.command.options.shown { add(option, "Options") }
    sections[0].rows.append(
        OptionRow(spellings: ["-h", "--help"], placeholder: nil, details: "Show this help and exit"))
    if chain.commands.count == 1 {
        sections[0].rows.append(
            OptionRow(spellings: ["--version"], placeholder: nil, details: "Show the version and exit"))
    }
    for option in chain.inherited.shown { add(option, "Global options") }
    return sections
}

extension Option {
    /// The help and, in brackets, what values it takes and where they come from.
    var details: String {
        var notes: [String] = []
        if case .choice(let words) = shape { notes.append("one of: " + words.joined(separator: ", ")) }
        if let defaultText, !defaultText.isEmpty { notes.append("default: " + defaultText) }
        if isRequired { notes.append("required") }
        if isRepeated { notes.append("may be repeated") }
        if let env { notes.append("env: " + env) }
        return notes.isEmpty ? help : help + " (" + notes.joined(separator: "; ") + ")"
    }
}

extension Argument {
    var details: String {
        guard case .choice(let words) = shape else { return help }
        return help + " (one of: " + words.joined(separator: ", ") + ")"
    }
}
