import MendflowCore
import MendflowText
import MendflowYAML

/// Reads one entry of `instances`.
struct InstanceParser {
    let report: Report
    let protections: (YAMLNode) -> [Protection]

    /// The mode of an instance that names none: it lowers nothing.
    static let mode = Mode.enforce
    static let longestName = 60

    /// The instance, or nil with findings; all of its keys are looked at in either case.
    func parse(_ node: YAMLNode) -> Configuration.Instance? {
        let written = (node.entries ?? []).map(\.key).filter { SecretWords.isName($0.text) }
        // A key that is written into the file is reported by `key`, and by nothing else.
        let shape = MapShape(
            what: "an instance", keys: ConfigurationKeys.instance.map(\.key) + written.map(\.text),
            required: ConfigurationKey.required(ConfigurationKeys.instance))
        guard let map = MapReader(node, shape, report) else { return nil }
        let name = map["name"].flatMap { plainName($0) }
        let url = map["url"].flatMap(url)
        let key = key(map, written)
        let connection = connection(map)
        let mode = map["mode"].flatMap { report.word($0, "`mode`", as: Mode.self) }
        let tags = map["tags"].map(tags) ?? [:]
        let protections = map["protect"].map(protections) ?? []
        var limits = InstanceLimits()
        if let node = map["limits"] { readLimits(node, into: &limits) }
        let hints = map["hints"].flatMap(HintsParser(report: report).parse)
        guard let name, let url, let key else { return nil }
        return Configuration.Instance(
            name: name, url: url, key: key, mode: mode ?? InstanceParser.mode, apiPath: connection.apiPath,
            headers: connection.headers, caFile: connection.caFile, usesProxy: connection.usesProxy, tags: tags,
            protections: protections, limits: limits, hints: hints)
    }

    /// How the server is spoken to, beside its address and key.
    struct Connection {
        var apiPath = "api/v1"
        var headers: [Configuration.Header] = []
        var caFile: String?
        var usesProxy = false
    }

    enum Proxy: String, CaseIterable { case none, environment }

    /// The name of an instance or of a channel.
    func plainName(_ node: YAMLNode, of what: String = "an instance") -> String? {
        guard let name = report.name(node, "`name`", longest: InstanceParser.longestName) else { return nil }
        func isPlain(_ text: String) -> Bool {
            text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0) }
        }
        guard isPlain(name) else {
            let near = name.lowercased().map { $0 == " " ? "-" : String($0) }.joined()
            report.error(
                "bad-name", "\(what)'s name has only a-z, 0-9, `-`, `_` and `.`", at: node.range,
                suggestion: isPlain(near) ? near : nil)
            return nil
        }
        return name
    }

    private func key(_ map: MapReader, _ written: [YAMLKey]) -> Configuration.Secret? {
        for key in written {
            report.error(
                "secret-in-file", "an API key must not stand in this file", at: key.range,
                notes: [
                    "name the environment variable that holds it, as in api_key_env: N8N_API_KEY, or a file by api_key_file",
                    "make a new key in n8n if others could read this file",
                ])
        }
        switch (map["api_key_env"], map["api_key_file"]) {
        case (let variable?, nil): return self.variable(variable, "`api_key_env`").map { .environment($0) }
        case (nil, let file?): return report.text(file, "`api_key_file`").map { .file($0) }
        case (nil, nil):
            guard written.isEmpty, map.isMissing("api_key_env"), map.isMissing("api_key_file") else { return nil }
            report.error(
                "missing-key", "an instance needs `api_key_env` or `api_key_file`",
                at: map.key("name")?.range ?? map.node.range)
        case (_?, _?):
            report.error(
                "two-keys", "`api_key_env` and `api_key_file` exclude each other", at: map.key("api_key_file")?.range)
        }
        return nil
    }

    private func variable(_ node: YAMLNode, _ what: String) -> String? { report.variable(node, what) }

    private func connection(_ map: MapReader) -> Connection {
        var connection = Connection()
        if let node = map["api_path"], let path = report.text(node, "`api_path`") {
            if path.contains("://") || path.contains(where: "?# ".contains) || path.split(separator: "/").isEmpty {
                report.error("bad-url", "`api_path` is a path such as api/v1", at: node.range)
            }
            connection.apiPath = path
        }
        if let node = map["headers"] { connection.headers = headers(node) }
        if let node = map["ca_file"], !node.isNull { connection.caFile = report.text(node, "`ca_file`") }
        if let node = map["proxy"], let proxy = report.word(node, "`proxy`", as: Proxy.self) {
            connection.usesProxy = proxy == .environment
        }
        return connection
    }
}

