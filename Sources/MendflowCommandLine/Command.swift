/// A command of a program, as a value: parsing, help, completions and the man page all come from it.
///
/// `Run` is what the program needs to run a command, mostly a function; this module only hands it over.
public struct Command<Run: Sendable>: Sendable {
    /// The word that calls it; of the root, the program's name.
    public var name: String
    /// One line without a full stop, for lists of commands.
    public var summary: String
    /// Paragraphs parted by empty lines; lines that begin with a space are printed as they stand.
    public var discussion: String
    /// Command lines worth copying.
    public var examples: [Example]
    /// What the exit codes mean, where the command has more to say than its parent.
    public var exitCodes: [ExitCode]
    /// Its own options; those of its parents marked `.inherited` apply as well.
    public var options: [Option]
    /// Sets of options of which at most one may be given.
    public var exclusive: [ExclusiveOptions]
    /// Positional arguments, in order.
    public var arguments: [Argument]
    /// Commands below this one.
    public var subcommands: [Command<Run>]
    /// What runs it; nil where one of its subcommands must be named.
    public var run: Run?
    /// Left out of help, completions and the man page, but parsed.
    public var isHidden: Bool

    /// A command. One without subcommands needs `run`, else it is a fault of the declaration.
    public init(
        _ name: String,
        summary: String,
        discussion: String = "",
        examples: [Example] = [],
        exitCodes: [ExitCode] = [],
        options: [Option] = [],
        exclusive: [ExclusiveOptions] = [],
        arguments: [Argument] = [],
        subcommands: [Command<Run>] = [],
        isHidden: Bool = false,
        run: Run? = nil
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.examples = examples
        self.exitCodes = exitCodes
        self.options = options
        self.exclusive = exclusive
        self.arguments = arguments
        self.subcommands = subcommands
        self.isHidden = isHidden
        self.run = run
    }
}

/// A command line worth copying, and what it does.
public struct Example: Sendable {
    /// The line as typed, program name included.
    public let command: String
    /// What it is for, as a short phrase.
    public let explanation: String

    /// An example.
    public init(_ command: String, _ explanation: String) {
        self.command = command
        self.explanation = explanation
    }
}

/// What an exit code means.
public struct ExitCode: Sendable {
    /// 0 to 255.
    public let code: UInt8
    /// When the program ends with it.
    public let meaning: String

    /// An exit code.
    public init(_ code: UInt8, _ meaning: String) {
        self.code = code
        self.meaning = meaning
    }
}

/// Options of one command that rule each other out.
public struct ExclusiveOptions: Sendable {
    /// Long names, without dashes.
    public let names: [String]
    /// Whether exactly one must be given, rather than at most one.
    public let isRequired: Bool

    /// A set of options of which at most one may be given, exactly one if `isRequired`.
    public init(_ names: [String], isRequired: Bool = false) {
        self.names = names
        self.isRequired = isRequired
    }
}
