import MendflowCore
import MendflowText

/// Texts as mail carries them.
enum MailText {
    /// A text in Base64, in lines as mail has them.
    static func base64(_ text: String) -> String {
        var (lines, rest) = ([String](), Array(text.replacing("\n", with: "\r\n").utf8)[...])
        while !rest.isEmpty {
            lines.append(Base64.text(Array(rest.prefix(57))))
            rest = rest.dropFirst(57)
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// A text in a header field: one line, in words of the encoding where it is not plain.
    static func header(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        if line.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }), line.utf8.count <= 200 { return line }
        var (words, word) = ([String](), "")
        for character in line {
            // An encoded word has 75 characters at most.
            if word.utf8.count + character.utf8.count > 42 {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        return (words + [word]).map { "=?utf-8?B?\(Base64.text(Array($0.utf8)))?=" }.joined(separator: "\r\n ")
    }

    /// A time as mail writes it.
    static func date(_ time: AgentTime) -> String {
        // 2026-05-01T06:00:00Z, perhaps with a fraction.
        let text = Array(time.rfc3339)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard text.count >= 19, let month = Int(String(text[5...6])), months.indices.contains(month - 1) else {
            return ""
        }
        return "\(String(text[8...9])) \(months[month - 1]) \(String(text[0...3])) \(String(text[11...18])) +0000"
    }
}
