/// Texts of strangers as they are shown: every character that shows nothing, or changes how others are shown, is spelt
/// out, so that two names that differ look different, and nothing steers a terminal.
///
/// Hidden are control characters, the line ends of other alphabets, and what Unicode lets a program draw as nothing:
/// joiners, marks of direction, fillers, tags, variation selectors. An emoji's own selector (U+FE0F) is left where it
/// stands behind an emoji. Joiners are spelt out even where a script or an emoji needs them: a name that is hard to read
/// misleads nobody.
public enum VisibleText {
    /// The text as one line, breaks and tabs spelt out as `\n` and `\t`, other hidden characters as `\u{200b}`.
    public static func line(_ text: String) -> String { spelt(text, keepsLayout: false) }

    /// The same with its line breaks and tabs.
    public static func block(_ text: String) -> String { spelt(text, keepsLayout: true) }

    /// A JSON text with what is hidden in its strings spelt out as JSON does it; its value stays the same.
    public static func json(_ text: String) -> String {
        guard !isPlain(text, keepsLayout: true) else { return text }
        var shown = ""
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if isHidden(scalar, behind: last), scalar != "\n", scalar != "\t", scalar != "\r" {
                for unit in String(scalar).utf16 { shown += "\\u" + hex(UInt32(unit), digits: 4) }
            } else {
                shown.unicodeScalars.append(scalar)
            }
            last = scalar
        }
        return shown
    }

    /// The JSON text as it was before `json` spelt anything out.
    public static func unspelt(json: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            guard json[index] == UInt8(ascii: "\\"), index + 1 < json.count else {
                bytes.append(json[index])
                index += 1
                continue
            }
            guard let first = unit(json, at: index), first >= 0x7F else {
                bytes += json[index..<index + 2]
                index += 2
                continue
            }
            let second = first >> 10 == 0x36 ? unit(json, at: index + 6) : nil
            let units = [first] + (second.map { [$0] } ?? [])
            bytes += String(decoding: units, as: UTF16.self).utf8
            index += 6 * units.count
        }
        return bytes
    }

    /// The sixteen bits of `\uXXXX`; nil where something else stands.
    private static func unit(_ json: [UInt8], at start: Int) -> UInt16? {
        guard start + 6 <= json.count, json[start] == UInt8(ascii: "\\"), json[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt16(String(decoding: json[start + 2..<start + 6], as: UTF8.self), radix: 16)
    }

    /// Whether a character is hidden; what stands before it decides for an emoji's selector.
    public static func isHidden(_ scalar: Unicode.Scalar, behind last: Unicode.Scalar?) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0xAC, 0xAE...0x02FF: return false
        case 0xFE0F: return last.map { $0.value < 0x80 || !$0.properties.isEmoji } ?? true
        // A letter of braille without a dot is a blank that is none.
        case 0x2800, 0xFFF9...0xFFFB: return true
        default: break
        }
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    private static func isPlain(_ text: String, keepsLayout: Bool) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) || keepsLayout && ($0 == 0x0A || $0 == 0x09) }
    }

    private static func spelt(_ text: String, keepsLayout: Bool) -> String {
        guard !isPlain(text, keepsLayout: keepsLayout) else { return text }
        var shown = ""
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": shown += keepsLayout ? "\n" : "\\n"
            case "\t": shown += keepsLayout ? "\t" : "\\t"
            case "\r": shown += "\\r"
            case _ where isHidden(scalar, behind: last): shown += "\\u{\(hex(scalar.value, digits: 2))}"
            default: shown.unicodeScalars.append(scalar)
            }
            last = scalar
        }
        return shown
    }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
