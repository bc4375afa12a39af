import MendflowPolicy

/// The JSON schemas of the two languages, for editors.
public enum Schemas {
    /// That of policy files; ends with a line break.
    public static var policies: String { PolicySchema.json() }
    /// That of `mendflow.yaml`; ends with a line break.
    public static var configuration: String { ConfigurationSchema.json() }
    /// That of a file of one instance; ends with a line break.
    public static var instance: String { ConfigurationSchema.instanceJSON() }
    /// That of files with tests of policies; ends with a line break.
    public static var tests: String { ScenarioSchema.json() }
}
