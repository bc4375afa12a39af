/// A value in a YAML file, with its place. An alias is already replaced by what it stands for, and has the place of the
/// anchor, where that text is written.
public struct YAMLNode: Sendable, Hashable {
    /// What a node holds.
    public enum Content: Sendable, Hashable {
        /// Text as it is written. Whether it is a number, a boolean or a string is asked with `kind`, `integer` and the
        /// like.
        case scalar(YAMLScalar)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the file's order, no key twice.
        case mapping([YAMLEntry])
        /// Something that could not be read. A finding about it exists already, so readers of the node must not report
        /// it again.
        case broken
    }

    /// What it holds.
    public var content: Content
    /// Where it stands.
    public var range: SourceRange

    /// Makes a node.
    public init(_ content: Content, range: SourceRange) {
        self.content = content
        self.range = range
    }

    /// The scalar, or nil.
    public var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// The list's items, or nil.
    public var items: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// The mapping's entries, or nil.
    public var entries: [YAMLEntry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// Whether the node's fault has been reported already.
    public var isBroken: Bool { content == .broken }

    /// The value under a key; nil where there is none, or where this is no mapping.
    public subscript(key: String) -> YAMLNode? {
        entries?.first { $0.key.text == key }?.value
    }
}

/// A key of a mapping: text, whatever its style.
public struct YAMLKey: Sendable, Hashable {
    /// The text, decoded.
    public var text: String
    /// Where it stands.
    public var range: SourceRange

    /// Makes a key.
    public init(_ text: String, range: SourceRange) {
        self.text = text
        self.range = range
    }
}

/// A key with its value.
public struct YAMLEntry: Sendable, Hashable {
    /// The key.
    public var key: YAMLKey
    /// The value; a null scalar where nothing follows the key.
    public var value: YAMLNode

    /// Whether it stands for a merge key (`<<`). Merge keys are refused and reported when the file is read; the entry
    /// brings nothing.
    public var isBroken: Bool { key.text == "<<" && value.isBroken }

    /// Makes an entry.
    public init(key: YAMLKey, value: YAMLNode) {
        self.key = key
        self.value = value
    }
}

/// A scalar's text, decoded, and how it was written.
public struct YAMLScalar: Sendable, Hashable {
    /// How a scalar was written.
    public enum Style: Sendable, Hashable {
        /// Bare: the only style that can mean something other than text.
        case plain
        /// In `'`.
        case singleQuoted
        /// In `"`.
        case doubleQuoted
        /// After `|`.
        case literal
        /// After `>`.
        case folded
    }

    /// The text, decoded.
    public var text: String
    /// How it was written.
    public var style: Style

    /// Makes a scalar.
    public init(_ text: String, style: Style = .plain) {
        self.text = text
        self.style = style
    }
}
