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
