/// Takes out of a text what tells where an n8n runs, what it calls and whom it serves, so that strangers may read it:
/// secrets, hosts with their paths, addresses of people and machines, folders of files.
public struct PublicText: Sendable {
    /// Known hosts, and what stands for each.
    private var names: [String: String] = [:]

    /// Knows some hosts, given as addresses with or without a scheme; a path behind them is not looked at.
    public init(hosts: [String] = []) {
        for host in hosts {
            let scheme = host.range(ofBytes: "://")
            _ = name(of: String(host[(scheme?.upperBound ?? host.startIndex)...]))
        }
    }

    /// What stands behind these in an error of Node.js is a host, which need not look like one: `ENOTFOUND db-prod`.
    private static let beforeHosts: Set<String> = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH"]
    /// Fields of conditions look like hosts, and tell nothing.
    private static let ownWords: Set<Substring> = ["workflow", "error", "custom_data", "ran_for"]

    /// Learns whatever looks like a host in a text by strangers, or stands where one does.
    public mutating func learn(_ text: String) {
        var last = ""
        for token in PublicText.tokens(text) {
            let isFree = !PublicText.isAddress(host(token[...])) && !PublicText.isLongAddress(token)
            if PublicText.looksLikeHost(token) || isFree && PublicText.beforeHosts.contains(last) {
                _ = name(of: token)
            }
            last = token
        }
    }

    /// The text without them.
    public mutating func scrub(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(scrub(line: SecretScrubber.scrub(String(line), limit: 8192)))
        }
        return lines.joined(separator: "\n")
    }

    private mutating func scrub(line: String) -> String {
        var result = ""
        var token = ""
        for character in line {
            if PublicText.isPart(character) {
                token.append(character)
            } else {
                result += replaced(token)
                result.append(character)
                token = ""
            }
        }
        return result + replaced(token)
    }

    private mutating func replaced(_ token: String) -> String {
        guard !token.isEmpty else { return "" }
        if let scheme = token.range(ofBytes: "://") {
            let rest = token[scheme.upperBound...]
            return token[..<scheme.upperBound] + name(of: host(rest)) + (rest.contains("/") ? "/..." : "")
        }
        // Where a file lies tells whose machine it is, and often who sits at it.
        if token.hasPrefix("/"), token.contains(".yaml") || token.contains(".yml") {
            return String(token.split(separator: "/").last ?? "")
        }
        if token.contains("@"), token.split(separator: "@").last?.contains(".") == true { return "(address)" }
        if PublicText.isLongAddress(token) { return "(address)" }
        let found = host(token[...])
        if PublicText.isAddress(found) { return "(address)" + token.dropFirst(found.count) }
        guard let name = names[found.lowercased()] else { return token }
        return token.contains("/") ? name + "/..." : name + token.dropFirst(found.count)
    }

    private func host(_ text: Substring) -> String {
        let rest = text.split(separator: "@").last ?? text
        return String(rest.prefix { $0 != "/" && $0 != ":" && $0 != "?" })
    }

    private mutating func name(of host: String) -> String {
        let host = String(self.host(host[...])).lowercased()
        if let known = names[host] { return known }
        let made = "host\(names.count + 1).example"
        names[host] = made
        return made
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || ".-_:/@+%?&=~".contains(character)
    }

    private static func tokens(_ text: String) -> [String] {
        text.split { !isPart($0) }.map(String.init)
    }

    /// Labels with dots between them, the last of which are letters only.
    private static func looksLikeHost(_ token: String) -> Bool {
        let host = token.prefix { $0 != "/" && $0 != ":" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, let last = labels.last, last.count > 1, last.allSatisfy(\.isLetter) else {
            return false
        }
        guard !ownWords.contains(labels[0]) else { return false }
        return labels.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } }
    }

    /// Groups of hexadecimal digits with colons between them, at least two of which follow on each other, or eight groups.
    private static func isLongAddress(_ token: String) -> Bool {
        let groups = token.split(separator: ":", omittingEmptySubsequences: false)
        guard groups.count > 2, groups.allSatisfy({ $0.count <= 4 && $0.allSatisfy(\.isHexDigit) }) else {
            return false
        }
        return groups.count == 8 || token.contains("::")
    }

    /// Four numbers of at most 255.
    private static func isAddress(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension String {
    /// Where a text stands in this one; the standard library alone has no search for it.
    fileprivate func range(ofBytes text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
