import MendflowCore
import MendflowText

/// What is stored and cannot be read back.
package struct MalformedRecord: Error, Hashable, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}

/// The members of a stored object, taken out one by one: what is left at the end is one too many.
struct Fields {
    let members: JSONObject
    /// The keys that were asked for and are there. The object itself stays as it is, for a change would copy it.
    private var consumed: [String] = []

    init(_ members: JSONObject) { self.members = members }

    init(_ value: JSONValue) throws(MalformedRecord) {
        guard case .object(let members) = value else { throw MalformedRecord("an object is missing") }
        self.members = members
    }

    /// The member of a key, each once; nil where it is not there.
    private mutating func consume(_ key: String) -> JSONValue? {
        guard let value = members[key] else { return nil }
        assert(!consumed.contains(key), "\(key) is read twice")
        consumed.append(key)
        return value
    }

    /// Throws where a member is left that nobody has asked for.
    func finish() throws(MalformedRecord) {
        guard consumed.count < members.count else { return }
        throw MalformedRecord("unknown keys: \(members.keys.filter { !consumed.contains($0) })")
    }

    mutating func value(_ key: String) throws(MalformedRecord) -> JSONValue {
        guard let value = consume(key) else { throw MalformedRecord("\(key) is missing") }
        return value
    }

    mutating func optional<T>(
        _ key: String, _ read: (JSONValue) throws(MalformedRecord) -> T
    ) throws(MalformedRecord) -> T? {
        guard let value = consume(key) else { return nil }
        return try read(value)
    }

    mutating func text(_ key: String) throws(MalformedRecord) -> String { try Fields.text(try value(key), key) }
    mutating func textIfAny(_ key: String) throws(MalformedRecord) -> String? {
        try optional(key) { (value) throws(MalformedRecord) in try Fields.text(value, key) }
    }
    mutating func number(_ key: String) throws(MalformedRecord) -> Int64 {
        guard case .integer(let number) = try value(key) else { throw MalformedRecord("\(key) is no number") }
        return number
    }
    mutating func numberIfAny(_ key: String) throws(MalformedRecord) -> Int64? {
        try optional(key) { (value) throws(MalformedRecord) in
            guard case .integer(let number) = value else { throw MalformedRecord("\(key) is no number") }
            return number
        }
    }
    mutating func time<T: Moment>(_ key: String, _ type: T.Type = T.self) throws(MalformedRecord) -> T {
        T(milliseconds: try number(key))
    }
    mutating func timeIfAny<T: Moment>(_ key: String, _ type: T.Type = T.self) throws(MalformedRecord) -> T? {
        try numberIfAny(key).map { T(milliseconds: $0) }
    }
    mutating func clockOffset() throws(MalformedRecord) -> ClockOffset {
        let ahead = Period(milliseconds: try number("clock_offset"))
        let isDisputed = try flag("clock_disputed")
        guard let date = try numberIfAny("date_offset").map(Period.init(milliseconds:)) else {
            guard !isDisputed else { throw MalformedRecord("date_offset is missing") }
            return ClockOffset(ahead: ahead)
        }
        return ClockOffset(ahead: ahead, isDisputed ? .disputed(date: date) : .overruled(date: date))
    }
    mutating func setBackIfAny() throws(MalformedRecord) -> ClockSetBack? {
        try optional("set_back") { (value) throws(MalformedRecord) in
            var fields = try Fields(value)
            let setBack = ClockSetBack(
                from: try fields.time("from"), to: try fields.time("to"), entry: try fields.number("entry"))
            try fields.finish()
            return setBack
        }
    }
    /// A flag that is stored only where it is set.
    mutating func flag(_ key: String) throws(MalformedRecord) -> Bool {
        switch consume(key) {
        case nil: return false
        case .flag(true)?: return true
        default: throw MalformedRecord("\(key) is not true")
        }
    }
    mutating func texts(_ key: String) throws(MalformedRecord) -> [String] {
        var texts: [String] = []
        for value in try list(key) { texts.append(try Fields.text(value, key)) }
        return texts
    }
    /// A list that is stored only where it holds something.
    mutating func list(_ key: String) throws(MalformedRecord) -> [JSONValue] {
        switch consume(key) {
        case nil: return []
        case .list(let elements)?: return elements
        default: throw MalformedRecord("\(key) is no list")
        }
    }
    mutating func idIfAny(_ key: String) throws(MalformedRecord) -> ExecutionID? {
        try textIfAny(key).map { ExecutionID($0) }
    }
    mutating func id(_ key: String) throws(MalformedRecord) -> ExecutionID { ExecutionID(try text(key)) }
    mutating func word<T: RawRepresentable<String>>(_ key: String, _ type: T.Type = T.self) throws(MalformedRecord) -> T
    {
        let text = try text(key)
        guard let word = T(rawValue: text) else { throw MalformedRecord("\(key) is '\(text)'") }
        return word
    }
    mutating func wordIfAny<T: RawRepresentable<String>>(
        _ key: String, _ type: T.Type = T.self
    ) throws(MalformedRecord) -> T? {
        guard let text = try textIfAny(key) else { return nil }
        guard let word = T(rawValue: text) else { throw MalformedRecord("\(key) is '\(text)'") }
        return word
    }
    mutating func object(_ key: String) throws(MalformedRecord) -> Fields { try Fields(try value(key)) }

    private static func text(_ value: JSONValue, _ key: String) throws(MalformedRecord) -> String {
        guard case .text(let text) = value else { throw MalformedRecord("\(key) is no text") }
        return text
    }
}

/// Members of an object that is to be stored. What is nil, false or empty is left out, so that there is one way to write
/// each value.
struct Members {
    private(set) var all: JSONObject

    init(_ all: JSONObject = [:]) { self.all = all }

    var value: JSONValue { .object(all) }

    mutating func set(_ key: String, _ text: String?) { if let text { all[key] = .text(text) } }
    mutating func set(_ key: String, _ number: Int64?) { if let number { all[key] = .integer(number) } }
    mutating func set(_ key: String, _ number: Int?) { set(key, number.map(Int64.init)) }
    mutating func set(_ key: String, _ time: (some Moment)?) { set(key, time?.milliseconds) }
    mutating func set(_ key: String, _ period: Period?) { set(key, period?.milliseconds) }
    mutating func set(_ offset: ClockOffset) {
        set("clock_offset", offset.ahead)
        set("date_offset", offset.unbelievedDate)
        set("clock_disputed", offset.isDisputed)
    }
    mutating func set(_ setBack: ClockSetBack?) {
        guard let setBack else { return }
        var members = Members()
        members.set("from", setBack.from)
        members.set("to", setBack.to)
        members.set("entry", setBack.entry)
        set("set_back", value: members.value)
    }
    mutating func set(_ key: String, _ id: ExecutionID?) { set(key, id?.text) }
    mutating func set(_ key: String, _ id: WorkflowID?) { set(key, id?.text) }
    mutating func set(_ key: String, _ flag: Bool) { if flag { all[key] = .flag(true) } }
    mutating func set(_ key: String, _ word: (some RawRepresentable<String>)?) { set(key, word?.rawValue) }
    mutating func set(_ key: String, _ texts: some Sequence<String>) { set(key, texts.map { JSONValue.text($0) }) }
    mutating func set(_ key: String, _ list: [JSONValue]) { if !list.isEmpty { all[key] = .list(list) } }
    mutating func set(_ key: String, value: JSONValue?) { if let value { all[key] = value } }
}