extension InstanceParser {
    func headers(_ node: YAMLNode) -> [Configuration.Header] {
        if node.entries?.isEmpty == true { return [] }
        guard let entries = node.entries else {
            report.wrongKind(node, "`headers`", wanted: "a map of names to where the value stands")
            return []
        }
        var seen: Set<String> = []
        return entries.compactMap { entry in
            let name = entry.key.text
            let isToken =
                !name.isEmpty
                && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
            if !isToken { report.error("bad-header", "\(name.inBackticks) is no header's name", at: entry.key.range) }
            if !seen.insert(name.lowercased()).inserted {
                report.error("bad-header", "the header \(name.inBackticks) stands twice", at: entry.key.range)
            }
            if name.lowercased() == "x-n8n-api-key" {
                report.error(
                    "bad-header", "the API key is named by `api_key_env` or `api_key_file`, not here",
                    at: entry.key.range)
            }
            return headerValue(entry).map { Configuration.Header(name: name, value: $0) }
        }
    }

    private func headerValue(_ entry: YAMLEntry) -> Configuration.Secret? {
        guard entry.value.entries != nil else {
            report.error(
                "secret-in-file", "the value of header \(entry.key.text.inBackticks) must not stand in this file",
                at: entry.key.range, notes: ["write {env: NAME} or {file: PATH}"])
            return nil
        }
        return secret(entry.value, "a header's value")
    }

    /// Where a secret stands.
    func secret(_ node: YAMLNode, _ what: String) -> Configuration.Secret? {
        let shape = MapShape(what: what, keys: ConfigurationKeys.secret.map(\.key))
        guard let map = MapReader(node, shape, report) else { return nil }
        switch (map["env"], map["file"]) {
        case (let name?, nil): return variable(name, "`env`").map { .environment($0) }
        case (nil, let file?): return report.text(file, "`file`").map { .file($0) }
        case (_?, _?): report.error("bad-header", "`env` and `file` exclude each other", at: map.key("file")?.range)
        case (nil, nil): break
        }
        return nil
    }

    private func tags(_ node: YAMLNode) -> [String: String] {
        if node.entries?.isEmpty == true { return [:] }
        guard let entries = node.entries else {
            report.wrongKind(node, "`tags`", wanted: "a map of names to ids")
            return [:]
        }
        var tags: [String: String] = [:]
        for entry in entries {
            let length = entry.key.text.unicodeScalars.count
            if length == 0 || length > ActionParser.longestTag {
                report.error(
                    "too-long", "a tag has 1 to \(ActionParser.longestTag) characters", at: entry.key.range)
            }
            tags[entry.key.text] = report.text(entry.value, "the id of tag \(entry.key.text.inBackticks)")
        }
        return tags
    }

    private func readLimits(_ node: YAMLNode, into limits: inout InstanceLimits) {
        let shape = MapShape(what: "`limits`", keys: ConfigurationKeys.limits.map(\.key))
        guard let map = MapReader(node, shape, report) else { return }
        if let most = report.whole(map, ConfigurationKeys.maxInFlight) { limits.maxInFlight = most }
        let caps = CapParser(report: report, allowsPercent: false)
        if let node = map["max_actions"], let caps = caps.caps(node, "`max_actions`") {
            limits.maxActions = caps
        }
    }
}

extension InstanceParser {
    /// The address, or nil with a finding; none shows a password in it.
    private func url(_ node: YAMLNode) -> ServerURL? {
        guard let text = report.text(node, "`url`") else { return nil }
        do throws(ServerURL.Fault) {
            let url = try ServerURL(text)
            if url.scheme == .http, !InstanceParser.isNear(url.host) {
                report.warning(
                    "plain-http", "the API key goes over the network unencrypted", at: node.range,
                    notes: ["use https:// where the server has it"])
            }
            return url
        } catch {
            let (id, message, suggestion) = InstanceParser.words(error, of: text)
            report.error(id, message, at: node.range, suggestion: suggestion)
            return nil
        }
    }

    private static func words(
        _ fault: ServerURL.Fault, of text: String
    ) -> (id: String, message: String, suggestion: String?) {
        switch fault {
        case .scheme:
            let isBare = !text.contains("://") && !text.contains("@")
            return ("bad-url", "`url` begins with https:// or http://", isBare ? "https://" + text : nil)
        case .user: return ("secret-in-file", "`url` must not hold a user or a password", nil)
        case .query, .host, .characters:
            return ("bad-url", "`url` is https://, a host, perhaps a port and a path, without a query", nil)
        case .apiPath:
            var url = text
            while url.hasSuffix("/") { url.removeLast() }
            return (
                "bad-url", "`url` is the address without /api/v1; that is `api_path`",
                String(url.dropLast("/api/v1".count))
            )
        }
    }

    /// Whether plain HTTP is acceptable: loopback, names without a dot (as in container networks) and private
    /// addresses.
    private static func isNear(_ host: String) -> Bool {
        !host.contains(".") || ["127.", "10.", "192.168.", "172."].contains(where: host.hasPrefix)
            || [".local", ".internal", ".localhost"].contains(where: host.hasSuffix)
    }
}
