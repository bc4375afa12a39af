internal import MendflowCore

/// The configuration's language as a JSON schema, for editors; what it cannot say the loader still checks.
public enum ConfigurationSchema {
    /// JSON Schema, draft 2020-12, indented, keys in a fixed order, with a line break at the end.
    public static func json() -> String { root.text + "\n" }

    private static let root = SchemaNode.schema(
        "Mendflow's configuration, mendflow.yaml", properties, required: ConfigurationLoader.shape.required,
        PolicySchema.shared + [("rule", rule), ("instance", instance), ("secret", secret), ("protect", protect)])

    private static var properties: [(String, SchemaNode)] {
        let log = SchemaNode.map([
            ("level", .words(AgentEvent.Level.allCases.map(\.rawValue))),
            ("format", .words(ConfigurationLoader.LogShape.allCases.map(\.rawValue))),
        ])
        let known: [String: SchemaNode] = [
            "mode": .words(ConfigurationLoader.Ceiling.allCases.map(\.rawValue)),
            "policies": .oneOrMore(.type("string")), "ledger": .type("string"), "poll_interval": .ref("duration"),
            "look_back": .ref("duration"), "sweep_interval": .ref("duration"), "settling": .ref("duration"),
            "gap_budget": .whole(0, 1000),
            "protect": .ref("protect"), "error_classes": .listOrEmpty(of: .ref("rule")),
            "instances": .list(of: .ref("instance")), "log": log,
        ]
        return ConfigurationLoader.shape.keys.map { ($0, known[$0] ?? .object([])) }
    }

    private static var instance: SchemaNode {
        let limits = SchemaNode.map([("max_in_flight", .whole(1, 100)), ("max_actions", .oneOrMore(.ref("ceiling")))])
        let known: [String: SchemaNode] = [
            "name": .object([
                ("type", .text("string")), ("pattern", .text("^[a-z0-9._-]+$")),
                ("maxLength", .number(InstanceParser.longestName)),
            ]),
            "url": .pattern("^[Hh][Tt][Tt][Pp][Ss]?://[^@?#]+$", "n8n's address, without /api/v1."),
            "api_key_env": variable, "api_key_file": .type("string"), "mode": .words(Mode.allCases.map(\.rawValue)),
            "api_path": .type("string"), "headers": .mapOf(.ref("secret")), "tags": .mapOf(.type("string")),
            "ca_file": .anyOf(.type("string"), .type("null")),
            "proxy": .words(InstanceParser.Proxy.allCases.map(\.rawValue)), "protect": .ref("protect"),
            "limits": limits,
        ]
        return .map(InstanceParser.keys.map { ($0, known[$0] ?? .object([])) }, required: InstanceParser.required)
    }

    private static var rule: SchemaNode {
        let text = SchemaNode.oneOrMore(.type("string"))
        let code = SchemaNode.oneOrMore(.object([("type", .texts(["string", "integer"]))]))
        let known: [String: SchemaNode] = [
            "id": .type("string"), "off": .type("boolean"), "class": .words(ErrorClass.allCases.map(\.rawValue)),
            "status": .oneOrMore(.words(FieldCatalogue.statuses)), "cause": .type("string"),
            "http_code": code, "code": code, "name": text,
            "node_type": text, "matches": .type("string"),
        ]
        return .map(ErrorRuleParser.keys.map { ($0, known[$0] ?? .object([])) }, required: ["id"])
    }

    private static var secret: SchemaNode {
        let known: [String: SchemaNode] = ["env": variable, "file": .type("string")]
        return .map(InstanceParser.headerKeys.map { ($0, known[$0] ?? .object([])) })
    }

    private static var variable: SchemaNode {
        .pattern("^[A-Za-z_][A-Za-z0-9_]*$", "The name of an environment variable, never a secret itself.")
    }

    private static var protect: SchemaNode { .listOrEmpty(of: .ref("condition")) }
}
