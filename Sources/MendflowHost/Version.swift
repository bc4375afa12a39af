/// The program's version, as `--version` says it and records of its start keep it.
public enum Version {
    /// Major, minor and patch.
    public static let text = "0.1.0"
}
