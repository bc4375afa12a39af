package import MendflowCore
package import MendflowLedger
package import MendflowPolicy
import MendflowYAML

extension Workspace {
    /// The policies that were in force when something was decided: those of now where they are the same, else made again
    /// from their texts in the ledger. Everything else that decisions depend on is taken from the configuration of now.
    ///
    /// - Parameters:
    ///   - list: their list, as it stands in the ledger.
    ///   - texts: texts of policies by version.
    /// - Returns: nil where a text is missing, or where this version reads other policies out of the texts.
    package func policySet(
        _ instance: Configuration.Instance, recordedAs list: EvidencePiece, texts: [String: String]
    ) -> PolicySet? {
        let present = policySet(instance)
        if present.evidence == list { return present }
        let versions = list.policyVersions
        let found = versions.compactMap { texts[$0] }
        guard found.count == versions.count else { return nil }
        let orphans = list.orphanVersions
        let files = found.enumerated().map { number, text in
            PolicyFile(name: "\(Workspace.padded(number)).yaml", bytes: Array(Workspace.file(of: text).utf8))
        }
        let (policies, findings) = Workspace.load(files, configuration, path, environment, areOfReplays: true)
        guard !findings.contains(where: { $0.severity == .error }) else { return nil }
        let set = PolicySet(
            policies: policies.map { orphans.contains($0.version) ? $0.orphaned : $0 }, instance: present.instance,
            protections: present.protections, limits: present.limits, settling: configuration.settling,
            tagIDs: present.tagIDs, tables: present.tables)
        return set.evidence == list ? set : nil
    }

    /// The same with the policies that a record names as in force, made again from their texts where the files have others; nil
    /// where this version reads another policy out of a text.
    package func with(recorded policies: [RecordedPolicy]) -> Workspace? {
        var found: [Policy] = []
        for recorded in policies {
            guard var policy = policy(recorded.text) else { return nil }
            policy.mode = recorded.mode
            found.append(recorded.isHeld ? policy.orphaned : policy)
        }
        var workspace = self
        workspace.policies = found.sorted {
            ($0.place.file, $0.place.line, $0.name) < ($1.place.file, $1.place.line, $1.name)
        }
        return workspace
    }

    /// The name that a recorded policy says it had before; nil where it says none, or cannot be read any more.
    package func formerName(in recorded: PolicyText) -> String? {
        recorded.text.contains("renamed_from") ? policy(recorded)?.renamedFrom : nil
    }

    private func policy(_ recorded: PolicyText) -> Policy? {
        if let same = policies.first(where: { $0.version == recorded.version }) { return same }
        let file = PolicyFile(name: "recorded.yaml", bytes: Array(Workspace.file(of: recorded.text).utf8))
        let (policies, findings) = Workspace.load([file], configuration, path, environment, areOfReplays: true)
        guard !findings.contains(where: { $0.severity == .error }), var policy = policies.first,
            policy.version == recorded.version
        else { return nil }
        policy.place = SourcePlace(recorded: recorded.place) ?? policy.place
        return policy
    }

    /// Files are taken in the order of their names.
    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// A policy file with one policy, whose text keeps the columns that it had where it stood.
    package static func file(of text: String) -> String {
        let later = text.split(separator: "\n").dropFirst().filter { $0.contains { $0 != " " } && $0.first != "#" }
        let column = max(2, later.map { $0.prefix { $0 == " " }.count }.min() ?? 2)
        return "policies:\n" + String(repeating: " ", count: column - 2) + "- " + text + "\n"
    }
}

/// A policy as the record of what is in force names it.
package struct RecordedPolicy: Sendable, Hashable {
    var text: PolicyText, mode: Mode, isHeld: Bool

    /// One that is in force, with its text; `isHeld`: no file has it any more, and it holds what it matches.
    package init(text: PolicyText, mode: Mode, isHeld: Bool) {
        self.text = text
        self.mode = mode
        self.isHeld = isHeld
    }
}

extension SourcePlace {
    /// The place that a record tells as `file:line:column`.
    fileprivate init?(recorded text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 2, let line = Int(parts[parts.count - 2]), let column = Int(parts[parts.count - 1]) else {
            return nil
        }
        self.init(file: parts.dropLast(2).joined(separator: ":"), line: line, column: column)
    }
}
