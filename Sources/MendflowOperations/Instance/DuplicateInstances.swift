import MendflowCore
package import MendflowLedger
import MendflowN8N
package import MendflowWorkspace

/// Two entries of the configuration that are one server would act on it twice: they are told by rows that both have
/// seen (semantics 26). That their addresses are equal is a finding of the configuration itself.
package enum DuplicateInstances {
    /// Rows that must be equal; ids and times alone may agree by chance, workflow ids do not.
    private static let enough = 3

    /// The instances that stand for the same server as an earlier one, as far as the ledger tells.
    package static func pairs(
        _ names: [String], _ ledger: LedgerState
    ) -> [(one: String, other: String)] {
        var known: [(name: String, marks: Set<InstanceBaseline.Fingerprint>)] = []
        var pairs: [(one: String, other: String)] = []
        for name in names {
            let marks = marks(of: name, ledger)
            for other in known where other.marks.intersection(marks).count >= enough {
                pairs.append((other.name, name))
            }
            known.append((name, marks))
        }
        return pairs
    }

    /// The earlier instance that stands for the same server as one of them, as far as the ledger tells: what `pairs` says of that
    /// one, without comparing all others.
    package static func twin(of name: String, among names: [String], _ ledger: LedgerState) -> String? {
        let marks = marks(of: name, ledger)
        return names.prefix { $0 != name }.first { other in
            DuplicateInstances.marks(of: other, ledger).intersection(marks).count >= enough
        }
    }

    /// Ends where two instances are one server.
    package static func refuse(_ workspace: Workspace) async throws(MendflowFailure) {
        guard workspace.instanceNames.count > 1, let ledger = try await workspace.readLedger(LedgerScope()) else {
            return
        }
        if let pair = pairs(workspace.instanceNames, ledger).first {
            throw MendflowFailure(.findings, message(pair.one, pair.other))
        }
    }

    /// Ends where a server that was just looked at is that of another instance.
    static func refuse(
        _ look: BaselineReading, as name: String, _ workspace: Workspace, _ ledger: LedgerState
    ) async throws(MendflowFailure) {
        for other in workspace.instanceNames where other != name {
            let marks = DuplicateInstances.marks(of: other, ledger)
            var equal = look.page.executions.count { marks.contains(DuplicateInstances.mark($0)) }
            let shown = Set(look.page.executions.map(\.id))
            // What the other one knows may be older than the page.
            for mark in marks.sorted(by: { $0.id > $1.id }).filter({ !shown.contains($0.id) }).prefix(enough) {
                guard equal < enough else { break }
                do throws(ReadFailure) {
                    if let row = try await look.reader.execution(mark.id), DuplicateInstances.mark(row) == mark {
                        equal += 1
                    }
                } catch { throw MendflowFailure(.unreachable, error.description) }
            }
            if equal >= enough { throw MendflowFailure(.findings, message(other, name)) }
        }
    }

    /// What two entries for one server mean, and what to do.
    package static func message(_ one: String, _ other: String) -> String {
        "instances '\(one)' and '\(other)' are the same server: at least \(enough) executions of theirs are equal in id, "
            + "workflow and start, and both would act on it; take one of them out of the configuration"
    }

    private static func mark(_ row: Execution) -> InstanceBaseline.Fingerprint {
        InstanceBaseline.Fingerprint(id: row.id, workflow: row.workflow, startedAt: row.startedAt)
    }

    private static func marks(
        of name: String, _ ledger: LedgerState
    ) -> Set<InstanceBaseline.Fingerprint> {
        guard let baseline = ledger.baseline(of: name) else { return [] }
        let later = ledger.tick(of: baseline.instance)?.fingerprints ?? []
        return Set((baseline.fingerprints + later).filter { $0.startedAt != nil })
    }
}
