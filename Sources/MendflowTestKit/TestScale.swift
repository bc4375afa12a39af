private import FoundationEssentials

/// How much of what takes long the tests do.
public enum TestScale {
    /// Whether every cell of a table and all seeds are run, as CI does, and not only those that a change needs.
    public static let isFull = ProcessInfo.processInfo.environment["MENDFLOW_TEST_ALL"] == "1"
}
