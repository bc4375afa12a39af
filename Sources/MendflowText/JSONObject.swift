/// The members of a JSON object, in the order of their keys' UTF-8 bytes, each key once.
///
/// Objects of ours have few members, so that going through them costs less than a table of hashes would.
public struct JSONObject: Sendable, Hashable {
    private struct Member: Sendable, Hashable {
        let key: String
        var value: JSONValue
    }

    private var members: [Member] = []

    /// Makes an object without members.
    public init() {}

    /// Makes an object of members in any order; of two with one key the first stays.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members where self[anySpellingOf: key] == nil { self[key] = value }
    }

    /// The value of a key; nil where there is none, and where it is set to nil none will be.
    public subscript(key: String) -> JSONValue? {
        get {
            let count = key.utf8.count
            for member in members where member.key.utf8.count == count && member.key == key { return member.value }
            return nil
        }
        set {
            let place = place(of: key)
            let isThere = place < members.count && members[place].key == key
            switch newValue {
            case let value? where isThere: members[place].value = value
            case let value?: members.insert(Member(key: key, value: value), at: place)
            case nil: if isThere { members.remove(at: place) }
            }
        }
    }

    /// Takes a member in whose key comes behind all others by its bytes; false where it does not, or is there already in
    /// another spelling.
    package mutating func append(_ key: String, _ value: JSONValue) -> Bool {
        if let last = members.last {
            guard JSONObject.isBefore(last.key, key) else { return false }
            guard key.utf8.allSatisfy({ $0 < 0x80 }) || self[anySpellingOf: key] == nil else { return false }
        }
        members.append(Member(key: key, value: value))
        return true
    }

    private subscript(anySpellingOf key: String) -> JSONValue? { members.first { $0.key == key }?.value }

    /// Where a key is, or would have to be; members mostly come in order, so the last is looked at first.
    private func place(of key: String) -> Int {
        if let same = members.firstIndex(where: { $0.key == key }) { return same }
        var place = members.count
        while place > 0, JSONObject.isBefore(key, members[place - 1].key) { place -= 1 }
        return place
    }

    /// Orders by bytes: String's own order is that of Unicode's normal forms.
    private static func isBefore(_ one: String, _ other: String) -> Bool {
        let (one, other) = (one.utf8.span, other.utf8.span)
        for place in 0..<Swift.min(one.count, other.count) where one[place] != other[place] {
            return one[place] < other[place]
        }
        return one.count < other.count
    }
}

extension JSONObject: RandomAccessCollection {
    /// The place of the first member.
    public var startIndex: Int { 0 }
    /// The place behind the last member.
    public var endIndex: Int { members.count }
    /// A member.
    public subscript(place: Int) -> (key: String, value: JSONValue) { (members[place].key, members[place].value) }

    /// The keys in order.
    public var keys: [String] { members.map(\.key) }

    /// The members of which something holds.
    public func filter(_ isIncluded: ((key: String, value: JSONValue)) -> Bool) -> JSONObject {
        var some = self
        some.members = members.filter { isIncluded(($0.key, $0.value)) }
        return some
    }

    /// The same with another value for one key.
    public func setting(_ key: String, _ value: JSONValue?) -> JSONObject {
        var other = self
        other[key] = value
        return other
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Makes an object of a literal.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}
