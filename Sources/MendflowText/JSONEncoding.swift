/// Writes any `Encodable` value as JSON: members in the order of their keys' bytes, a member without a value left out.
public struct JSONEncoding: Sendable {
    /// How the keys of objects are spelt.
    public enum Keys: Sendable {
        /// As they are declared.
        case asDeclared
        /// `clockOffset` as `clock_offset`. Keys of dictionaries are data, and stay as they are.
        case snakeCase
    }

    private let layout: JSONWriter.Layout
    private let keys: Keys

    /// Makes it.
    public init(_ layout: JSONWriter.Layout, keys: Keys = .asDeclared) {
        self.layout = layout
        self.keys = keys
    }

    /// A value as JSON; what shows nothing by itself in its texts is spelt out (`VisibleText`).
    ///
    /// - Throws: what the value itself throws, and `EncodingError` where a number has no spelling in JSON.
    public func text(of value: some Encodable) throws -> String {
        let place = JSONPlace()
        try place.put(value, keys)
        var writer = JSONWriter(layout, escapes: .display)
        place.write(to: &writer)
        return writer.string
    }
}

/// A value's place in a document while it is put together. A class, for containers that were handed out go on filling it.
private final class JSONPlace {
    enum Content {
        case nothing
        case scalar(JSONScalarValue)
        case list([JSONPlace])
        case object([String: JSONPlace])
    }

    private(set) var content = Content.nothing

    func put(_ value: some Encodable, _ keys: JSONEncoding.Keys) throws {
        switch value {
        case let scalar as any JSONScalarValues: content = .scalar(try scalar.jsonScalar)
        case let dictionary as any TextKeyed:
            becomeObject()
            for (key, value) in dictionary.values { try member(key).put(value, keys) }
        default: try value.encode(to: PlaceEncoder(place: self, keys: keys))
        }
    }

    func putNull() { content = .scalar(.null) }

    /// It is an object, with the members that it has.
    func becomeObject() {
        if case .object = content { return }
        content = .object([:])
    }

    func becomeList() {
        if case .list = content { return }
        content = .list([])
    }

    /// The place of a new member.
    func member(_ key: String) -> JSONPlace {
        let place = JSONPlace()
        guard case .object(var members) = content else { return place }
        content = .nothing
        members[key] = place
        content = .object(members)
        return place
    }

    /// The place of a new element.
    func element() -> JSONPlace {
        let place = JSONPlace()
        guard case .list(var elements) = content else { return place }
        content = .nothing
        elements.append(place)
        content = .list(elements)
        return place
    }

    var count: Int { if case .list(let elements) = content { elements.count } else { 0 } }

    func write(to writer: inout JSONWriter) {
        switch content {
        // What encodes nothing has no members.
        case .nothing: writer.object { _ in }
        case .scalar(.text(let text)): writer.text(text)
        case .scalar(.number(let spelling)): writer.number(spelling)
        case .scalar(.flag(let flag)): writer.flag(flag)
        case .scalar(.null): writer.null()
        case .list(let elements): writer.list { for element in elements { element.write(to: &$0) } }
        case .object(let members):
            writer.object { writer in
                for (key, place) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    writer.key(key)
                    place.write(to: &writer)
                }
            }
        }
    }
}

private enum JSONScalarValue {
    case text(String), number(String), flag(Bool), null
}

/// What JSON has a word of its own for.
private protocol JSONScalarValues {
    var jsonScalar: JSONScalarValue { get throws }
}

extension String: JSONScalarValues {
    fileprivate var jsonScalar: JSONScalarValue { .text(self) }
}

extension Bool: JSONScalarValues {
    fileprivate var jsonScalar: JSONScalarValue { .flag(self) }
}

extension FixedWidthInteger {
    fileprivate var jsonScalar: JSONScalarValue { .number(String(self)) }
}

extension Int: JSONScalarValues {}
extension Int8: JSONScalarValues {}
extension Int16: JSONScalarValues {}
extension Int32: JSONScalarValues {}
extension Int64: JSONScalarValues {}
extension UInt: JSONScalarValues {}
extension UInt8: JSONScalarValues {}
extension UInt16: JSONScalarValues {}
extension UInt32: JSONScalarValues {}
extension UInt64: JSONScalarValues {}

extension BinaryFloatingPoint where Self: CustomStringConvertible & Encodable {
    fileprivate var jsonScalar: JSONScalarValue {
        get throws {
            guard isFinite else {
                let words = "\(self) has no spelling in JSON"
                throw EncodingError.invalidValue(self, EncodingError.Context(codingPath: [], debugDescription: words))
            }
            let spelling = description
            return .number(spelling.hasSuffix(".0") ? String(spelling.dropLast(2)) : spelling)
        }
    }
}

extension Double: JSONScalarValues {}
extension Float: JSONScalarValues {}

/// A dictionary whose keys are texts, and so no names of ours.
private protocol TextKeyed {
    var values: [(String, any Encodable)] { get }
}

extension Dictionary: TextKeyed where Key == String, Value: Encodable {
    fileprivate var values: [(String, any Encodable)] { map { ($0.key, $0.value) } }
}

private struct PlaceEncoder: Encoder {
    let place: JSONPlace
    let keys: JSONEncoding.Keys
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        place.becomeObject()
        return KeyedEncodingContainer(Members(place: place, keys: keys))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        place.becomeList()
        return Elements(place: place, keys: keys)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(place: place, keys: keys) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: JSONPlace
    let keys: JSONEncoding.Keys
    let codingPath: [any CodingKey] = []

    private func member(_ key: any CodingKey) -> JSONPlace {
        place.member(keys == .snakeCase ? SnakeCase.spelling(of: key.stringValue) : key.stringValue)
    }

    private func encoder(_ key: any CodingKey) -> PlaceEncoder { PlaceEncoder(place: member(key), keys: keys) }

    func encodeNil(forKey key: Key) { member(key).putNull() }
    func encode(_ value: some Encodable, forKey key: Key) throws { try member(key).put(value, keys) }

    func nestedContainer<Inner: CodingKey>(
        keyedBy type: Inner.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Inner> { encoder(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { PlaceEncoder(place: place.member("super"), keys: keys) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct Elements: UnkeyedEncodingContainer {
    let place: JSONPlace
    let keys: JSONEncoding.Keys
    let codingPath: [any CodingKey] = []

    var count: Int { place.count }
    private var encoder: PlaceEncoder { PlaceEncoder(place: place.element(), keys: keys) }

    func encodeNil() { place.element().putNull() }
    func encode(_ value: some Encodable) throws { try place.element().put(value, keys) }
    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
        encoder.container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder }
}

private struct Single: SingleValueEncodingContainer {
    let place: JSONPlace
    let keys: JSONEncoding.Keys
    let codingPath: [any CodingKey] = []

    func encodeNil() { place.putNull() }
    func encode(_ value: some Encodable) throws { try place.put(value, keys) }
}

/// Names as other languages spell them.
enum SnakeCase {
    /// `clockOffset` as `clock_offset`, and a run of capitals as one word.
    static func spelling(of name: String) -> String {
        let letters = Array(name)
        var spelling = ""
        for (place, letter) in letters.enumerated() {
            guard letter.isUppercase else {
                spelling.append(letter)
                continue
            }
            let before = place > 0 ? letters[place - 1] : "_"
            let isLastOfRun = place + 1 < letters.count && letters[place + 1].isLowercase
            if before != "_", !before.isUppercase || isLastOfRun { spelling.append("_") }
            spelling += letter.lowercased()
        }
        return spelling
    }
}
