/// Why bytes are not the message that was expected.
public enum ProtobufFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// A number, a length or a value goes beyond the end.
    case cutOff(at: Int)
    /// A number is longer than 64 bits, or a field's number is none.
    case badNumber(at: Int)
    /// A field has a form that it cannot have, or one that nobody uses.
    case badForm(field: UInt64, at: Int)
    /// There is more of something than is read.
    case tooMany(String)

    /// What is wrong, and from which byte on.
    public var description: String {
        switch self {
        case .cutOff(let place): "cut off at byte \(place)"
        case .badNumber(let place): "no number at byte \(place)"
        case .badForm(let field, let place): "field \(field) at byte \(place) has a form that it cannot have"
        case .tooMany(let what): "more \(what) than are read"
        }
    }
}

/// Reads the fields of one protobuf message, one after the other; nothing is copied, and what is not asked for is passed over.
struct ProtobufMessage: Sendable {
    /// One field of a message.
    struct Field: Sendable {
        /// Its number in the message's declaration.
        let number: UInt64
        let value: Value
        /// The first byte behind its key.
        let place: Int
    }

    /// What a field holds, as far as the bytes tell.
    enum Value: Sendable {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(Range<Int>)
    }

    private let bytes: [UInt8]
    private var place: Int
    private let end: Int

    /// A whole message.
    init(_ bytes: [UInt8]) { self.init(bytes, bytes.indices) }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    /// The next field; nil at the end.
    mutating func next() throws(ProtobufFault) -> Field? {
        guard place < end else { return nil }
        let start = place
        let key = try varint()
        let number = key >> 3
        guard (1..<(1 << 29)).contains(number) else { throw .badNumber(at: start) }
        let from = place
        switch key & 7 {
        case 0: return Field(number: number, value: .varint(try varint()), place: from)
        case 1: return Field(number: number, value: .fixed64(try fixed(8)), place: from)
        case 2:
            let length = try varint()
            guard length <= UInt64(end - place) else { throw .cutOff(at: from) }
            let range = place..<(place + Int(length))
            place = range.upperBound
            return Field(number: number, value: .bytes(range), place: from)
        case 5: return Field(number: number, value: .fixed32(UInt32(try fixed(4))), place: from)
        // Groups, which nobody writes any more, and forms that were never given.
        default: throw .badForm(field: number, at: start)
        }
    }

    private mutating func varint() throws(ProtobufFault) -> UInt64 {
        let start = place
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while place < end {
            let byte = bytes[place]
            place += 1
            guard shift < 63 || byte <= 1 else { throw .badNumber(at: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .cutOff(at: start)
    }

    private mutating func fixed(_ count: Int) throws(ProtobufFault) -> UInt64 {
        guard end - place >= count else { throw .cutOff(at: place) }
        let value = (0..<count).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
        place += count
        return value
    }

    /// The message that a field holds.
    func message(_ field: Field) throws(ProtobufFault) -> ProtobufMessage { ProtobufMessage(bytes, try range(field)) }

    /// The text that a field holds; nil where it is no UTF-8, or longer than somebody wants of it.
    func text(_ field: Field, atMost limit: Int) throws(ProtobufFault) -> String? {
        let range = try range(field)
        guard range.count <= limit else { return nil }
        return String(validating: bytes[range], as: UTF8.self)
    }

    private func range(_ field: Field) throws(ProtobufFault) -> Range<Int> {
        guard case .bytes(let range) = field.value else { throw .badForm(field: field.number, at: field.place) }
        return range
    }
}
