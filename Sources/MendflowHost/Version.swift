private import CBuildStamp

/// The program's version, as `--version` says it and records of its start keep it.
public enum Version {
    /// Major, minor and patch.
    public static let number = "0.1.0"

    /// The commit and the day of what was built, such as "9db7c05 2026-11-29"; nil where it was not built as a package.
    public static let build: String? = {
        let stamp = unsafe String(cString: mendflow_build_stamp())
        return stamp.isEmpty ? nil : stamp
    }()

    /// Both, such as "0.1.0 (9db7c05 2026-11-29)".
    public static let text = build.map { "\(number) (\($0))" } ?? number
}
