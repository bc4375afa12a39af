public import MendflowCore
public import MendflowText

/// What the doctor found of one instance.
public struct InstanceDiagnosis: Sendable {
    /// Its name.
    public var instance: String
    /// Where it is.
    public var url: ServerURL
    /// Whether n8n answers, is n8n and takes the key.
    public var isReachable: Bool
    /// Whether it is the key that keeps it from being read: n8n does not take it, or it cannot be had.
    public var isKeyRefused = false
    /// How the API behaves; nil where it was not reached.
    public var era: ServerCapabilities.Era?
    /// What the API can do, by name, as far as that is known.
    public var capabilities: [String: Bool]
    /// All that was looked at.
    public var checks: [Doctor.Check]

    /// Whether nothing is wrong.
    public var isWell: Bool { !checks.contains { $0.level == .wrong } }

    /// Makes one.
    public init(
        instance: String, url: ServerURL, isReachable: Bool = false, era: ServerCapabilities.Era? = nil,
        capabilities: [String: Bool] = [:], checks: [Doctor.Check] = []
    ) {
        self.instance = instance
        self.url = url
        self.isReachable = isReachable
        self.era = era
        self.capabilities = capabilities
        self.checks = checks
    }
}
