import MendflowCore
import MendflowYAML

/// Reads one entry of `instances`.
struct InstanceParser {
    let report: Report
    let protections: (YAMLNode) -> [Protection]

    private static let shape = MapShape(
        what: "an instance",
        keys: [
            "name", "url", "api_key_env", "api_key_file", "mode", "api_path", "headers", "ca_file", "proxy", "tags",
            "protect", "limits", "api_key",
        ], required: ["name", "url"])

    func parse(_ node: YAMLNode) -> Configuration.Instance? {
        guard let map = MapReader(node, InstanceParser.shape, report) else { return nil }
        // Without a place, for the source line that is shown with a place holds the secret.
        if let secret = map.key("api_key") {
            report.error(
                "secret-in-file",
                "line \(secret.range.start.line): `api_key` must not stand in this file: use api_key_env or api_key_file",
                at: nil)
        }
        let name = map["name"].flatMap(name)
        let url = map["url"].flatMap(url)
        let key = key(map, node)
        guard let name, let url, let key else { return nil }
        var instance = Configuration.Instance(
            name: name, url: url, key: key, mode: .enforce, apiPath: "api/v1", headers: [], caFile: nil,
            usesProxy: false, tags: [:], protections: [], limits: InstanceLimits())
        if let node = map["mode"], let mode = report.word(node, "`mode`", as: Mode.self) { instance.mode = mode }
        if let node = map["api_path"], let path = report.text(node, "`api_path`") { instance.apiPath = path }
        if let node = map["ca_file"], !node.isNull { instance.caFile = report.text(node, "`ca_file`") }
        if let node = map["proxy"], let proxy = report.word(node, "`proxy`", as: Proxy.self) {
            instance.usesProxy = proxy == .environment
        }
        if let node = map["headers"] { instance.headers = headers(node) }
        if let node = map["tags"] { instance.tags = tags(node) }
        if let node = map["protect"] { instance.protections = protections(node) }
        if let node = map["limits"] { readLimits(node, into: &instance.limits) }
        return instance
    }

    private enum Proxy: String, CaseIterable { case none, environment }

    private func name(_ node: YAMLNode) -> String? {
        guard let name = report.name(node, "`name`", longest: 60) else { return nil }
        guard name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0) })
        else {
            report.error("bad-name", "an instance's name has only a-z, 0-9, `-`, `_` and `.`", at: node.range)
            return nil
        }
        return name
    }

    private func url(_ node: YAMLNode) -> String? {
        guard var url = report.text(node, "`url`") else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            report.error(
                "bad-url", "`url` begins with https:// or http://", at: node.range,
                suggestion: url.contains("://") ? nil : "https://" + url)
            return nil
        }
        guard !url.utf8.contains(UInt8(ascii: "@")) else {
            report.error("bad-url", "`url` must not hold a user or password", at: node.range)
            return nil
        }
        guard !url.utf8.contains(UInt8(ascii: "?")), !url.utf8.contains(UInt8(ascii: "#")) else {
            report.error("bad-url", "`url` has no query and no fragment", at: node.range)
            return nil
        }
        if url.hasSuffix("/api/v1") {
            report.error(
                "bad-url", "`url` is the address without /api/v1; that is `api_path`", at: node.range,
                suggestion: String(url.dropLast(7)))
            return nil
        }
        return url
    }

    private func key(_ map: MapReader, _ node: YAMLNode) -> Configuration.Secret? {
        switch (map["api_key_env"], map["api_key_file"]) {
        case (let variable?, nil): return report.text(variable, "`api_key_env`").map { .environment($0) }
        case (nil, let file?): return report.text(file, "`api_key_file`").map { .file($0) }
        case (nil, nil):
            report.error("missing-key", "an instance needs `api_key_env` or `api_key_file`", at: node.range)
        case (_?, let file?):
            report.error("two-keys", "`api_key_env` and `api_key_file` exclude each other", at: file.range)
        }
        return nil
    }

    private func headers(_ node: YAMLNode) -> [Configuration.Header] {
        if node.entries?.isEmpty == true { return [] }
        guard let entries = node.entries else {
            report.wrongKind(node, "`headers`", wanted: "a map")
            return []
        }
        return entries.compactMap { entry in
            let shape = MapShape(what: "a header's value", keys: ["env", "file"])
            guard entry.value.entries != nil else {
                report.error(
                    "secret-in-file",
                    "line \(entry.key.range.start.line): the value of header \(quoted(entry.key.text)) is {env: NAME} or "
                        + "{file: PATH}, never the value itself", at: nil)
                return nil
            }
            guard let map = MapReader(entry.value, shape, report) else { return nil }
            if let node = map["env"], let name = report.text(node, "`env`") {
                return Configuration.Header(name: entry.key.text, value: .environment(name))
            }
            guard let node = map["file"], let path = report.text(node, "`file`") else { return nil }
            return Configuration.Header(name: entry.key.text, value: .file(path))
        }
    }

    private func tags(_ node: YAMLNode) -> [String: String] {
        if node.entries?.isEmpty == true { return [:] }
        guard let entries = node.entries else {
            report.wrongKind(node, "`tags`", wanted: "a map of names to ids")
            return [:]
        }
        var tags: [String: String] = [:]
        for entry in entries {
            tags[entry.key.text] = report.text(entry.value, "the id of tag \(quoted(entry.key.text))")
        }
        return tags
    }

    private func readLimits(_ node: YAMLNode, into limits: inout InstanceLimits) {
        let shape = MapShape(what: "`limits`", keys: ["max_in_flight", "max_actions"])
        guard let map = MapReader(node, shape, report) else { return }
        if let node = map["max_in_flight"], let most = report.whole(node, "`max_in_flight`", in: 1...100) {
            limits.maxInFlight = most
        }
        if let node = map["max_actions"], let caps = CapParser(report: report).caps(node, "`max_actions`") {
            limits.maxActions = caps
        }
    }
}

