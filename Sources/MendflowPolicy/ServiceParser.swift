import MendflowCore
import MendflowText
import MendflowYAML

/// Reads `service`.
struct ServiceParser {
    let report: Report

    /// Where it listens unless told otherwise.
    static let listen = ListenAddress(number: 0x7F00_0001, port: 9464)

    /// The service, or nil with findings.
    func parse(_ node: YAMLNode) -> Configuration.Service? {
        let written = (node.entries ?? []).map(\.key).filter { SecretWords.isName($0.text) }
        let keys = ConfigurationKeys.service.map(\.key) + written.map(\.text)
        guard let map = MapReader(node, MapShape(what: "`service`", keys: keys), report) else { return nil }
        for key in written {
            report.error(
                "secret-in-file", "a token must not stand in this file", at: key.range,
                notes: ["name the environment variable that holds it by `token_env`, or a file by `token_file`"])
        }
        let token = token(map)
        let hosts = map["hosts"].flatMap { report.list($0, "`hosts`", host) } ?? []
        let url = map["url"].flatMap(publicAddress)
        guard let listen = map["listen"].map(address) ?? ServiceParser.listen else { return nil }
        guard listen.isLoopback || token != nil || !written.isEmpty else {
            report.error(
                "open-service", "others can reach \(listen), so `service` needs `token_env` or `token_file`",
                at: map.key("listen")?.range, notes: ["on 127.0.0.1 only this machine can ask, and a token is optional"]
            )
            return nil
        }
        return Configuration.Service(listen: listen, token: token, hosts: hosts, url: url)
    }

    func token(_ map: MapReader) -> Configuration.Secret? {
        switch (map["token_env"], map["token_file"]) {
        case (let name?, nil):
            return report.variable(name, "`token_env`", such: "MENDFLOW_TOKEN").map { .environment($0) }
        case (nil, let file?): return report.text(file, "`token_file`").map { .file($0) }
        case (_?, _?):
            report.error(
                "two-tokens", "`token_env` and `token_file` exclude each other", at: map.key("token_file")?.range)
            return nil
        case (nil, nil): return nil
        }
    }

    private func address(_ node: YAMLNode) -> ListenAddress? {
        guard let text = report.text(node, "`listen`") else { return nil }
        if let address = ListenAddress(text) { return address }
        let isPort = UInt16(text.drop { $0 == ":" }).map { $0 > 0 } ?? false
        report.error(
            "bad-listen", "`listen` is an IPv4 address of this machine and a port, such as \(ServiceParser.listen)",
            at: node.range, suggestion: isPort ? "127.0.0.1:\(text.drop { $0 == ":" })" : nil)
        return nil
    }

    /// The address under which people reach it, without a slash at its end.
    private func publicAddress(_ node: YAMLNode) -> String? {
        guard let text = report.text(node, "`url`") else { return nil }
        let isPage = text.contains("?") || text.contains("#")
        if let fault = WebAddress.fault(of: text) ?? (isPage ? "is an address alone, without `?` and `#`" : nil) {
            report.error(text.contains("@") ? "secret-in-file" : "bad-url", "`url` \(fault)", at: node.range)
            return nil
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// A name as it stands in the header `Host`, without a port.
    private func host(_ node: YAMLNode) -> String? {
        guard let text = report.text(node, "a name of `hosts`") else { return nil }
        let isName = text.utf8.allSatisfy {
            ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
        }
        guard isName else {
            report.error(
                "bad-host", "a name of `hosts` is a host's name alone, such as mendflow.example.com", at: node.range)
            return nil
        }
        return text.lowercased()
    }
}

extension ConfigurationKeys {
    /// The keys of `service`.
    static let service = [
        ConfigurationKey(
            "listen", .other("an IPv4 address and a port", .type("string")), .value("\(ServiceParser.listen)"),
            "Where it listens. Beyond 127.0.0.1 it needs a token."),
        ConfigurationKey(
            "token_env", .other("the name of an environment variable", ConfigurationSchema.variable),
            .words("no token"),
            "The variable that holds the token: at least 16 characters that nobody guesses. Without one, what is shown is shown "
                + "to everybody on this machine, and nobody can change anything."),
        ConfigurationKey(
            "token_file", .other("a path", .type("string")), .words("no token"), "The file that holds the token."),
        ConfigurationKey(
            "hosts", .other("a list of names", .list(of: .type("string"))), .words("none"),
            "Names under which it may be asked, beside addresses and `localhost`; whoever sends the token may use any."),
        ConfigurationKey(
            "url", .other("an address", .type("string")), .words("no links"),
            "The address under which people reach it, such as https://mendflow.example.com: messages that ask for an answer link "
                + "to the console there. Its name belongs into `hosts`."),
    ]
}

extension Report {
    /// The name of an environment variable; what stands there instead is not shown, for it may be the secret itself.
    func variable(_ node: YAMLNode, _ what: String, such example: String = "N8N_API_KEY") -> String? {
        guard let name = text(node, what) else { return nil }
        guard SecretMask.isVariable(name) else {
            error(
                "not-a-variable", "\(what) is the name of an environment variable, such as \(example)", at: node.range,
                notes: ["the name alone, without `$`; the key itself never stands in this file"])
            return nil
        }
        return name
    }
}
