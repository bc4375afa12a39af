import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowText

/// What a reading of the files changes of what is in force, and what of it only a person may let through: pure.
struct ReloadChange: Sendable {
    /// What is in force from now on.
    let next: Workspace
    /// What stays as it was until a person has let it go.
    let losses: [Loosening]
    /// What the files say, as text: a word of a person is about that.
    let contents: String
    /// What the files say otherwise and only a restart takes in.
    private let needsRestart: [RestartSetting]
    private let changesPolicies: Bool

    /// Something that people are told.
    struct Remark: Sendable, Hashable {
        var level: AgentEvent.Level
        var name: String
        var message: String

        init(_ level: AgentEvent.Level, _ name: String, _ message: String) {
            self.level = level
            self.name = name
            self.message = message
        }
    }

    /// A reading of the files behind what is in force; `isMeant` where a person has let all of it through.
    init(_ read: Workspace, after present: Workspace, isMeant: Bool) {
        losses = isMeant ? [] : present.loosenings(to: read)
        next = present.taking(read, keeping: losses)
        contents = Hex.text(read.meaning)
        needsRestart = next.fixedDifferences(from: read)
        changesPolicies = !next.hasSamePolicies(as: present)
    }

    /// What is put on record of it.
    func record(why: FilesReloaded.Reason, lowered: Set<String>) -> Reload {
        Reload(
            workspace: next, why: why, held: losses.compactMap(\.gonePolicy), waiting: losses.map(\.recorded),
            contents: contents, needsRestart: needsRestart, changesPolicies: changesPolicies, lowered: lowered)
    }

    /// Whether instances come, go or change with it.
    func changesInstances(of replaced: Workspace) -> Bool {
        replaced.configuration.instancesFrom != nil
            && replaced.configuration.instances != next.configuration.instances
    }
}

// What people are told of it.
extension ReloadChange {
    /// All of it, once it has replaced what was in force.
    func remarks(after replaced: Workspace) -> [Remark] {
        [policies] + losses.map(remark(of:)) + needsRestart.map(restart(for:)) + modes(after: replaced)
            + (changesInstances(of: replaced) ? instances(after: replaced) : [])
    }

    private var policies: Remark {
        let enforced = next.policies.filter { $0.mode == .enforce }.map(\.name)
        let (count, held) = (next.policies.count, losses.count { $0.gonePolicy != nil })
        return Remark(
            .info, "policies.reloaded",
            "\(count.words("policy is", "policies are")) in force, \(held) of them held; in mode enforce: "
                + (enforced.isEmpty ? "none" : enforced.joined(separator: ", ")))
    }

    private func remark(of loss: Loosening) -> Remark {
        Remark(
            .error, loss.gonePolicy == nil ? "reload.waits" : "policy.lost",
            "\(loss.words); \(loss.meanwhile); `mendflow reload --confirm` lets it go")
    }

    private func restart(for what: RestartSetting) -> Remark {
        let then =
            what == .ledger ? "\(LedgerChange.danger): \(LedgerChange.remedy)" : "it needs a restart"
        return Remark(.warning, "restart.needed", "\(what) in \(next.path) changed; \(then)")
    }

    private func modes(after replaced: Workspace) -> [Remark] {
        let old = replaced.modes
        return next.modes.sorted { $0.key < $1.key }.compactMap { name, mode in
            guard let former = old[name], former != mode else { return nil }
            let words = mode < former ? "nothing more is sent, and what was sent is followed to its end" : "it may act"
            return Remark(.warning, "mode.changed", "'\(name)' is in \(mode.rawValue) now: \(words)")
        }
    }

    private func instances(after replaced: Workspace) -> [Remark] {
        func named(_ all: Workspace) -> [String: Configuration.Instance] {
            Dictionary(all.configuration.instances.map { ($0.name, $0.ofLoop) }) { first, _ in first }
        }
        let (old, new) = (named(replaced), named(next))
        let added = new.keys.sorted().filter { old[$0] == nil }
        let changed = new.keys.sorted().filter { name in old[name].map { $0 != new[name] } ?? false }
        let removed = old.keys.sorted().filter { new[$0] == nil }
        return added.map { Remark(.info, "instance.added", "'\($0)' is there") }
            + changed.map { Remark(.info, "instance.changed", "'\($0)' changed: its loop begins anew") }
            + removed.map {
                Remark(
                    .warning, "instance.removed", "'\($0)' is gone: nothing is looked at or done there any more")
            }
    }
}
