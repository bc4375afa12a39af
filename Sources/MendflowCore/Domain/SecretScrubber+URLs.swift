private import MendflowText

/// Secrets in URLs: before the host, and in paths, where webhooks and bots carry them.
extension SecretScrubber {
    mutating func skipUserInfo() -> Bool {
        guard stands("://", at: position) else { return skipBareUserInfo() }
        output += "://".utf8
        position += 3
        isInPath = true
        let authority = end(from: position) { byte in
            byte > 0x20 && !["/", "?", "#", "\"", "'", "<", ">", "\\"].contains(Unicode.Scalar(byte))
        }
        if let at = lastAt(in: position..<authority) { redact(to: at) }
        return true
    }

    /// `me:s3cret@db.example.com`, as a connection is told without its scheme; `to:me@example.com` is an address.
    private mutating func skipBareUserInfo() -> Bool {
        guard !isInPath, let previous, previous.upperBound == position, previous.count <= 64 else { return false }
        let start = position + 1
        let end =
            start + bytes[start...].prefix(128).prefix { SecretScrubber.isPlain($0) && $0 != 0x40 && $0 != 0x2F }.count
        guard end - start >= 4, end < bytes.count, bytes[end] == 0x40, isMixed(bytes[start..<end]),
            isHost(from: end + 1),
            !SecretWords.addressLabels.contains(lowercased(bytes[previous]))
        else { return false }
        output.append(bytes[position])
        redact(to: end)
        return true
    }

    /// Whether a name with a dot in it, one with a port behind it, or an address of four numbers begins here.
    private func isHost(from start: Int) -> Bool {
        let host = bytes[start...].prefix(128).prefix { SecretScrubber.isWord($0) || $0 == UInt8(ascii: ".") }
        let dots = host.count { $0 == UInt8(ascii: ".") }
        guard let first = host.first, !SecretScrubber.isDigit(first) else {
            return dots == 3 && host.allSatisfy { SecretScrubber.isDigit($0) || $0 == UInt8(ascii: ".") }
        }
        guard dots == 0 else { return true }
        let port = bytes[host.endIndex...].dropFirst().prefix(6).prefix(while: SecretScrubber.isWord)
        return stands(":", at: host.endIndex) && (2...5).contains(port.count) && port.allSatisfy(SecretScrubber.isDigit)
    }

    /// The same in a URL that stands percent-encoded inside another one.
    mutating func skipEncodedUserInfo() -> Bool {
        guard stands(encoded: ":", at: position), stands(encoded: "/", at: position + 3),
            stands(encoded: "/", at: position + 6)
        else { return false }
        output += bytes[position..<position + 9]
        position += 9
        var authority = position
        while authority < bytes.count, SecretScrubber.isCredential(bytes[authority]) || bytes[authority] == 0x40 {
            if ["/", "?", "#"].contains(where: { stands(encoded: $0, at: authority) }) { break }
            authority += 1
        }
        if let at = lastAt(in: position..<authority) { redact(to: at) }
        return true
    }

    /// Where the part before a host ends: at the last `@`, plain or percent-encoded.
    private func lastAt(in authority: Range<Int>) -> Int? {
        authority.last { bytes[$0] == UInt8(ascii: "@") || stands(encoded: "@", at: $0) }
    }

    /// Whether `%XX` of a character stands somewhere.
    private func stands(encoded character: Unicode.Scalar, at start: Int) -> Bool {
        guard start + 2 < bytes.count, bytes[start] == UInt8(ascii: "%") else { return false }
        return String(decoding: bytes[start + 1...start + 2], as: UTF8.self).lowercased()
            == String(character.value, radix: 16)
    }

    /// At the `/` before a segment that is a secret: of Slack's and Discord's webhooks, or long and random.
    mutating func skipPathSecret() -> Bool {
        if let secret = oracleLogin ?? hostHook ?? discordHook ?? namedSegment ?? randomSegment {
            output += bytes[position..<secret.lowerBound]
            redact(to: secret.upperBound)
            return true
        }
        return false
    }

