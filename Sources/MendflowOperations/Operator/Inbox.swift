import MendflowAgent
public import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace

/// What waits for a person: requests of ours that nobody answered, and chains that are held.
public struct Inbox: Sendable {
    /// A request of ours that nobody answered.
    public struct Unresolved: Sendable {
        /// What was asked, for which policy, and what is known of it.
        public var intent: Intent
        /// Where n8n shows the execution; nil where the instance is not in the configuration any more.
        public var link: String?
    }

    /// Chains that are held for one reason.
    public struct Held: Sendable {
        /// The instance.
        public var instance: String
        /// Why.
        public var reason: Reason
        /// How many.
        public var count: Int
        /// The oldest of them, by its newest run.
        public var example: ExecutionID
        /// How many of them a policy holds by a text that it has no more: the agent judges them anew at its next look.
        public var underFormerText = 0
    }

    /// A replay that waits for a word.
    public struct Waiting: Sendable {
        /// The instance, and the replay.
        public var instance: String, replay: Replay
    }

    /// An instance whose database seems to be another one.
    public struct Alarm: Sendable {
        /// The instance.
        public var instance: String
        /// Why.
        public var reason: String
    }

    /// Instances where nothing is done until `instance adopt`.
    public var alarms: [Alarm] = []
    /// What people are asked and have not answered, oldest first.
    public var asks: [Approving.Item] = []
    /// Replays that wait for a word, each with its instance.
    public var replays: [Waiting] = []
    /// Requests that stay unanswered, oldest first; those of an earlier epoch hold nothing any more and are left out.
    public var unresolved: [Unresolved]
    /// How many more have no answer yet, and are too young to bother anybody: a child may still show up.
    public var younger: Int
    /// How many are on their way, as far as the ledger tells.
    public var underWay = 0
    /// Held chains by instance and reason, the most frequent first.
    public var held: [Held]
    /// Whether commands have to name the instance, because there are several.
    public var hasSeveralInstances = false

    /// How old an unanswered request must be to stand here (semantics 33).
    public static let age = Period.minutes(10)

    /// Reads the ledger; chains count that were judged, or belong to a request, within the look-back window.
    public static func read(
        _ workspace: Workspace
    ) async throws(MendflowFailure) -> Inbox {
        guard let ledger = try await workspace.readLedger(LedgerScope(since: workspace.ledgerStart())) else {
            throw await workspace.missingLedger()
        }
        return read(workspace, ledger)
    }

    /// The same of a ledger that was read.
    static func read(_ workspace: Workspace, _ ledger: LedgerState) -> Inbox {
        let now = workspace.clock.now()
        let former = FormerTexts(workspace.policies)
        var epochs: [String: Int] = [:]
        var alarms: [Alarm] = []
        var held: [Held] = []
        var replays: [Waiting] = []
        for instance in workspace.configuration.instances {
            guard let baseline = ledger.baseline(of: instance.name) else { continue }
            let isDry = workspace.mode(instance, asked: nil) != .enforce
            let view = ledger.view(of: baseline.instance, shadow: isDry)
            held += counts(view, instance.name, former)
            epochs[instance.name] = baseline.instance.epoch
            replays += ledger.replays(of: baseline.instance).filter { $0.isOpen && !$0.isRunning }
                .map { Waiting(instance: instance.name, replay: $0) }
            if let reason = view.alarm { alarms.append(Alarm(instance: instance.name, reason: reason)) }
        }
        let all = ledger.intents(in: [.unresolved]).filter { intent in
            epochs[intent.draft.instance.name].map { $0 == intent.draft.instance.epoch } ?? true
        }
        let open = ledger.intents(in: [.reserved, .sending]).filter { intent in
            !intent.draft.isShadow && epochs[intent.draft.instance.name] == intent.draft.instance.epoch
        }
        // One of a time that is still to come was sent while the clock was ahead.
        let old = all.filter { (now - ($0.sendingAt ?? $0.reservedAt)).magnitude >= age }
        return Inbox(
            alarms: alarms, asks: Approving.open(ledger, workspace), replays: replays,
            unresolved: old.map { item($0, workspace) },
            younger: all.count - old.count, underWay: open.count, held: held,
            hasSeveralInstances: workspace.configuration.instances.count > 1)
    }

    private static func item(_ intent: Intent, _ workspace: Workspace) -> Unresolved {
        let draft = intent.draft
        let url = workspace.configuration.instances.first { $0.name == draft.instance.name }?.address
        return Unresolved(
            intent: intent, link: url.map { ExecutionLink.text($0, draft.workflow, draft.execution) })
    }

    private static func counts(_ view: LedgerView, _ instance: String, _ former: FormerTexts) -> [Held] {
        let chains = Chains(rows: [:], view)
        var found: [Reason: [ExecutionID]] = [:], formerly: [Reason: Int] = [:]
        for (leaf, verdict) in view.verdicts {
            // What was said about a run counts as long as nobody retried it and the chain did not heal.
            guard view.children[leaf] == nil, !view.healed.contains(chains.root(of: leaf)), !view.gone.contains(leaf)
            else { continue }
            // What waits for a yes is told one by one.
            for reason in Set(verdict.parts.compactMap(\.phase.reason))
            where !reason.endsByItself && reason != .awaitingApproval {
                found[reason, default: []].append(leaf)
                let parts = verdict.parts.filter { $0.phase == .held(reason) }
                if parts.allSatisfy({ former.isFormer($0.version, of: $0.policy) }) {
                    formerly[reason, default: 0] += 1
                }
            }
        }
        return found.compactMap { reason, leaves in
            leaves.min().map {
                Held(
                    instance: instance, reason: reason, count: leaves.count, example: $0,
                    underFormerText: formerly[reason] ?? 0)
            }
        }
        .sorted { $0.count != $1.count ? $0.count > $1.count : $0.reason.rawValue < $1.reason.rawValue }
    }
}
