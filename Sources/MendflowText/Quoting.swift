extension String {
    /// The text as a user's word inside a message: in backticks, and cut where it is longer than 60 characters.
    public var inBackticks: String { count > 60 ? "`\(prefix(60))…`" : "`\(self)`" }
}

extension String {
    /// The text as one word of a shell.
    public var asShellWord: String {
        let isPlain = utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "/._-+:@".utf8.contains(byte)
        }
        return isPlain && !isEmpty ? self : "'\(replacing("'", with: "'\\''"))'"
    }
}