    /// `hooks.slack.com/services/T.../B.../...` and its kin: hosts that let in who knows the path, of which the first parts
    /// are the same for all.
    private var hostHook: Range<Int>? {
        guard position > 0, bytes[position - 1] == UInt8(ascii: "m") || bytes[position - 1] == UInt8(ascii: "n") else {
            return nil
        }
        let hook = SecretWords.hookHosts.first { stands($0.host, at: position - $0.host.utf8.count) }
        guard let hook else { return nil }
        var start = position + 1
        for _ in 0..<hook.open { start = end(from: start, while: SecretScrubber.isSegment) + 1 }
        let end = end(from: start) { SecretScrubber.isSegment($0) || $0 == UInt8(ascii: "/") }
        return end > start && bytes[start - 1] == UInt8(ascii: "/") ? start..<end : nil
    }

    /// `/key/SECRET`: a part of a path that is called a secret.
    private var namedSegment: Range<Int>? {
        guard isInPath, let previous, previous.upperBound == position, previous.count <= 10 else { return nil }
        let name = String(decoding: bytes[previous], as: UTF8.self).lowercased()
        guard SecretWords.pathNames.contains(name) else { return nil }
        let start = position + 1
        let end = end(from: start, while: SecretScrubber.isSegment)
        let part = bytes[start..<end]
        let isUUID = part.count == 36 && isUUID(at: start)
        return part.count >= 12 && !isUUID && SecretScrubber.isDense(part) ? start..<end : nil
    }

    /// Oracle's `me/secret@//host:1521/x`, and the same behind `thin:`, `sqlplus ` and their kin.
    private var oracleLogin: Range<Int>? {
        guard !isInPath, position > 0, SecretScrubber.isWord(bytes[position - 1]), let previous,
            previous.upperBound == position
        else { return nil }
        let start = position + 1
        let end =
            start + bytes[start...].prefix(128).prefix { SecretScrubber.isPlain($0) && $0 != 0x40 && $0 != 0x2F }.count
        guard end > start, end < bytes.count, bytes[end] == UInt8(ascii: "@") else { return nil }
        if stands("//", at: end + 1) || stands("(DESCRIPTION", at: end + 1) { return start..<end }
        let before = bytes[max(0, previous.lowerBound - 16)..<previous.lowerBound]
        let text = String(decoding: before, as: UTF8.self).lowercased()
        return SecretWords.oracleCommands.contains { text.hasSuffix($0) } ? start..<end : nil
    }

    /// `.../webhooks/ID/TOKEN`.
    private var discordHook: Range<Int>? {
        guard stands("/webhooks/", at: position) else { return nil }
        let start = end(from: position + 10, while: SecretScrubber.isDigit) + 1
        let end = end(from: start, while: SecretScrubber.isWord)
        return start > position + 11 && end - start >= 8 && bytes[start - 1] == UInt8(ascii: "/") ? start..<end : nil
    }

    private var randomSegment: Range<Int>? {
        guard isInPath else { return nil }
        let start = position + 1
        let end = end(from: start, while: SecretScrubber.isSegment)
        return end - start >= 24 && isRandomSegment(start..<end) ? start..<end : nil
    }

    /// Whether a part of the segment mixes letters and digits at length. Names of several words do not, UUIDs name things.
    private func isRandomSegment(_ segment: Range<Int>) -> Bool {
        var index = segment.lowerBound
        while index < segment.upperBound {
            if bytes[index] == UInt8(ascii: "%") {
                index += 3
            } else if isUUID(at: index) {
                index += 36
            } else {
                let end = min(segment.upperBound, end(from: index, while: SecretScrubber.isLetterOrDigit))
                let part = bytes[index..<max(index, end)]
                if part.count >= 8, part.contains(where: SecretScrubber.isDigit),
                    part.contains(where: { !SecretScrubber.isDigit($0) })
                {
                    return true
                }
                index = max(end, index + 1)
            }
        }
        return false
    }

    func isUUID(at start: Int) -> Bool {
        guard start + 36 <= bytes.count else { return false }
        return (0..<36).allSatisfy { offset in
            [8, 13, 18, 23].contains(offset)
                ? bytes[start + offset] == UInt8(ascii: "-") : SecretScrubber.isHexDigit(bytes[start + offset])
        }
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isWord(byte) && byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-")
    }

    /// A byte of one part of a path; brackets too, for the mark stands in them.
    static func isSegment(_ byte: UInt8) -> Bool {
        isWord(byte) || [".", "~", "%", ":", "@", "+", "=", "$", "!", "*", "[", "]"].contains(Unicode.Scalar(byte))
    }

    /// A byte that does not end a path.
    static func isPath(_ byte: UInt8) -> Bool { isSegment(byte) || byte == UInt8(ascii: "/") }
}
