/// What a command line asks for.
public enum ParseOutcome<Run: Sendable>: Sendable {
    /// Run this command, as its declaration says, with these values.
    case run(Run, ParsedArguments)
    /// Print this help on standard output and succeed.
    case help(String)
    /// Print this version on standard output and succeed.
    case version(String)
    /// Print the error on standard error and fail.
    case failure(UsageError)
}

/// Which command of a program: its name and those of the commands above it.
public struct CommandPath: Sendable, Hashable, CustomStringConvertible {
    /// The program's name.
    public let program: String
    /// The names of the subcommands, outermost first; empty for the program itself.
    public let names: [String]

    /// A path from its parts.
    public init(program: String, names: [String]) {
        self.program = program
        self.names = names
    }

    /// As typed, such as `mendflow policy test`.
    public var description: String { ([program] + names).joined(separator: " ") }
}

/// Where the value of an option comes from.
public enum ValueOrigin: Sendable, Equatable {
    /// Given as an option.
    case commandLine
    /// Read from the environment variable of this name.
    case environment(String)
    /// Not given; the default holds, if there is one.
    case standard
}

/// The values of a command line, read by the keys that declared them.
public struct ParsedArguments: Sendable {
    var options: [String: [any Sendable]] = [:]
    var arguments: [String: [any Sendable]] = [:]
    var origins: [String: ValueOrigin] = [:]

    /// The value of an option that the command or one of its parents declares.
    public subscript<Value>(key: OptionKey<Value>) -> Value {
        guard let values = options[key.option.name] else {
            preconditionFailure("the command does not declare the option '--\(key.option.name)'")
        }
        return key.collect(values)
    }

    /// The value of an argument that the command declares.
    public subscript<Value>(key: ArgumentKey<Value>) -> Value {
        guard let values = arguments[key.argument.name] else {
            preconditionFailure("the command does not declare the argument '\(key.argument.name)'")
        }
        return key.collect(values)
    }

    /// Where the value of an option comes from.
    public func origin<Value>(of key: OptionKey<Value>) -> ValueOrigin {
        origins[key.option.name] ?? .standard
    }
}
