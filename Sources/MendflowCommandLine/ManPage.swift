extension Program {
    /// The man page of the whole program in roff's man macros, all commands included.
    /// - Parameters:
    ///   - date: when the page was made, as YYYY-MM-DD; given, so that a build can be repeated.
    ///   - section: the section of the manual, 1 for programs that users run.
    public func manPage(date: String, section: Int = 1) -> String {
        ManPage(root: CommandChain(root: root), version: version, date: date, section: section).render()
    }
}

private struct ManPage<Run: Sendable> {
    let root: CommandChain<Run>
    let version: String
    let date: String
    let section: Int

    func render() -> String {
        let command = root.command
        var lines = [
            ".TH \(macroWord(command.name.uppercased())) \(section) \(date) "
                + "\(macroWord(command.name + " " + version)) \(macroWord("User Commands"))"
        ]
        lines += [".SH NAME", escaped(command.name) + " \\- " + escaped(command.summary)]
        lines += [".SH SYNOPSIS"] + synopsis(root)
        let discussion = paragraphs(command.discussion)
        lines += titled(".SH DESCRIPTION", discussion.isEmpty ? line(command.summary + ".") : discussion)
        lines += titled(".SH ARGUMENTS", arguments(command.arguments))
        for section in optionSections(of: root) {
            lines += titled(".SH \(macroWord(section.title.uppercased()))", options(section.rows))
        }
        let others = root.shownTree.dropFirst()
        lines += titled(".SH COMMANDS", others.flatMap(subsection))
        lines += titled(".SH EXIT STATUS", exitCodes(command.exitCodes))
        lines += titled(".SH ENVIRONMENT", environment)
        lines += titled(".SH EXAMPLES", Array(command.examples.map(example).joined(separator: [".PP"])))
        return lines.joined(separator: "\n") + "\n"
    }

    /// A command below the root; the options of its parents are not told again.
    private func subsection(_ chain: CommandChain<Run>) -> [String] {
        let command = chain.command
        var lines = [".SS \(macroWord(chain.path.names.joined(separator: " ")))"]
        lines += synopsis(chain) + [".PP"] + line(command.summary + ".")
        let discussion = paragraphs(command.discussion)
        if !discussion.isEmpty { lines += (discussion[0].hasPrefix(".") ? [] : [".PP"]) + discussion }
        lines += arguments(command.arguments)
        let own = command.options.shown.map {
            OptionRow(spellings: $0.spellings, placeholder: $0.placeholder, details: $0.details)
        }
        lines += options(own) + ownExitCodes(command.exitCodes)
        lines += command.examples.flatMap { [".PP"] + example($0) }
        return lines
    }

    private func titled(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : [title] + lines
    }

    private func synopsis(_ chain: CommandChain<Run>) -> [String] {
        let name = chain.path.description
        return ["\\fB\(escaped(name))\\fR" + escaped(String(chain.usage.dropFirst(name.count)))]
    }

    private func options(_ rows: [OptionRow]) -> [String] {
        rows.flatMap { row in
            let names = row.spellings.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
            let value = row.placeholder.map { " \\fI\(escaped($0))\\fR" } ?? ""
            return [".TP", names + value] + line(row.details)
        }
    }

    private func arguments(_ arguments: [Argument]) -> [String] {
        arguments.flatMap { [".TP", "\\fI\(escaped($0.usage))\\fR"] + line($0.details) }
    }

    /// Below a command's own heading there is none for exit codes.
    private func ownExitCodes(_ codes: [ExitCode]) -> [String] {
        codes.isEmpty ? [] : [".PP", "Exit codes:"] + exitCodes(codes)
    }

    private func exitCodes(_ codes: [ExitCode]) -> [String] {
        codes.flatMap { [".TP", "\\fB\($0.code)\\fR"] + line($0.meaning) }
    }

    private func example(_ example: Example) -> [String] {
        line(example.explanation + ":") + verbatim([example.command])
    }

    private var environment: [String] {
        var seen: Set<String> = []
        return root.shownTree.flatMap(\.command.options).shown.flatMap { option in
            guard let name = option.env, seen.insert(name).inserted else { return [String]() }
            return [".TP", "\\fB\(escaped(name))\\fR"]
                + line("Stands in for \(option.longSpelling) where that is not given.")
        }
    }

    private func paragraphs(_ text: String) -> [String] {
        passages(of: text).enumerated().flatMap { index, passage in
            switch passage {
            case .paragraph(let text): (index == 0 ? [] : [".PP"]) + line(text)
            case .verbatim(let lines): verbatim(lines)
            }
        }
    }

    private func verbatim(_ lines: [String]) -> [String] {
        [".PP", ".RS 4", ".nf"] + lines.map { guarded(escaped($0)) } + [".fi", ".RE"]
    }

    private func line(_ text: String) -> [String] {
        wrapped(escaped(text), width: 78).map(guarded)
    }

    /// A line of text must not begin like a macro.
    private func guarded(_ text: String) -> String {
        text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
    }

    /// A hyphen must stay one when copied from the page.
    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, letter in
            switch letter {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            default: result.append(letter)
            }
        }
    }

    private func macroWord(_ text: String) -> String {
        "\"" + escaped(text).reduce(into: "") { $0 += $1 == "\"" ? "\\(dq" : String($1) } + "\""
    }
}
