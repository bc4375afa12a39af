/// Texts of which one must stand in whatever a regular expression matches: a cheap way to know that it cannot match.
///
/// Read off the pattern's source, in RE2's syntax, as far as it is understood; letters of either case are one.
struct RequiredLiterals {
    /// Shorter ones stand nearly everywhere.
    static let shortest = 3

    private let source: [UInt8]
    private var at = 0

    /// A pattern that is not understood.
    private struct Unclear: Error {}

    /// The literals, in small letters; nil where none can be told.
    static func of(_ pattern: String) -> [[UInt8]]? {
        var reader = RequiredLiterals(source: Array(pattern.utf8))
        guard let found = try? reader.alternatives(), reader.at == reader.source.count else { return nil }
        return found
    }

    private init(source: [UInt8]) { self.source = source }

    private var peek: UInt8? { at < source.count ? source[at] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        at += 1
        return true
    }

    /// The literals of all branches; nil where one of them may match without any.
    private mutating func alternatives() throws(Unclear) -> [[UInt8]]? {
        var all: [[UInt8]]? = []
        repeat {
            if let branch = try sequence() { all?.append(contentsOf: branch) } else { all = nil }
        } while skip(UInt8(ascii: "|"))
        return all
    }

    private mutating func sequence() throws(Unclear) -> [[UInt8]]? {
        var best = Best()
        while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            at += 1
            let item = try item(byte)
            best.add(item, try repeats())
        }
        return best.literals
    }

    /// One thing in a sequence.
    private enum Item {
        /// A byte that stands for itself.
        case byte(UInt8)
        /// A place, which takes no room.
        case place
        /// Something else, which holds one of these literals if any.
        case other([[UInt8]]?)
    }

    private mutating func item(_ byte: UInt8) throws(Unclear) -> Item {
        switch byte {
        case UInt8(ascii: "^"), UInt8(ascii: "$"): return .place
        case UInt8(ascii: "."): return .other(nil)
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return try set()
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"): throw Unclear()
        // Other letters than ASCII's have cases of their own.
        case 0x80...: return .other(nil)
        default: return .byte(byte)
        }
    }

    /// `(...)`, `(?:...)`, `(?i:...)`, `(?P<name>...)`; flags for what follows are not read.
    private mutating func group() throws(Unclear) -> Item {
        if skip(UInt8(ascii: "?")) {
            let end = skip(UInt8(ascii: "P")) ? UInt8(ascii: ">") : UInt8(ascii: ":")
            if end == UInt8(ascii: ">"), !skip(UInt8(ascii: "<")) { throw Unclear() }
            while let byte = peek, isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") { at += 1 }
            guard skip(end) else { throw Unclear() }
        }
        let found = try alternatives()
        guard skip(UInt8(ascii: ")")) else { throw Unclear() }
        return .other(found)
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        let small = byte | 0x20
        return small >= UInt8(ascii: "a") && small <= UInt8(ascii: "z")
    }

    /// Skips a set of characters that has no names of classes in it.
    private mutating func set() throws(Unclear) -> Item {
        _ = skip(UInt8(ascii: "^"))
        _ = skip(UInt8(ascii: "]"))
        while let byte = peek, byte != UInt8(ascii: "[") {
            at += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "]") { return .other(nil) }
        }
        throw Unclear()
    }

    private mutating func escape() throws(Unclear) -> Item {
        guard let byte = peek else { throw Unclear() }
        at += 1
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "z"): return .place
        case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "s"), UInt8(ascii: "S"), UInt8(ascii: "w"),
            UInt8(ascii: "W"):
            return .other(nil)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: throw Unclear()
        default:
            if isLetter(byte) { throw Unclear() }
            return .byte(byte)
        }
    }

    private enum Repeats { case once, onceOrMore, maybe }

    private mutating func repeats() throws(Unclear) -> Repeats {
        let found: Repeats
        switch peek {
        case UInt8(ascii: "*"), UInt8(ascii: "?"): found = .maybe
        case UInt8(ascii: "+"): found = .onceOrMore
        // Not worth reading: no rule has it.
        case UInt8(ascii: "{"): throw Unclear()
        default: return .once
        }
        at += 1
        _ = skip(UInt8(ascii: "?"))
        return found
    }

    /// The literals of a sequence that tell most: those whose shortest is longest.
    private struct Best {
        private var run: [UInt8] = []
        private var found: [[UInt8]]?

        var literals: [[UInt8]]? {
            var copy = self
            copy.endRun()
            return copy.found
        }

        mutating func add(_ item: Item, _ repeats: Repeats) {
            switch (item, repeats) {
            case (.place, _): break
            case (.byte(let byte), .once): run.append(RequiredLiterals.small(byte))
            case (.byte(let byte), .onceOrMore):
                run.append(RequiredLiterals.small(byte))
                endRun()
            case (.byte, .maybe), (.other, .maybe): endRun()
            case (.other(let literals), _):
                endRun()
                if let literals { offer(literals) }
            }
        }

        private mutating func endRun() {
            offer([run])
            run = []
        }

        private mutating func offer(_ literals: [[UInt8]]) {
            let shortest = literals.map(\.count).min() ?? 0
            guard shortest >= RequiredLiterals.shortest else { return }
            if shortest > found?.map(\.count).min() ?? 0 { found = literals }
        }
    }

    /// A letter of ASCII in its small form, anything else as it is.
    static func small(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
