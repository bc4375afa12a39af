import MendflowText

/// How a word on the command line becomes a value, and how values are described and completed.
public struct ValueKind<Value: Sendable>: Sendable {
    let placeholder: String
    let shape: ValueShape
    let read: @Sendable (String) throws(ValueError) -> Value
    let show: @Sendable (Value) -> String

    /// A kind of one's own. `transform` throws a `ValueError` that says what is wrong and what would be right;
    /// `show` prints a default as a user would type it.
    public static func custom(
        _ placeholder: String,
        shape: ValueShape = .free,
        show: @escaping @Sendable (Value) -> String = { String(describing: $0) },
        transform: @escaping @Sendable (String) throws(ValueError) -> Value
    ) -> Self {
        Self(placeholder: placeholder, shape: shape, read: transform, show: show)
    }
}

/// What a shell needs to know to complete a value.
public enum ValueShape: Sendable, Equatable {
    /// Anything.
    case free
    /// One of these words.
    case choice([String])
    /// The path of a file.
    case file
    /// The path of a directory.
    case directory
    /// One of the names that the program prints, a line each, when it is called with these words.
    case printed([String])
}

/// Why a word is not a value: a phrase that follows the quoted word, such as "is not a duration, like 90s or 2h".
public struct ValueError: Error, Sendable, Equatable {
    /// The phrase.
    public let reason: String
    /// The right word that is nearest, if one is near.
    public let nearest: String?

    /// An error whose `reason` is read after the quoted word.
    public init(_ reason: String, nearest: String? = nil) {
        self.reason = reason
        self.nearest = nearest
    }
}

extension ValueKind where Value == String {
    /// Any text.
    public static func text(_ placeholder: String = "TEXT") -> Self {
        Self(placeholder: placeholder, shape: .free, read: { word throws(ValueError) in word }, show: { $0 })
    }

    /// A name that the program knows, not looked at here; called with the words of `command` it prints those there are.
    public static func name(_ placeholder: String = "NAME", printedBy command: [String]) -> Self {
        Self(
            placeholder: placeholder, shape: .printed(command), read: { word throws(ValueError) in word }, show: { $0 })
    }

    /// The path of a file, not looked at here.
    public static func file(_ placeholder: String = "FILE") -> Self {
        Self(placeholder: placeholder, shape: .file, read: path, show: { $0 })
    }

    /// The path of a directory, not looked at here.
    public static func directory(_ placeholder: String = "DIR") -> Self {
        Self(placeholder: placeholder, shape: .directory, read: path, show: { $0 })
    }

    @Sendable
    private static func path(_ word: String) throws(ValueError) -> String {
        guard !word.isEmpty else { throw ValueError("is not a path") }
        return word
    }
}

extension ValueKind where Value == Int {
    /// A whole number within `range`.
    public static func integer(_ placeholder: String = "N", in range: ClosedRange<Int> = Int.min...Int.max) -> Self {
        Self(
            placeholder: placeholder,
            shape: .free,
            read: { word throws(ValueError) in
                guard let number = Int(word) else { throw ValueError("is not a whole number" + limits(range)) }
                guard range.contains(number) else { throw ValueError("is out of range" + limits(range)) }
                return number
            },
            show: { String($0) }
        )
    }

    private static func limits(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): ""
        case (let lower, .max): " of at least \(lower)"
        case (.min, let upper): " of at most \(upper)"
        case (let lower, let upper): " from \(lower) to \(upper)"
        }
    }
}

extension ValueKind where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the cases of an enumeration, by raw value.
    public static func choice(_ placeholder: String) -> Self {
        let cases = Array(Value.allCases)
        let words = cases.map(\.rawValue)
        return Self(
            placeholder: placeholder,
            shape: .choice(words),
            read: { word throws(ValueError) in
                guard let index = words.firstIndex(of: word) else {
                    throw ValueError(
                        "is not one of " + words.joined(separator: ", "),
                        nearest: Spelling.meant(by: word, among: words)
                    )
                }
                return cases[index]
            },
            show: { $0.rawValue }
        )
    }
}
