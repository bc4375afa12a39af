/// Turns words into values: environment, defaults, required and mutually exclusive options.
struct Resolution<Run: Sendable> {
    let reader: WordReader<Run>
    let environment: [String: String]

    func resolve() throws(ReadingEnd) -> ParsedArguments {
        var parsed = ParsedArguments()
        for option in reader.chain.declared {
            try resolve(option, into: &parsed)
        }
        for command in reader.chain.commands {
            for group in command.exclusive {
                try check(group, of: command, &parsed)
            }
        }
        for option in reader.chain.declared where option.isRequired && parsed.origins[option.name] == .standard {
            let placeholder = option.placeholder ?? ""
            throw .fault(.missingOption(option.longSpelling, placeholder: placeholder, env: option.env))
        }
        try resolveArguments(into: &parsed)
        return parsed
    }

    private func resolve(_ option: Option, into parsed: inout ParsedArguments) throws(ReadingEnd) {
        let given = reader.occurrences.filter { $0.option.name == option.name }
        var values: [any Sendable] = []
        var origin = ValueOrigin.standard
        if let last = given.last {
            guard option.isFlag || option.isRepeated || given.count == 1 else {
                throw .fault(.givenTwice(last.spelling))
            }
            for occurrence in given {
                values.append(try read(occurrence.value, of: occurrence.spelling, option.read))
            }
            origin = .commandLine
        } else if let name = option.env, let value = environment[name], !value.isEmpty {
            values = [try read(value, of: name, option.read)]
            origin = .environment(name)
        }
        parsed.options[option.name] = values
        parsed.origins[option.name] = origin
    }

    /// A flag has no word of its own: that it stands there makes it true.
    private func read(
        _ word: String?, of subject: String, _ transform: (String) throws(ValueError) -> any Sendable
    ) throws(ReadingEnd) -> any Sendable {
        guard let word else { return true }
        do {
            return try transform(word)
        } catch {
            throw .fault(.badValue(of: subject, value: word, error))
        }
    }

    /// What the command line says beats what the environment says; only equals can be in conflict.
    private func check(
        _ group: ExclusiveOptions, of command: Command<Run>, _ parsed: inout ParsedArguments
    ) throws(ReadingEnd) {
        let members = command.options.filter { group.names.contains($0.name) }
        let given = members.filter { parsed.origins[$0.name] == .commandLine }
        let present = members.filter { option in
            if case .environment = parsed.origins[option.name] { isOn(option, parsed) } else { false }
        }
        if given.count > 1 {
            throw .fault(.conflict(given[0].longSpelling, given[1].longSpelling))
        }
        if given.isEmpty, present.count > 1 {
            throw .fault(.conflict(present[0].env ?? "", present[1].env ?? ""))
        }
        if given.count == 1 {
            for option in present {
                parsed.options[option.name] = []
                parsed.origins[option.name] = .standard
            }
        }
        if group.isRequired, given.isEmpty, present.isEmpty {
            throw .fault(.noneOf(members.map(\.longSpelling)))
        }
    }

    /// A flag that the environment sets to false is not given.
    private func isOn(_ option: Option, _ parsed: ParsedArguments) -> Bool {
        !option.isFlag || parsed.options[option.name]?.last as? Bool == true
    }

    private func resolveArguments(into parsed: inout ParsedArguments) throws(ReadingEnd) {
        var words = reader.positionals[...]
        for argument in reader.chain.command.arguments {
            let own = argument.isRepeated ? words : words.prefix(1)
            words = words.dropFirst(own.count)
            if argument.isRequired, own.isEmpty { throw .fault(.missingArgument(argument.name)) }
            var values: [any Sendable] = []
            for word in own {
                values.append(try read(word, of: argument.name, argument.read))
            }
            parsed.arguments[argument.name] = values
        }
        if let word = words.first { throw .fault(.unexpectedArgument(word)) }
    }
}
