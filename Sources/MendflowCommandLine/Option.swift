/// An option with the type of its value erased; made by an `OptionKey`, listed by a `Command`.
public struct Option: Sendable {
    /// The long name, without dashes.
    public let name: String
    /// The letter of its short form, if it has one.
    public let short: Character?
    /// What it does, as a phrase.
    public let help: String
    /// What stands for the value in help, such as `FILE`; nil for a flag.
    public let placeholder: String?
    /// What values look like.
    public let shape: ValueShape
    /// The value that holds where none is given, as a user would type it.
    public let defaultText: String?
    /// The environment variable that is read where the command line says nothing.
    public let env: String?
    /// The heading it stands under in help; nil for the usual one.
    public let section: String?
    /// Where it applies and whether it is shown.
    public let traits: OptionTraits
    /// Whether it must be given, on the command line or by its environment variable.
    public let isRequired: Bool
    /// Whether it may be given more than once.
    public let isRepeated: Bool

    let read: @Sendable (String) throws(ValueError) -> any Sendable

    /// Whether it takes no value.
    public var isFlag: Bool { placeholder == nil }

    var longSpelling: String { "--" + name }

    var spellings: [String] { (short.map { ["-" + String($0)] } ?? []) + [longSpelling] }
}

/// Where an option applies and whether it is shown.
public struct OptionTraits: OptionSet, Sendable {
    /// The bits of the set.
    public let rawValue: UInt8

    /// A set of traits from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It may also be given after the name of any subcommand.
    public static let inherited = OptionTraits(rawValue: 1)
    /// It is parsed, but left out of help, completions and the man page.
    public static let hidden = OptionTraits(rawValue: 2)
}

/// A positional argument with the type of its value erased; made by an `ArgumentKey`, listed by a `Command`.
public struct Argument: Sendable {
    /// The name in help, such as `POLICY`.
    public let name: String
    /// What it is, as a phrase.
    public let help: String
    /// What values look like.
    public let shape: ValueShape
    /// Whether at least one value must be given.
    public let isRequired: Bool
    /// Whether it takes all the words that are left.
    public let isRepeated: Bool

    let read: @Sendable (String) throws(ValueError) -> any Sendable

    var usage: String {
        let word = isRepeated ? name + "..." : name
        return isRequired ? word : "[" + word + "]"
    }
}
