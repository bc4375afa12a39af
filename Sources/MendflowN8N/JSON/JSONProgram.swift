import MendflowCore

/// A plan made ready for the scanner: its values are numbered and its names are bytes. A document is then read without
/// making a `String` of each key and without looking it up in a dictionary.
struct JSONProgram: Sendable {
    /// A value that is wanted, or not.
    struct Node: Sendable {
        /// What to keep where it is a text, number, boolean or null; nil for nothing at all.
        var textLimit: Int?
        /// What a text is turned into instead of being kept.
        var digest: TextDigest?
        /// What to keep where it is a container.
        var content = Content.nothing
    }

    /// What is wanted of a container.
    enum Content: Sendable {
        /// Nothing but the number of its elements.
        case nothing
        /// The members of these names.
        case members(Range<Int>)
        /// The same; of an array the first so many elements.
        case record(Range<Int>, first: Int, each: Int)
        /// Members of any name, so many at most.
        case anyMembers(each: Int, limit: Int)
        /// The first so many elements.
        case first(Int, each: Int)
        /// The last element.
        case last(each: Int)
    }

    /// The number of the value that is not wanted.
    static let skipped = 0

    private(set) var nodes: [Node] = [Node()]
    /// The number of the whole document.
    private(set) var root = JSONProgram.skipped
    /// The names of members, those of one object side by side, and the value of each.
    private(set) var names: [String] = []
    private var prints: [BytePrint] = []
    private var values: [Int] = []

    /// Makes a plan ready.
    init(_ plan: JSONPlan) { root = add(plan) }

    private mutating func add(_ plan: JSONPlan) -> Int {
        if case .skip = plan { return JSONProgram.skipped }
        let place = nodes.count
        nodes.append(Node())
        set(plan, at: place)
        return place
    }

    private mutating func set(_ plan: JSONPlan, at place: Int) {
        switch plan {
        case .skip: break
        case .scalar(let limit): nodes[place] = Node(textLimit: limit)
        case .digest(let digest): nodes[place] = Node(textLimit: TextDigest.limit, digest: digest)
        case .map(let each, let limit):
            nodes[place] = Node(textLimit: 256, content: .anyMembers(each: add(each), limit: limit))
        case .array(let each, .first(let limit)):
            nodes[place] = Node(textLimit: 256, content: .first(limit, each: add(each)))
        case .array(let each, .last): nodes[place] = Node(textLimit: 256, content: .last(each: add(each)))
        case .object(let members):
            let found = members.sorted { $0.key < $1.key }.map { ($0.key, add($0.value)) }
            nodes[place] = Node(textLimit: 256, content: .members(name(found)))
        case .record(let names, let levels, let text, let elements):
            let next = add(
                levels > 1
                    ? .record(names, levels: levels - 1, text: text, elements: elements) : .scalar(limit: text))
            let members = name(names.sorted().map { ($0, next) })
            nodes[place] = Node(textLimit: text, content: .record(members, first: elements, each: next))
        }
    }

    /// Files members side by side.
    private mutating func name(_ found: [(String, Int)]) -> Range<Int> {
        let start = names.count
        for (name, value) in found {
            names.append(name)
            prints.append(BytePrint(name.utf8.span))
            values.append(value)
        }
        return start..<names.count
    }

    /// The member of this name among some: its place in `names`, and its value.
    func member(_ name: Span<UInt8>, in members: Range<Int>) -> (name: Int, value: Int)? {
        let print = BytePrint(name)
        for place in members where prints[place] == print {
            if print.isWhole || names[place].utf8.span.hasSameBytes(as: name) { return (place, values[place]) }
        }
        return nil
    }
}

/// The length of some bytes with the first eight and the last eight of them. Two byte sequences of up to sixteen bytes
/// with equal prints are equal; longer ones still have to be compared.
struct BytePrint: Sendable, Hashable {
    private let count: Int
    private let first: UInt64
    private let last: UInt64

    init(_ bytes: Span<UInt8>) {
        count = bytes.count
        if count >= 8 {
            first = bytes.word(at: 0)
            last = bytes.word(at: count - 8)
        } else if count >= 4 {
            first = UInt64(bytes.halfWord(at: 0)) | UInt64(bytes.halfWord(at: count - 4)) << 32
            last = 0
        } else {
            var word: UInt64 = 0
            for index in bytes.indices { word = word << 8 | UInt64(bytes[index]) }
            first = word
            last = 0
        }
    }

    /// Whether equal prints are equal bytes.
    var isWhole: Bool { count <= 16 }

    /// A number to put it into a table by; it is spread about evenly.
    var spread: Int { Int(truncatingIfNeeded: ((first ^ last &* 31) &* 0x9E37_79B9_7F4A_7C15) >> 32) }
}

extension Span<UInt8> {
    /// Eight bytes as a number, the first one lowest.
    func word(at offset: Int) -> UInt64 {
        // Any eight bytes are a number; that they lie in the span is checked.
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Four bytes as a number, the first one lowest.
    fileprivate func halfWord(at offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    func hasSameBytes(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// The text that the bytes are, its letters written in one way; what is no UTF-8 becomes U+FFFD.
    var text: String {
        let text = exactText
        return isASCII ? text : text.normalised
    }

    /// The text that the bytes are, byte by byte.
    var exactText: String { unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) } }

    /// Whether all bytes are ASCII, of which no letter can be written in two ways.
    private var isASCII: Bool {
        var (index, bits) = (0, UInt64(0))
        while index + 8 <= count {
            bits |= word(at: index)
            index += 8
        }
        while index < count {
            bits |= UInt64(self[index])
            index += 1
        }
        return bits & 0x8080_8080_8080_8080 == 0
    }
}
