/// Tells which of many literals stand in a text, in one pass over it: three of each literal's bytes are looked for, and the
/// rest of it only where they stand. Letters of either case are one.
struct LiteralFinder: Sendable {
    private struct Entry: Sendable {
        let literal: [UInt8]
        /// Where the three bytes stand in it.
        let offset: Int
        /// What it stands for.
        let owner: Int
    }

    private var entries: [UInt32: [Entry]] = [:]
    /// A bit for each three bytes that begin an entry, at a place that others may share.
    private var bits = [UInt64](repeating: 0, count: 256)

    /// Adds a literal of three bytes or more, in small letters.
    mutating func add(_ literal: [UInt8], owner: Int) {
        let offsets = 0...(literal.count - 3)
        let offset = offsets.min { LiteralFinder.commonness(literal, $0) < LiteralFinder.commonness(literal, $1) } ?? 0
        let key = LiteralFinder.key(literal[offset], literal[offset + 1], literal[offset + 2])
        entries[key, default: []].append(Entry(literal: literal, offset: offset, owner: owner))
        let place = LiteralFinder.place(of: key)
        bits[place >> 6] |= 1 << UInt64(place & 63)
    }

    /// Letters from the rarest in English to the most common, and the blank.
    private static let letters = Array("qjxzkvbpgwyfmculdrhsnioate ".utf8)

    /// The place of each byte among them; what is none of them is rare.
    private static let places: [Int] = {
        var places = [Int](repeating: 0, count: 256)
        for (place, letter) in letters.enumerated() { places[Int(letter)] = place }
        return places
    }()

    private static func commonness(_ literal: [UInt8], _ offset: Int) -> Int {
        places[Int(literal[offset])] + places[Int(literal[offset + 1])] + places[Int(literal[offset + 2])]
    }

    private static func key(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt32 {
        UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
    }

    private static func place(of key: UInt32) -> Int { Int((key &* 0x9E37_79B1) >> 18) }

    /// The owners of the literals that stand in a text, in no order, some perhaps twice.
    func owners(in text: Span<UInt8>, into found: inout [Int]) {
        guard text.count >= 3 else { return }
        var key = LiteralFinder.key(0, RequiredLiterals.small(text[0]), RequiredLiterals.small(text[1]))
        for index in 2..<text.count {
            key = (key << 8 | UInt32(RequiredLiterals.small(text[index]))) & 0xFF_FFFF
            let place = LiteralFinder.place(of: key)
            guard bits[place >> 6] & 1 << UInt64(place & 63) != 0, let some = entries[key] else { continue }
            for entry in some where LiteralFinder.stands(entry.literal, in: text, at: index - 2 - entry.offset) {
                found.append(entry.owner)
            }
        }
    }

    private static func stands(_ literal: [UInt8], in text: Span<UInt8>, at start: Int) -> Bool {
        guard start >= 0, start + literal.count <= text.count else { return false }
        for offset in literal.indices where RequiredLiterals.small(text[start + offset]) != literal[offset] {
            return false
        }
        return true
    }
}
