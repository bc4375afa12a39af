import MendflowCore
import MendflowText
import MendflowYAML

// Where messages go.
extension NotifyParser {
    func webhook(_ node: YAMLNode) -> Configuration.Webhook? {
        let shape = MapShape(
            what: "`webhook`", keys: ConfigurationKeys.webhook.map(\.key),
            required: ConfigurationKey.required(ConfigurationKeys.webhook))
        guard let map = MapReader(node, shape, report) else { return nil }
        let url = map["url"].flatMap(address)
        let format = map["format"].flatMap { report.word($0, "`format`", as: Configuration.Webhook.Format.self) }
        let headers = map["headers"].map { parser.headers($0) } ?? []
        let ca = map["ca_file"].flatMap { report.text($0, "`ca_file`") }
        let proxy = map["proxy"].flatMap { report.word($0, "`proxy`", as: InstanceParser.Proxy.self) }
        guard let url else { return nil }
        return Configuration.Webhook(
            url: url, format: format ?? .json, headers: headers, caFile: ca, usesProxy: proxy == .environment)
    }

    private var parser: InstanceParser { InstanceParser(report: report, protections: { _ in [] }) }

    private func address(_ node: YAMLNode) -> Configuration.Text? {
        if node.entries != nil { return parser.secret(node, "`url`").map { .secret($0) } }
        guard let text = report.text(node, "`url`") else { return nil }
        if let fault = WebAddress.fault(of: text) {
            report.error(
                text.contains("@") ? "secret-in-file" : "bad-url", "`url` \(fault)", at: node.range,
                notes: ["an address that is a secret: url: {env: NAME} or {file: PATH}"])
            return nil
        }
        return .plain(text)
    }

    func command(_ node: YAMLNode) -> Configuration.Command? {
        let shape = MapShape(
            what: "`command`", keys: ConfigurationKeys.command.map(\.key),
            required: ConfigurationKey.required(ConfigurationKeys.command))
        guard let map = MapReader(node, shape, report) else { return nil }
        let timeout = report.period(map, ConfigurationKeys.timeout)
        guard let node = map["run"], let words = report.list(node, "`run`", { report.text($0, "a word of `run`") })
        else { return nil }
        var command = Configuration.Command(words: words)
        if let timeout { command.timeout = timeout }
        if words[0].contains(" "), words.count == 1 {
            report.warning(
                "one-word", "`run` is one word with blanks; no shell splits it", at: node.range,
                suggestion: "[\(words[0].split(separator: " ").joined(separator: ", "))]")
        }
        return command
    }
}

// Mail.
extension NotifyParser {
    func mail(_ node: YAMLNode) -> Configuration.Mail? {
        let shape = MapShape(
            what: "`email`", keys: ConfigurationKeys.email.map(\.key),
            required: ConfigurationKey.required(ConfigurationKeys.email))
        guard let map = MapReader(node, shape, report) else { return nil }
        let encryption =
            map["encryption"].flatMap { report.word($0, "`encryption`", as: Configuration.Mail.Encryption.self) }
            ?? .starttls
        let port = map["port"].flatMap { report.whole($0, "`port`", in: 1...65535) } ?? encryption.usualPort
        let host = map["host"].flatMap(host)
        let from = map["from"].flatMap { mailbox($0, "`from`") }
        let to = map["to"].flatMap { report.oneOrMore($0, "`to`", { mailbox($0, "an address of `to`") }) }
        let credentials = credentials(map, encryption)
        let ca = map["ca_file"].flatMap { report.text($0, "`ca_file`") }
        guard let host, let from, let to else { return nil }
        return Configuration.Mail(
            host: host, port: port, encryption: encryption, from: from, to: to, user: credentials.user,
            password: credentials.password, caFile: ca)
    }

    private func credentials(
        _ map: MapReader, _ encryption: Configuration.Mail.Encryption
    ) -> (user: Configuration.Text?, password: Configuration.Secret?) {
        var user: Configuration.Text?
        if let node = map["user"] {
            user =
                node.entries == nil
                ? report.text(node, "`user`").map { .plain($0) }
                : parser.secret(node, "`user`").map { .secret($0) }
        }
        var password: Configuration.Secret?
        if let node = map["password"] {
            if node.entries == nil {
                report.error(
                    "secret-in-file", "a password must not stand in this file", at: map.key("password")?.range,
                    notes: ["write password: {env: NAME} or {file: PATH}"])
            } else {
                password = parser.secret(node, "`password`")
            }
        }
        if (map["user"] == nil) != (map["password"] == nil) {
            report.error(
                "missing-key", "`user` and `password` go together",
                at: map.key("user")?.range ?? map.key("password")?.range)
        }
        if map["password"] != nil, encryption == .none {
            report.error(
                "plain-password", "a password is not sent without encryption", at: map.key("encryption")?.range,
                suggestion: "starttls")
        }
        return (user, password)
    }

    private func host(_ node: YAMLNode) -> String? {
        guard let text = report.name(node, "`host`", longest: 253) else { return nil }
        // One colon is a port's; an address of version 6 has more.
        let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"/@?#\"'<>\\".utf8.contains($0) }
        guard isPlain, text.utf8.count(where: { $0 == 58 }) != 1 else {
            report.error("bad-host", "`host` is a name or an address alone; `port` stands apart", at: node.range)
            return nil
        }
        return text
    }

    /// An address of mail, alone: what stands in it goes into a line of a protocol.
    private func mailbox(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = report.name(node, what, longest: 254) else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>(),;:\\\"[]".utf8.contains($0) }
        guard isPlain, parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            report.error("bad-address", "\(what) is an address such as ops@example.com", at: node.range)
            return nil
        }
        return text
    }
}

extension Configuration.Mail.Encryption {
    /// The port that servers listen on so.
    fileprivate var usualPort: Int {
        switch self {
        case .starttls: 587
        case .tls: 465
        case .none: 25
        }
    }
}

/// Addresses that messages are sent to.
public enum WebAddress {
    /// What is wrong with an address; nil where nothing is.
    public static func fault(of text: String) -> String? {
        let lower = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else {
            return "begins with https:// or http://"
        }
        let host = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        if host.contains("@") { return "must not hold a user or a password" }
        guard !host.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return "is no address" }
        return nil
    }
}
