public import MendflowCore
import MendflowText
public import MendflowYAML

/// A file that policies are read from.
public struct PolicyFile: Sendable {
    /// The name in findings and places.
    public var name: String
    /// What it holds.
    public var bytes: [UInt8]

    /// Makes a file.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// What policies are checked against besides themselves.
public struct PolicyOptions: Sendable {
    /// An instance that policies can name, and its ceilings.
    public struct Instance: Sendable {
        /// The name.
        public var name: String
        /// The ceilings.
        public var limits: InstanceLimits
        /// Makes an instance.
        public init(name: String, limits: InstanceLimits) {
            self.name = name
            self.limits = limits
        }
    }
    /// Finds time zones.
    public var zones: ZoneLookup
    /// The present, for exceptions that have ended; nil leaves that check out. No server is asked when files are checked, so
    /// n8n's clock is taken to be ours.
    public var now: ServerTime?
    /// The instances of the configuration; nil where there is none, and names and ceilings are not checked.
    public var instances: [Instance]?
    /// The configuration's `look_back`; nil where there is none.
    public var lookBack: Period?
    /// The configuration's file, for findings that are mended there.
    public var configurationFile: String
    /// Whether the text is that of a replay's policy, which only the program writes.
    public var isOfReplay = false

    /// Makes options; without `zones` only UTC is known.
    public init(
        zones: @escaping ZoneLookup = { $0 == "UTC" ? .utc : nil }, now: ServerTime? = nil,
        instances: [Instance]? = nil, lookBack: Period? = nil, configurationFile: String = "mendflow.yaml"
    ) {
        self.zones = zones
        self.now = now
        self.instances = instances
        self.lookBack = lookBack
        self.configurationFile = configurationFile
    }
}

/// What loading policy files gave: the policies, and what is wrong with them.
public struct LoadedPolicies: Sendable {
    /// The policies without errors, by file and position; incomplete where there are errors, and not to be used then.
    public var policies: [Policy]
    /// The problems by file and place.
    public var findings: [Finding]

    /// Whether the policies cannot be used. All files are used or none: if a broken policy were left out, the chains
    /// that it owns would go to a lower one.
    public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

/// Reads policy files.
public struct PolicyLoader: Sendable {
    private let options: PolicyOptions

    /// Makes a loader.
    public init(_ options: PolicyOptions = PolicyOptions()) { self.options = options }

    /// Reads the policies of some files; never fails otherwise than by findings. `version` is left empty.
    public func load(_ files: [PolicyFile]) -> LoadedPolicies {
        var policies: [Policy] = []
        var findings: [Finding] = []
        var named: [Named] = []
        for file in files.sorted(by: { $0.name < $1.name }) {
            let reading = YAMLReader.read(bytes: file.bytes, file: file.name)
            let report = Report(file: file.name)
            if let root = reading.root {
                policies += load(root, SourceText(bytes: file.bytes), report, &named)
            } else if !reading.hasErrors {
                report.error("no-policies", "the file is empty; it needs a list `policies:`", at: nil)
            }
            findings += SecretMask.hiding(reading.findings + report.findings, of: file.bytes, reading)
        }
        findings += PolicyNames.check(named)
        // What is told of pairs is true whatever else there is, so that an error elsewhere holds none of it back.
        let names = Dictionary(grouping: policies, by: \.name)
        findings += PolicyPairs.check(policies.filter { names[$0.name]?.count == 1 }, now: options.now)
        return LoadedPolicies(policies: policies, findings: Finding.inOrder(findings))
    }

    private func load(
        _ root: YAMLNode, _ source: SourceText, _ report: Report, _ named: inout [Named]
    ) -> [Policy] {
        let shape = MapShape(what: "a policy file", keys: ["policies"], required: ["policies"])
        guard let map = MapReader(root, shape, report), let list = map["policies"] else { return [] }
        var policies: [Policy] = []
        _ = report.list(list, "`policies`") { node -> Bool? in
            for (key, isFormer) in [("name", false), ("renamed_from", true)] {
                guard let name = node[key]?.string, let range = node[key]?.range else { continue }
                // A policy that was renamed from itself is reported by its parser.
                if isFormer, name == node["name"]?.string { continue }
                named.append(Named(name: name, isFormer: isFormer, file: report.file, range: range))
            }
            let alone = Report(file: report.file)
            let policy = PolicyParser(report: alone, options: options).parse(
                node, text: PolicyText.of(node, in: source))
            report.append(alone)
            if let policy { policies.append(policy) }
            return policy == nil ? nil : true
        }
        return policies
    }
}

/// A name that a policy has or had.
struct Named {
    var name: String
    var isFormer: Bool
    var file: String
    var range: SourceRange
}

/// Checks that names are used once: they are part of the ledger's keys.
enum PolicyNames {
    static func check(_ named: [Named]) -> [Finding] {
        var first: [String: Named] = [:]
        var findings: [Finding] = []
        for item in named.filter({ !$0.isFormer }) + named.filter(\.isFormer) {
            guard let earlier = first[item.name] else {
                first[item.name] = item
                continue
            }
            let start = earlier.range.start
            let message =
                item.isFormer
                ? "a policy named \(item.name.inBackticks) exists still, or was renamed twice"
                : "another policy is named \(item.name.inBackticks)"
            findings.append(
                Finding(
                    .error, "duplicate-name", message, file: item.file, range: item.range,
                    notes: [Finding.Note("it stands at \(earlier.file):\(start.line):\(start.column)")]))
        }
        return findings
    }
}

/// The source text of a policy.
enum PolicyText {
    /// The item's text as it stands in the file, followed by the text of everything that aliases bring in from
    /// elsewhere. The policy's version is the hash of this text, so it must change with everything that the policy
    /// says.
    static func of(_ node: YAMLNode, in source: SourceText) -> String {
        var ranges = [node.range]
        collect(node, into: &ranges)
        return ranges.map(source.text).joined(separator: "\n")
    }

    private static func collect(_ node: YAMLNode, into ranges: inout [SourceRange]) {
        if !ranges.contains(where: { $0.start <= node.range.start && node.range.end <= $0.end }) {
            ranges.append(node.range)
        }
        for item in node.items ?? [] { collect(item, into: &ranges) }
        for entry in node.entries ?? [] { collect(entry.value, into: &ranges) }
    }
}
