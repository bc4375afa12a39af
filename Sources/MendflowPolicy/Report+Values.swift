internal import MendflowCore
import MendflowText
internal import MendflowYAML

extension Report {
    /// Text that is not empty and has no blanks around it.
    func text(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = node.string else {
            let quote = node.kind == .integer || node.kind == .number || node.kind == .boolean
            let notes = quote ? ["put it in quotes: \"\(node.scalar?.text ?? "")\""] : []
            wrongKind(node, what, wanted: "text", notes: notes)
            return nil
        }
        guard !text.isEmpty else {
            error("empty-text", "\(what) is empty", at: node.range)
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            error("control-character", "\(what) contains a line break or another control character", at: node.range)
            return nil
        }
        return text
    }

    /// Text for names: as `text`, with no blanks around it and of bounded length.
    func name(_ node: YAMLNode, _ what: String, longest: Int = 100) -> String? {
        guard let text = text(node, what) else { return nil }
        guard text.first?.isWhitespace != true, text.last?.isWhitespace != true else {
            error("blanks", "\(what) begins or ends with a blank", at: node.range)
            return nil
        }
        guard text.unicodeScalars.count <= longest else {
            error("too-long", "\(what) has more than \(longest) characters", at: node.range)
            return nil
        }
        return text
    }

    /// `true` or `false`.
    func flag(_ node: YAMLNode, _ what: String) -> Bool? {
        guard let flag = node.boolean else {
            let isWord = ["yes", "no", "on", "off", "y", "n"].contains(node.string?.lowercased())
            wrongKind(
                node, what, wanted: "true or false", notes: isWord ? ["only `true` and `false` are booleans"] : [])
            return nil
        }
        return flag
    }

    /// A whole number within bounds.
    func whole(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard node.kind == .integer else {
            wrongKind(node, what, wanted: "a whole number")
            return nil
        }
        guard let number = node.integer, range.contains(number) else {
            // What is no number for this machine is above every bound.
            let isOpen = range.upperBound == .max && node.integer != nil
            let bounds = isOpen ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            error("out-of-range", "\(what) must be \(bounds), not \(node.scalar?.text ?? "")", at: node.range)
            return nil
        }
        return number
    }

    /// A length of time with units, within bounds; `unit` is what a bare number is most likely to be meant in.
    func period(
        _ node: YAMLNode, _ what: String, atLeast: Period = .milliseconds(1), atMost: Period? = nil,
        unit: String = "s"
    ) -> Period? {
        guard let scalar = node.scalar, [.integer, .number, .string].contains(node.kind) else {
            wrongKind(node, what, wanted: "a length of time such as 90s, 2h or 7d")
            return nil
        }
        guard let period = Period(scalar.text) else {
            if scalar.text.utf8.allSatisfy({ (48...57).contains($0) }), !scalar.text.isEmpty {
                error("no-unit", "\(what) needs a unit", at: node.range, suggestion: scalar.text + unit)
            } else {
                error(
                    "not-a-duration",
                    "\(what) is a length of time such as 90s, 2h, 1h30m or 7d, not \(scalar.text.inBackticks)",
                    at: node.range, suggestion: Durations.meant(by: scalar.text))
            }
            return nil
        }
        guard period >= atLeast else {
            error("out-of-range", "\(what) must be at least \(atLeast), not \(period)", at: node.range)
            return nil
        }
        if let atMost, period > atMost {
            error("out-of-range", "\(what) must be at most \(atMost), not \(period)", at: node.range)
            return nil
        }
        return period
    }

    /// A point in time in RFC 3339.
    func time(_ node: YAMLNode, _ what: String) -> ServerTime? {
        guard let text = node.string else {
            wrongKind(node, what, wanted: "a time such as 2026-05-01T06:00:00Z")
            return nil
        }
        guard let time = ServerTime(rfc3339: text) else {
            let guesses = [text + "T00:00:00Z", text + ":00Z", text + "Z"]
            error(
                "not-a-time", "\(what) is a time such as 2026-05-01T06:00:00Z, not \(text.inBackticks)", at: node.range,
                suggestion: guesses.first { ServerTime(rfc3339: $0) != nil })
            return nil
        }
        return time
    }

    /// One of an enumeration's words.
    func word<Value: RawRepresentable & CaseIterable>(_ node: YAMLNode, _ what: String, as type: Value.Type) -> Value?
    where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue)
        return oneOf(words, node, what).flatMap(Value.init(rawValue:))
    }

    /// One of these words; what is no text is no word, and needs no quotes.
    func oneOf(_ words: [String], _ node: YAMLNode, _ what: String) -> String? {
        let notes = ["known: \(words.joined(separator: ", "))"]
        guard let scalar = node.scalar, !node.isNull, !scalar.text.isEmpty else {
            wrongKind(node, what, wanted: "a word", notes: notes)
            return nil
        }
        if node.kind == .string, words.contains(scalar.text) { return scalar.text }
        unknownWord(scalar.text, what, among: words, at: node.range)
        return nil
    }

    /// The items of a list, each read by `read`; nil where it is no list, is empty, or an item cannot be read.
    func list<Item>(_ node: YAMLNode, _ what: String, _ read: (YAMLNode) -> Item?) -> [Item]? {
        guard let items = node.items else {
            let example =
                node.string.map { ["in a list: [\($0)]"] }
                ?? (node.entries == nil ? [] : ["begin each item with `- `"])
            wrongKind(node, what, wanted: "a list", notes: example)
            return nil
        }
        guard !items.isEmpty else {
            error("empty-list", "\(what) is an empty list", at: node.range)
            return nil
        }
        let values = items.map(read)
        let known = values.compactMap(\.self)
        return known.count == values.count ? known : nil
    }

    /// One item, or a list of them.
    func oneOrMore<Item>(_ node: YAMLNode, _ what: String, _ read: (YAMLNode) -> Item?) -> [Item]? {
        node.items == nil ? read(node).map { [$0] } : list(node, what, read)
    }

    /// A regular expression, compiled.
    func pattern(_ node: YAMLNode, _ what: String) -> TextMatch? {
        guard let source = text(node, what)?.normalised else { return nil }
        do throws(RegularExpressionError) {
            return .expression(try RegularExpression(source))
        } catch {
            self.error("bad-pattern", "\(error)", at: node.range)
            return nil
        }
    }
}

/// Guesses at lengths of time that were written in words.
enum Durations {
    private static let words: [(String, [String])] = [
        ("ms", ["ms", "msec", "millisecond", "milliseconds"]), ("s", ["s", "sec", "secs", "second", "seconds"]),
        ("m", ["m", "min", "mins", "minute", "minutes"]), ("h", ["h", "hr", "hrs", "hour", "hours"]),
        ("d", ["d", "day", "days"]), ("w", ["w", "week", "weeks"]),
    ]

    /// `2 hours` is `2h`; nil where no guess is safe.
    static func meant(by text: String) -> String? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard !digits.isEmpty, let word = words.first(where: { $0.1.contains(unit) })?.0 else { return nil }
        return Period(digits + word) == nil ? nil : digits + word
    }
}
