/// What the doctor found of one instance.
public struct InstanceDiagnosis: Sendable, Encodable {
    /// Its name and URL.
    public var instance: String, url: String
    /// Whether n8n answers, is n8n and takes the key.
    public var reachable = false
    /// How the API behaves (`a`, `b`, `c`), and what it can do; nil where it was not reached or is not known.
    public var era: String?, capabilities: [String: Bool] = [:]
    /// All that was looked at.
    public var checks: [Doctor.Check] = []
    /// Whether nothing is wrong.
    public var ok = true

    /// Makes one; what is wrong among the checks decides.
    public init(
        instance: String, url: String, reachable: Bool = false, era: String? = nil,
        capabilities: [String: Bool] = [:], checks: [Doctor.Check] = []
    ) {
        self.instance = instance
        self.url = url
        self.reachable = reachable
        self.era = era
        self.capabilities = capabilities
        add(checks)
    }

    mutating func add(_ more: [Doctor.Check]) {
        checks += more
        ok = !checks.contains { $0.level == .wrong }
    }
}