/// Reads the user's error rules and the switches of built-in ones.
struct ErrorRuleParser {
    let report: Report

    private static let shape = MapShape(
        what: "an entry of `error_classes`",
        keys: ["id", "off", "class", "status", "cause", "http_code", "name", "node_type", "matches"], required: ["id"])

    func parse(_ node: YAMLNode?) -> [ErrorRule] {
        var user: [ErrorRule] = []
        var off: Set<String> = []
        for item in node?.items ?? [] {
            guard let map = MapReader(item, ErrorRuleParser.shape, report), let idNode = map["id"],
                let id = report.name(idNode, "`id`")
            else { continue }
            if let node = map["off"] {
                guard report.flag(node, "`off`") == true else { continue }
                let known = Array(Set(ErrorRuleTable.ids)).sorted()
                if known.contains(id) {
                    off.insert(id)
                } else {
                    report.unknownWord(id, "`id`", among: known, at: idNode.range)
                }
            } else if let rule = rule(id, map, item) {
                user.append(rule)
            }
        }
        if let node, node.items == nil { report.wrongKind(node, "`error_classes`", wanted: "a list") }
        do throws(RegularExpressionError) { return user + (try BuiltInRules.compiled(off: off)) } catch {
            report.error("bad-pattern", "a built-in rule: \(error)", at: nil)
            return []
        }
    }

    private func rule(_ id: String, _ map: MapReader, _ item: YAMLNode) -> ErrorRule? {
        guard let node = map["class"], let errorClass = report.word(node, "`class`", as: ErrorClass.self) else {
            if map["class"] == nil {
                report.error("missing-key", "a rule needs `class` (or `off: true`)", at: item.range)
            }
            return nil
        }
        var rule = ErrorRule(id: id, errorClass)
        func texts(_ key: String) -> [TextMatch] {
            guard let node = map[key] else { return [] }
            return report.oneOrMore(node, "`\(key)`") { item in
                item.scalar.map { .wildcard($0.text) }
            } ?? []
        }
        rule.httpCodes = texts("http_code")
        rule.names = texts("name")
        rule.nodeTypes = texts("node_type")
        if let node = map["cause"] { rule.cause = report.text(node, "`cause`") }
        if let node = map["matches"] { rule.text = report.pattern(node, "`matches`") }
        if let node = map["status"] {
            rule.statuses = report.oneOrMore(node, "`status`") { report.word($0, "`status`", as: ExecutionStatus.self) }
                .map(Set.init)
        }
        let isEmpty =
            rule.httpCodes.isEmpty && rule.names.isEmpty && rule.nodeTypes.isEmpty && rule.cause == nil
            && rule.text == nil
        if isEmpty {
            report.error(
                "empty-rule", "rule \(quoted(id)) would match every error; name at least one part of it", at: item.range
            )
            return nil
        }
        return rule
    }
}
