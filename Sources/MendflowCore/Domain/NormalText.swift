@_spi(_Unicode) private import Swift

extension String {
    /// The same text with each letter written in the one composed way (Unicode's NFC).
    ///
    /// A letter with an accent can be one character or two, and file systems, keyboards and browsers disagree about which.
    /// Texts that people compare, such as names, tags and patterns, are written in one way where they enter, so that a
    /// literal, a glob, a part and a regular expression give the same answer.
    public var normalised: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        var scalars = String.UnicodeScalarView()
        for scalar in _nfc { scalars.append(scalar) }
        return String(scalars)
    }
}
