/// An HTTP request method, open because servers must answer methods they do not know.
public struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    /// The method's name as it stands in the request line, upper case.
    public var name: String
    /// Makes a method of a name as it stands in the request line.
    public init(_ name: String) { self.name = name }
    /// The method's name.
    public var description: String { name }
    /// GET: reads, changes nothing.
    public static let get = HTTPMethod("GET")
    /// HEAD: GET without the body.
    public static let head = HTTPMethod("HEAD")
    /// POST: acts.
    public static let post = HTTPMethod("POST")
    /// PUT: replaces.
    public static let put = HTTPMethod("PUT")
    /// DELETE: removes.
    public static let delete = HTTPMethod("DELETE")
}

/// Header fields in the order in which they were given; names compare without regard to case.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One header field.
    public struct Field: Sendable, Hashable {
        /// The field's name as written.
        public var name: String
        /// The field's value without surrounding white space.
        public var value: String
        /// Makes a field.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
    /// The fields, in order.
    public private(set) var fields: [Field]

    /// Makes a set of header fields.
    public init(_ fields: [Field] = []) { self.fields = fields }

    /// Makes header fields from literal pairs.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field($0.0, $0.1) }
    }

    /// The value of the first field of that name; setting replaces all of them, nil removes them.
    public subscript(_ name: String) -> String? {
        get { fields.first { HTTPHeaders.same($0.name, name) }?.value }
        set {
            fields.removeAll { HTTPHeaders.same($0.name, name) }
            if let newValue { fields.append(Field(name, newValue)) }
        }
    }

    /// Adds a field at the end, even if there is one of that name already: HTTP allows a name to stand twice.
    public mutating func add(_ name: String, _ value: String) { fields.append(Field(name, value)) }

    static func same(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && one.lowercased() == other.lowercased()
    }
}

/// A request, as a client sends it and a server gets it.
public struct HTTPRequest: Sendable, Hashable {
    /// The request method.
    public var method: HTTPMethod
    /// For a client the absolute URL; for a server the target as it stood in the request line (`/path?query`).
    public var url: String
    /// The header fields.
    public var headers: HTTPHeaders
    /// The body. Nil sends none; n8n answers differently to a missing and to an empty body.
    public var body: [UInt8]?

    /// Makes a request.
    public init(_ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Status and header fields of an answer.
public struct HTTPResponseHead: Sendable, Hashable {
    /// The status code, 100 to 599.
    public var status: Int
    /// The header fields.
    public var headers: HTTPHeaders

    /// Makes an answer's head.
    public init(status: Int, headers: HTTPHeaders = [:]) {
        self.status = status
        self.headers = headers
    }

    /// The media type without its parameters, lower case (`application/json`); nil where the answer names none.
    public var mediaType: String? {
        guard let type = headers["content-type"] else { return nil }
        let bare = type.prefix { $0 != ";" }
        return String(bare.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).lowercased()
    }
}

/// A whole answer.
public struct HTTPResponse: Sendable, Hashable {
    /// Status and header fields.
    public var head: HTTPResponseHead
    /// The body, whole.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        head = HTTPResponseHead(status: status, headers: headers)
        self.body = body
    }

    /// The status code.
    public var status: Int { head.status }
}
