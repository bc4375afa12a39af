/// An option together with the type of its value: listed as `key.option`, read as `arguments[key]`.
public struct OptionKey<Value: Sendable>: Sendable {
    /// What a `Command` lists.
    public let option: Option

    let collect: @Sendable ([any Sendable]) -> Value

    /// An option with a default.
    public init(
        _ name: String,
        short: Character? = nil,
        _ kind: ValueKind<Value>,
        default value: Value,
        help: String,
        env: String? = nil,
        section: String? = nil,
        traits: OptionTraits = []
    ) {
        option = Option(
            name: name, short: short, help: help, placeholder: kind.placeholder, shape: kind.shape,
            defaultText: kind.show(value), env: env, section: section, traits: traits,
            isRequired: false, isRepeated: false, read: kind.read
        )
        collect = { values in values.last.map { typed($0, name) } ?? value }
    }

    private init(_ option: Option, collect: @escaping @Sendable ([any Sendable]) -> Value) {
        self.option = option
        self.collect = collect
    }

    /// An option that must be given.
    public static func required(
        _ name: String,
        short: Character? = nil,
        _ kind: ValueKind<Value>,
        help: String,
        env: String? = nil,
        section: String? = nil,
        traits: OptionTraits = []
    ) -> Self {
        let option = Option(
            name: name, short: short, help: help, placeholder: kind.placeholder, shape: kind.shape,
            defaultText: nil, env: env, section: section, traits: traits,
            isRequired: true, isRepeated: false, read: kind.read
        )
        return Self(option) { typed($0.last, name) }
    }

    /// An option whose value is nil where it is not given.
    public static func optional<Wrapped: Sendable>(
        _ name: String,
        short: Character? = nil,
        _ kind: ValueKind<Wrapped>,
        help: String,
        env: String? = nil,
        section: String? = nil,
        traits: OptionTraits = []
    ) -> Self where Value == Wrapped? {
        let option = Option(
            name: name, short: short, help: help, placeholder: kind.placeholder, shape: kind.shape,
            defaultText: nil, env: env, section: section, traits: traits,
            isRequired: false, isRepeated: false, read: kind.read
        )
        return Self(option) { values in values.last.map { typed($0, name) } }
    }

    /// An option that may be given any number of times; its environment variable stands for one value.
    public static func repeated<Element: Sendable>(
        _ name: String,
        short: Character? = nil,
        _ kind: ValueKind<Element>,
        help: String,
        env: String? = nil,
        section: String? = nil,
        traits: OptionTraits = []
    ) -> Self where Value == [Element] {
        let option = Option(
            name: name, short: short, help: help, placeholder: kind.placeholder, shape: kind.shape,
            defaultText: nil, env: env, section: section, traits: traits,
            isRequired: false, isRepeated: true, read: kind.read
        )
        return Self(option) { values in values.map { typed($0, name) } }
    }
}

extension OptionKey where Value == Bool {
    /// A flag: false unless given. Its environment variable takes 1, true, yes, on or 0, false, no, off.
    public static func flag(
        _ name: String,
        short: Character? = nil,
        help: String,
        env: String? = nil,
        section: String? = nil,
        traits: OptionTraits = []
    ) -> Self {
        let option = Option(
            name: name, short: short, help: help, placeholder: nil, shape: .free,
            defaultText: nil, env: env, section: section, traits: traits,
            isRequired: false, isRepeated: false, read: { word throws(ValueError) in try truth(word) }
        )
        return Self(option) { values in values.last.map { typed($0, name) } ?? false }
    }

    private static func truth(_ word: String) throws(ValueError) -> Bool {
        switch word.lowercased() {
        case "1", "true", "yes", "on": true
        case "0", "false", "no", "off": false
        default: throw ValueError("is neither true nor false")
        }
    }
}

/// A positional argument together with the type of its value: listed as `key.argument`, read as `arguments[key]`.
public struct ArgumentKey<Value: Sendable>: Sendable {
    /// What a `Command` lists.
    public let argument: Argument

    let collect: @Sendable ([any Sendable]) -> Value

    /// An argument that must be given.
    public static func required(_ name: String, _ kind: ValueKind<Value>, help: String) -> Self {
        let argument = Argument(
            name: name, help: help, shape: kind.shape, isRequired: true, isRepeated: false, read: kind.read)
        return Self(argument: argument) { typed($0.last, name) }
    }

    /// An argument whose value is nil where it is not given.
    public static func optional<Wrapped: Sendable>(
        _ name: String, _ kind: ValueKind<Wrapped>, help: String
    ) -> Self where Value == Wrapped? {
        let argument = Argument(
            name: name, help: help, shape: kind.shape, isRequired: false, isRepeated: false, read: kind.read)
        return Self(argument: argument) { values in values.last.map { typed($0, name) } }
    }

    /// All the words that are left: at least one if `isRequired`.
    public static func repeated<Element: Sendable>(
        _ name: String, _ kind: ValueKind<Element>, help: String, isRequired: Bool = false
    ) -> Self where Value == [Element] {
        let argument = Argument(
            name: name, help: help, shape: kind.shape, isRequired: isRequired, isRepeated: true, read: kind.read)
        return Self(argument: argument) { values in values.map { typed($0, name) } }
    }
}

/// Two declarations of one name with different types are the programmer's mistake, as is reading past the parser.
private func typed<Value>(_ value: (any Sendable)?, _ name: String) -> Value {
    guard let value = value as? Value else {
        preconditionFailure("'\(name)' was parsed by a declaration other than the one it is read by")
    }
    return value
}
