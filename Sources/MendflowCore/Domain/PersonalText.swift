/// Takes out of a text by strangers what is likely to stand for a person, so that colleagues may read the rest: addresses of mail,
/// what stands behind the host of a URL, long numbers (of phones, cards, customers), and quoted values that are no plain words of
/// programs. Hosts stay: they tell what was down. Names in the middle of a sentence cannot be told from other words, and stay.
public enum PersonalText {
    private static let address = "(address)", number = "(number)", value = "(value)"
    /// A number of so many digits is somebody's.
    private static let longNumber = 6
    private static let quotes: [Character: Character] = [
        "'": "'", "\"": "\"", "`": "`", "\u{201C}": "\u{201D}", "\u{2018}": "\u{2019}",
    ]

    /// The text without them.
    public static func masked(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { masked(line: Array($0)) }
            .joined(separator: "\n")
    }

    /// The same of what quotes a stranger's text within words of ours: `message "no mailbox jane@example.com"`.
    public static func masked(quotedIn text: String) -> String {
        guard let first = text.firstIndex(of: "\""), let last = text.lastIndex(of: "\""), first < last else {
            return masked(text)
        }
        return text[...first] + masked(String(text[text.index(after: first)..<last])) + text[last...]
    }

    private static func masked(line: [Character]) -> String {
        var (result, token) = ("", "")
        var place = 0
        while place < line.count {
            let character = line[place]
            if token.isEmpty, let end = quoteEnd(line, place) {
                let inside = String(line[(place + 1)..<end])
                result.append(character)
                result += isPlain(inside) ? inside : masked(quoted: inside)
                result.append(line[end])
                place = end + 1
                continue
            }
            if isPart(character) {
                token.append(character)
            } else {
                result += masked(token: token)
                result.append(character)
                token = ""
            }
            place += 1
        }
        return result + masked(token: token)
    }

    /// A single word in quotes may be told apart further; of several nothing stays.
    private static func masked(quoted: String) -> String {
        let masked = masked(token: quoted)
        return masked == quoted || quoted.contains(where: \.isWhitespace) ? value : masked
    }

    /// Where a quotation that begins at a place ends; nil where none does. It stands apart from other words on both sides, so that
    /// what quotes itself in quotes (JSON in a text) is told apart.
    private static func quoteEnd(_ line: [Character], _ place: Int) -> Int? {
        guard let closing = quotes[line[place]] else { return nil }
        let before = line[..<place].last { $0 != "\\" }
        guard before.map({ $0.isWhitespace || "([{:,=>".contains($0) || quotes[$0] != nil }) ?? true else { return nil }
        return line.indices[(place + 1)...].first { index in
            let isLast = index + 1 == line.count
            return line[index] == closing
                && (isLast || line[index + 1].isWhitespace || ",:;.!?)]}>\\\"'".contains(line[index + 1]))
        }
    }

    /// Words of programs: of small letters, or of large ones alone; what has no letters at all.
    private static func isPlain(_ text: String) -> Bool {
        guard !text.contains(where: \.isWhitespace), text.count(where: \.isNumber) < longNumber else { return false }
        let letters = text.filter(\.isLetter)
        let isOfOneKind = letters.allSatisfy(\.isLowercase) || letters.allSatisfy(\.isUppercase)
        return isOfOneKind && !text.contains("@") && !text.contains("://")
    }

    private static func masked(token: String) -> String {
        let bare = token.drop { "<(".contains($0) }
        if bare.contains("@"), bare.split(separator: "@").last?.contains(".") == true { return address }
        if let scheme = bare.split(separator: "/").first, bare.contains("://"), scheme.hasSuffix(":") {
            let host = bare.dropFirst(scheme.count + 2).prefix { $0 != "/" && $0 != "?" }
            let isWhole = bare.count == scheme.count + 2 + host.count
            return "\(scheme)//\(host)\(isWhole ? "" : "/...")"
        }
        let isLong = token.count(where: \.isNumber) >= longNumber
        return isLong && ServerTime(rfc3339: token) == nil ? number : token
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || ".-_:/@+%?&=~#".contains(character)
    }
}
