public import MendflowHTTP

/// A request as a part of the service sees it: its host was checked, it is decoded, and it is known who asks.
public struct ServiceRequest: Sendable {
    /// Who asks.
    public enum Asker: Sendable, Hashable {
        /// Anybody.
        case anonymous
        /// Whoever has the token, sent with the request or at a sign-in.
        case holder
    }
    /// The request as it came.
    public var http: HTTPRequest
    /// The parts of its path, decoded, without empty ones: `/a//b%20c/` is `a` and `b c`.
    public var path: [String]
    /// What stands behind the `?`.
    public var query: FormFields
    /// What a form sent; empty where the body is something else.
    public var form: FormFields
    /// Who asks.
    public var asker: Asker
    /// Whether this asker may see what is shown: whoever has the token, and everybody where there is none.
    public var mayRead: Bool
    /// What a form has to send as `csrf` so that what it posts is accepted; nil where nobody is signed in.
    public var csrf: String?
    /// The name that somebody gave when they signed in, for the record; nil for who is not signed in.
    public var user: String?

    /// Makes one, for tests of parts.
    public init(
        _ http: HTTPRequest, path: [String], query: FormFields = FormFields(), form: FormFields = FormFields(),
        asker: Asker = .anonymous, mayRead: Bool = true, csrf: String? = nil
    ) {
        self.http = http
        self.path = path
        self.query = query
        self.form = form
        self.asker = asker
        self.mayRead = mayRead
        self.csrf = csrf
    }

    /// Whether it only asks: GET, or HEAD, of which the answer's body is left out by who sends it.
    public var reads: Bool { http.method == .get || http.method == .head }
    /// Whether it wants something done.
    public var posts: Bool { http.method == .post }
    /// The path from the root, decoded.
    public var pathText: String { "/" + path.joined(separator: "/") }

    /// Whether a media type is named among those that the asker takes.
    public func accepts(_ type: String) -> Bool {
        (http.headers["accept"] ?? "").lowercased().split(separator: ",").contains { entry in
            entry.prefix { $0 != ";" }.filter { $0 != " " } == type
        }
    }
}

/// Names and values as forms and queries carry them, in their order; a name may stand more than once.
public struct FormFields: Sendable, Hashable {
    /// A name with its value.
    public struct Field: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value; empty where there is none.
        public var value: String
    }
    /// All of them.
    public private(set) var fields: [Field] = []

    /// None.
    public init() {}

    /// Some, by their names.
    public init(_ values: KeyValuePairs<String, String>) {
        fields = values.map { Field(name: $0.key, value: $0.value) }
    }

    /// Reads `a=1&b=x+y%21`; nil where it is no text of that kind.
    public init?(encoded text: some StringProtocol) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard fields.count < 200, let name = PercentText.decoded(parts[0], plusIsBlank: true),
                let value = PercentText.decoded(parts.count > 1 ? parts[1] : "", plusIsBlank: true)
            else { return nil }
            fields.append(Field(name: name, value: value))
        }
    }

    /// The first value of a name; nil where it is not there.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    /// All values of a name.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
}

/// Text as URLs carry it.
public enum PercentText {
    /// The text; nil where it is cut off, no UTF-8, or holds control characters other than line breaks and tabs.
    static func decoded(_ text: some StringProtocol, plusIsBlank: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        return isPlain ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// A text as a part of a path or a value of a query.
    public static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            let isPlain =
                (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (0x30...0x39).contains(byte)
                || "-._~".utf8.contains(byte)
            bytes += isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
