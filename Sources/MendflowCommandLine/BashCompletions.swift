/// A function that first finds out which command the cursor stands in, then offers what fits there.
func bashCompletions(_ tree: [CommandChain<some Sendable>]) -> String {
    let program = tree[0].root.name
    let function = shellName(program)
    return """
        # bash completion for \(program)
        \(function)() {
            local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
            local path=\(program) count=0 i
            COMPREPLY=()
            # bash takes the = of --name=value for a word of its own
            if [[ $cur == = ]]; then
                cur=
            elif [[ $prev == = ]]; then
                prev=${COMP_WORDS[COMP_CWORD-2]}
            fi
            for ((i = 1; i < COMP_CWORD; i++)); do
                case "$path ${COMP_WORDS[i]}" in
        \(cases(descents(tree), indent: 12))
                    *' '-*|*' =') ;;
                    *) ((count++)) ;;
                esac
            done
            case "$path $prev" in
        \(cases(optionValues(tree, program), indent: 8))
            esac
            if [[ $cur == -* ]]; then
                case $path in
        \(cases(tree.map { ("'\($0.path)'", words(optionWords($0))) }, indent: 12))
                esac
                return
            fi
            case "$path $count" in
        \(cases(tree.flatMap { positions($0, program) }, indent: 8))
            esac
        }
        complete -F \(function) \(program)

        """
}

private func cases(_ cases: [(pattern: String, body: String)], indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    return cases.map { "\(margin)\($0.pattern)) \($0.body) ;;" }.joined(separator: "\n")
}

/// The words that lead to another command, and the options whose value must not be taken for one.
private func descents(_ tree: [CommandChain<some Sendable>]) -> [(String, String)] {
    tree.flatMap { chain in
        var found = chain.command.shownSubcommands.map {
            ("'\(chain.path) \($0.name)'", "path='\(chain.path) \($0.name)'")
        }
        if chain.command.answersHelpCommand { found.append(("'\(chain.path) help'", ":")) }
        let valued = chain.visible.shown.filter { !$0.isFlag }.flatMap(\.spellings)
        if !valued.isEmpty {
            let pattern = valued.map { "'\(chain.path) \($0)'" }.joined(separator: "|")
            found.append((pattern, "[[ ${COMP_WORDS[++i]} == = ]] && ((i++))"))
        }
        return found
    }
}

private func optionValues(_ tree: [CommandChain<some Sendable>], _ program: String) -> [(String, String)] {
    tree.flatMap { chain in
        chain.visible.shown.filter { !$0.isFlag }.map { option in
            let pattern = option.spellings.map { "'\(chain.path) \($0)'" }.joined(separator: "|")
            return (pattern, offer(option.shape, program) + "; return")
        }
    }
}

private func positions(_ chain: CommandChain<some Sendable>, _ program: String) -> [(String, String)] {
    var found: [(String, String)] = []
    if !chain.command.shownSubcommands.isEmpty {
        let help = chain.command.answersHelpCommand ? ["help"] : []
        found.append(("'\(chain.path) 0'", words(chain.command.shownSubcommands.map(\.name) + help)))
    }
    // The first word may also be an argument; where there are commands, those are offered.
    for (index, argument) in chain.command.arguments.enumerated() where argument.shape != .free {
        let pattern = argument.isRepeated ? "'\(chain.path) '*" : "'\(chain.path) \(index)'"
        found.append((pattern, offer(argument.shape, program)))
    }
    return found
}

private func offer(_ shape: ValueShape, _ program: String) -> String {
    switch shape {
    case .free: ":"
    case .choice(let choices): words(choices)
    case .file: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
    case .directory: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")"
    case .printed(let command):
        "mapfile -t COMPREPLY < <(compgen -W \"$(\(([program] + command).joined(separator: " ")) 2>/dev/null)\" -- \"$cur\")"
    }
}

private func words(_ words: [String]) -> String {
    "mapfile -t COMPREPLY < <(compgen -W \(shellQuoted(words.joined(separator: " "))) -- \"$cur\")"
}

private func optionWords(_ chain: CommandChain<some Sendable>) -> [String] {
    let version = chain.commands.count == 1 ? ["--version"] : []
    return chain.visible.shown.flatMap(\.spellings) + ["-h", "--help"] + version
}

/// The name of a shell function for the program.
func shellName(_ program: String) -> String {
    "_" + String(program.map { $0 == "-" ? "_" : $0 })
}

/// One word for bash and zsh, whatever it holds.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
