/// A command line that cannot be run: what is wrong with it, and how the command is used.
public struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let fault: UsageFault
    /// The command that was being read.
    public let path: CommandPath
    /// How that command is used, in one line, without "Usage:".
    public let usage: String

    /// What is wrong, in one line that names the offending word and the nearest right one.
    public var message: String { "\(path): \(fault)" }

    /// The whole text for standard error, without a final newline.
    public var description: String {
        "\(message)\nUsage: \(usage)\nSee '\(path) --help'."
    }
}

/// What is wrong with a command line. Options are spelt with their dashes.
public enum UsageFault: Sendable, Equatable, CustomStringConvertible {
    /// No option of this name applies here.
    case unknownOption(String, nearest: String?)
    /// The option exists, but belongs to other commands.
    case misplacedOption(String, commands: [String])
    /// No command of this name.
    case unknownCommand(String, nearest: String?, known: [String])
    /// A command must be named.
    case missingCommand(known: [String])
    /// The option was not followed by a value; `next` is the word that stands there.
    case missingValue(String, placeholder: String, next: String?)
    /// A flag was given a value.
    case unexpectedValue(String, value: String)
    /// The value of an option, argument or environment variable cannot be read.
    case badValue(of: String, value: String, ValueError)
    /// An option that takes one value was given twice.
    case givenTwice(String)
    /// A required option was not given.
    case missingOption(String, placeholder: String, env: String?)
    /// A required argument was not given.
    case missingArgument(String)
    /// A word too many.
    case unexpectedArgument(String)
    /// Two options, or environment variables, that rule each other out.
    case conflict(String, String)
    /// One of these options must be given.
    case noneOf([String])

    /// One line that names the offending word and the nearest right one.
    public var description: String {
        switch self {
        case .unknownOption(let word, let nearest):
            "unknown option '\(word)'" + Self.suggestion(nearest)
        case .misplacedOption(let word, let commands):
            "the option '\(word)' does not apply here; it belongs to " + Self.list(commands, "and")
        case .unknownCommand(let word, let nearest, let known):
            "unknown command '\(word)'"
                + (nearest == nil && known.count <= Self.mostListed
                    ? "; the commands are " + Self.list(known, "and") : Self.suggestion(nearest))
        case .missingCommand(let known):
            "a command is missing" + (known.count <= Self.mostListed ? ": " + Self.list(known, "or") : "")
        case .missingValue(let option, let placeholder, let next):
            "the option '\(option)' needs a value" + Self.remedy(option, placeholder, next)
        case .unexpectedValue(let option, let value):
            "the option '\(option)' takes no value, but was given '\(value)'"
        case .badValue(let subject, let value, let error):
            "\(subject): '\(value)' \(error.reason)" + Self.suggestion(error.nearest)
        case .givenTwice(let option):
            "the option '\(option)' was given more than once"
        case .missingOption(let option, let placeholder, let env):
            "the option '\(option) \(placeholder)' is required" + (env.map { "; or set \($0)" } ?? "")
        case .missingArgument(let name):
            "the argument \(name) is missing"
        case .unexpectedArgument(let word):
            "unexpected argument '\(word)'"
        case .conflict(let first, let second):
            "'\(first)' and '\(second)' rule each other out; give one of them"
        case .noneOf(let options):
            "one of " + Self.list(options, "or") + " is required"
        }
    }

    /// More commands than this are for `--help` to list, which every error points to.
    private static let mostListed = 12

    private static func suggestion(_ nearest: String?) -> String {
        nearest.map { "; did you mean '\($0)'?" } ?? ""
    }

    private static func remedy(_ option: String, _ placeholder: String, _ next: String?) -> String {
        guard let next, next != "--" else { return ": \(option) \(placeholder)" }
        let glue = option.hasPrefix("--") ? "=" : ""
        return ", but '\(next)' follows; if that is the value, write '\(option)\(glue)\(next)'"
    }

    private static func list(_ words: [String], _ conjunction: String) -> String {
        let quoted = words.map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }
}
