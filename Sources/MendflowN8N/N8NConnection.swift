public import MendflowText

/// Where an n8n is and how to be let in; the key is in no text that this type makes.
public struct N8NConnection: Sendable, CustomStringConvertible, CustomReflectable {
    /// The server; its path is n8n's own (`N8N_PATH`).
    let url: ServerURL
    /// The path of the Public API below it, without slashes at its ends.
    let apiPath: String
    /// Header fields for proxies; their values are secrets.
    let extraHeaders: [(name: String, value: String)]
    let userAgent: String
    let key: KeyHolder
    let meter = LimitMeter()
    private let fields: OwnSecrets

    /// Makes a connection.
    ///
    /// - Parameters:
    ///   - url: the server.
    ///   - apiPath: the API's path below it.
    ///   - extraHeaders: fields that a proxy in front of n8n asks for.
    ///   - userAgent: must not contain `bot`: n8n answers such clients with an empty 204.
    ///   - key: gives the API key; asked at first use and again after a 401.
    /// - Throws: `N8NConnectionFault` where the API's path, a header or the user agent cannot be used.
    public init(
        url: ServerURL, apiPath: String = "api/v1", extraHeaders: [(name: String, value: String)] = [],
        userAgent: String = "mendflow", key: @escaping @Sendable () throws -> String
    ) throws(N8NConnectionFault) {
        self.url = url
        self.apiPath = apiPath.split(separator: "/").joined(separator: "/")
        guard N8NConnection.isPlain(apiPath) else {
            throw N8NConnectionFault("api_path holds characters that no path may hold; n8n's default is api/v1")
        }
        for field in extraHeaders {
            guard !field.name.isEmpty, N8NConnection.isToken(field.name), N8NConnection.isFieldValue(field.value) else {
                throw N8NConnectionFault(
                    "the extra header \(field.name.debugDescription) has a name or a value that HTTP cannot carry")
            }
        }
        guard !userAgent.lowercased().contains("bot"), N8NConnection.isFieldValue(userAgent) else {
            throw N8NConnectionFault(
                "the user agent contains 'bot' or control characters; n8n answers bots with nothing, choose another")
        }
        self.extraHeaders = extraHeaders
        self.userAgent = userAgent
        self.key = KeyHolder(key)
        fields = OwnSecrets(extraHeaders.flatMap { OwnSecrets.values(ofField: $0.value) })
    }

    /// Where it leads: origin and path.
    public var description: String { url.description }
    /// Where it leads and nothing else, so that a dump shows no secrets.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    /// The secrets that it sends.
    var own: [OwnSecrets] { [fields, key.own] }

    /// Takes secrets out of a text that came from outside, which may echo what was sent.
    func scrub(_ text: String) -> String { EvidenceScrub(own: own).text(text) }
}

/// A connection that cannot be made of what the configuration says.
public struct N8NConnectionFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to write instead; no secrets.
    public var description: String
    init(_ description: String) { self.description = description }
}

extension N8NConnection {
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E && $0 != 0x5C }
    }

    private static func isToken(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x5F
        }
    }

    static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
