// The simulator has JSON and dates of its own, though the program has both: it judges what the agent did, and a judge
// that reads and writes with the agent's code would share the agent's mistakes.

/// The simulator's own types are nested here, so that a test which also imports the agent can tell them apart.
typealias JSON = Simulator.JSON

extension Simulator {
    /// A JSON value; objects keep the order in which their fields were given.
    public enum JSON: Sendable {
        /// `null`.
        case null
        /// `true` or `false`.
        case bool(Bool)
        /// A number without fraction or exponent that fits.
        case int(Int64)
        /// Any other number.
        case double(Double)
        /// A string.
        case string(String)
        /// An array.
        case array([JSON])
        /// An object.
        case object(Object)

        /// Fields in the order given; a name stands once.
        public struct Object: Sendable {
            /// The fields in order.
            public private(set) var fields: [(key: String, value: JSON)]
            /// Where each field stands, once there are more than a few: a request may bring any number.
            private var places: [String: Int] = [:]
            /// So many fields are looked through one by one.
            private static let few = 24

            /// Makes an object of fields whose names differ.
            public init(_ fields: [(key: String, value: JSON)] = []) {
                self.fields = fields
                index()
            }

            /// The value of a field; setting nil removes it, setting a new name adds it at the end.
            public subscript(key: String) -> JSON? {
                get { place(of: key).found.map { fields[$0].value } }
                set {
                    switch (place(of: key).found, newValue) {
                    case (let place?, let value?): fields[place].value = value
                    case (let place?, nil):
                        fields.remove(at: place)
                        index()
                    case (nil, let value?):
                        fields.append((key, value))
                        if places.isEmpty { index() } else { places[key] = fields.count - 1 }
                    case (nil, nil): break
                    }
                }
            }

            /// Where a field stands, and how many fields were looked at to know it.
            func place(of key: String) -> (found: Int?, steps: Int) {
                guard places.isEmpty else { return (places[key], 1) }
                let found = fields.firstIndex { $0.key == key }
                return (found, found.map { $0 + 1 } ?? fields.count)
            }

            private mutating func index() {
                places = [:]
                guard fields.count > Object.few else { return }
                for (place, field) in fields.enumerated() { places[field.key] = place }
            }
        }
    }
}

extension Simulator.JSON {
    /// A field of an object; nil on anything else and where it is absent. Setting works on objects only.
    public subscript(key: String) -> Simulator.JSON? {
        get { object?[key] }
        set {
            guard case .object(var object) = self else { return }
            self = .null  // gives up the storage, so that the change is made in place
            object[key] = newValue
            self = .object(object)
        }
    }

    /// An element of an array; nil on anything else and beyond its end.
    public subscript(index: Int) -> Simulator.JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text of a string; nil on anything else.
    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The value of a whole number; nil on anything else.
    public var integer: Int64? {
        guard case .int(let value) = self else { return nil }
        return value
    }

    /// The value of `true` or `false`; nil on anything else.
    public var flag: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    /// The elements of an array; nil on anything else.
    public var elements: [Simulator.JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The object itself; nil on anything else.
    public var object: Object? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// True for `null`.
    public var isNull: Bool {
        guard case .null = self else { return false }
        return true
    }

    /// What the validator calls the value's type in its messages.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension Simulator.JSON: Equatable {
    /// Objects are equal whatever the order of their fields.
    public static func == (one: Self, other: Self) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.int(let one), .int(let other)): one == other
        case (.double(let one), .double(let other)): one == other
        case (.string(let one), .string(let other)): one == other
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)):
            one.fields.count == other.fields.count && one.fields.allSatisfy { other[$0.key] == $0.value }
        default: false
        }
    }
}

extension Simulator.JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByFloatLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// An array.
    public init(arrayLiteral elements: Simulator.JSON...) { self = .array(elements) }
    /// An object, in the order written.
    public init(dictionaryLiteral elements: (String, Simulator.JSON)...) {
        self = .object(Object(elements.map { (key: $0.0, value: $0.1) }))
    }

    /// A string, or `null` for nil.
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    /// A time in milliseconds as n8n writes it, or `null` for nil.
    init(time: Int64?) { self = time.map { .string(timestamp($0)) } ?? .null }
}
