/// What a scanner reads into: it says which values it wants, and is told of those alone.
///
/// For each value that is wanted comes `open` or `scalar`; for each that is not, `skipped`. A container that was opened is
/// closed, in order.
protocol JSONSink: Sendable {
    /// The most bytes of the value that comes now, if it is a text; nil where it is not wanted.
    var textLimit: Int? { get }
    /// Whether more was kept than may be.
    var isOverfull: Bool { get }

    /// The name of the member that comes next; a name that was cut names nothing.
    mutating func key(_ name: Span<UInt8>, isWhole: Bool)
    /// A container begins; false where nothing in it is wanted, so that it is skipped.
    mutating func open(isObject: Bool) -> Bool
    /// The container ends that was opened last.
    mutating func close()
    /// A value that is no container.
    mutating func scalar(_ kind: JSONScalar, _ text: Span<UInt8>)
    /// A value was skipped.
    mutating func skipped()
}

/// Kinds of values that are no containers.
enum JSONScalar: Sendable, Hashable {
    case null
    case `true`
    case `false`
    /// A number as it was written.
    case number
    /// A text without its escapes.
    case text
    /// The beginning of a text, or number, that was cut at its limit.
    case cutText
}
