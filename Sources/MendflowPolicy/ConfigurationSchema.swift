/// The configuration's language as a JSON schema, for editors; what it cannot say the loader still checks.
public enum ConfigurationSchema {
    /// JSON Schema, draft 2020-12, indented, keys in a fixed order, with a line break at the end.
    public static func json() -> String { root.text + "\n" }

    private static let root = SchemaNode.schema(
        "Mendflow's configuration, mendflow.yaml", ConfigurationKeys.top.map { ($0.key, $0.schema) },
        required: ConfigurationKey.required(ConfigurationKeys.top),
        PolicySchema.shared + [
            ("ceiling", ConfigurationKey.map(ConfigurationKeys.cap)),
            ("rule", ConfigurationKey.map(ConfigurationKeys.rule)),
            ("instance", ConfigurationKey.map(ConfigurationKeys.instance)),
            ("channel", ConfigurationKey.map(ConfigurationKeys.channel)),
            ("secret", ConfigurationKey.map(ConfigurationKeys.secret)),
        ])

    static let variable = SchemaNode.pattern(
        "^[A-Za-z_][A-Za-z0-9_]*$", "The name of an environment variable, never a secret itself.")
}
