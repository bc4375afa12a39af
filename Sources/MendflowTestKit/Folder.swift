internal import FoundationEssentials
public import Glibc
public import MendflowCore

/// A folder with a configuration, which goes with the test.
public final class Folder {
    /// Where it is, without a slash at its end.
    public let path = FileManager.default.temporaryDirectory.path + "/mendflow-\(UUID().uuidString)"

    /// Makes one with `mendflow.yaml` and the policies `a`, of higher priority, and `b`.
    public init() throws {
        try FileManager.default.createDirectory(atPath: path + "/policies", withIntermediateDirectories: true)
        try write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10))
        try write("policies/b.yaml", Folder.policy("b", "*"))
        try write("mendflow.yaml", Folder.configuration())
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The text of a configuration with one instance, and those that `instances` adds as lines of YAML.
    public static func configuration(mode: String = "enforce", instances: String = "") -> String {
        """
        mode: \(mode)
        policies: [policies/]
        ledger: mendflow.sqlite
        instances:
          - name: production
            url: http://127.0.0.1:1
            api_key_env: N8N_API_KEY
        \(instances)
        """
    }

    /// The text of a policy file that retries failed executions of a workflow.
    public static func policy(_ name: String, _ workflow: String, priority: Int = 0, retries: Int = 3) -> String {
        """
        policies:
          - name: \(name)
            mode: enforce
            priority: \(priority)
            match: {status: error, workflow: "\(workflow)"}
            actions: [{retry: {max_retries: \(retries), repeats: allow, backoff: {jitter: none}}}]

        """
    }

    /// Writes a file, by its path in the folder, as if that had been long ago, or at a time.
    public func write(_ name: String, _ text: String, at time: AgentTime = .noon - .hours(1)) throws {
        try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
        let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path + "/" + name)
    }

    /// Removes a file or folder.
    public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    /// Makes a folder.
    public func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    /// Copies a file.
    public func copy(_ name: String, to other: String) throws {
        try FileManager.default.copyItem(atPath: path + "/" + name, toPath: path + "/" + other)
    }

    /// Lets a symbolic link lead elsewhere, in one step, as those do it who put whole revisions of files into force.
    public func link(_ name: String, to target: String) throws {
        let fresh = path + "/" + name + ".new"
        try FileManager.default.createSymbolicLink(atPath: fresh, withDestinationPath: target)
        guard unsafe rename(fresh, path + "/" + name) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// Sets the rights of a file.
    public func mode(_ name: String, _ bits: mode_t) { _ = unsafe chmod(path + "/" + name, bits) }
}
