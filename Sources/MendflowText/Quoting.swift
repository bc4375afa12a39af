extension String {
    /// The text as a user's word inside a message: in backticks, and cut where it is longer than 60 characters.
    public var inBackticks: String { count > 60 ? "`\(prefix(60))…`" : "`\(self)`" }
}
