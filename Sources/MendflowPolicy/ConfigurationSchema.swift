/// The configuration's language as a JSON schema, for editors; what it cannot say the loader still checks.
public enum ConfigurationSchema {
    /// JSON Schema, draft 2020-12, indented, keys in a fixed order, with a line break at the end.
    public static func json() -> String { root.text + "\n" }

    private static let root = SchemaNode.schema(
        "Mendflow's configuration, mendflow.yaml", ConfigurationKeys.top.map { ($0.key, $0.schema) },
        required: ConfigurationKey.required(ConfigurationKeys.top),
        ofInstance + [
            ("rule", ConfigurationKey.map(ConfigurationKeys.rule)),
            ("instance", ConfigurationKey.map(ConfigurationKeys.instance)),
            ("channel", ConfigurationKey.map(ConfigurationKeys.channel)),
        ]
    ).with([("if", .required("instances_from")), ("else", .required("instances"))])

    /// What an instance refers to.
    private static var ofInstance: [(String, SchemaNode)] {
        PolicySchema.shared + [
            ("ceiling", ConfigurationKey.map(ConfigurationKeys.cap)),
            ("secret", ConfigurationKey.map(ConfigurationKeys.secret)),
        ]
    }

    /// The same for a file of one instance, in the folder that `instances_from` names.
    public static func instanceJSON() -> String { instance.text + "\n" }

    private static let instance = SchemaNode.schema(
        "One n8n server of Mendflow's configuration, in a file of its own",
        ConfigurationKeys.instance.map { ($0.key, $0.schema) },
        required: ConfigurationKey.required(ConfigurationKeys.instance), ofInstance)

    static let variable = SchemaNode.pattern(
        "^[A-Za-z_][A-Za-z0-9_]*$", "The name of an environment variable, never a secret itself.")
}
