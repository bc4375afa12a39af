import MendflowAgent
import MendflowCore
import MendflowEnvironment
import MendflowHintIntake
import MendflowPolicy
import MendflowService
import MendflowWorkspace
import Synchronization

/// Where the hints about each instance go, and the tokens that they come with. Where instances come and go so do these.
final class HintReceivers: Sendable {
    private let workspace: Workspace
    private struct State {
        /// Where the tokens stand of the instances that take hints in now.
        var tokens: [String: Configuration.Secret] = [:]
        /// Of these and of those that took some in once: what is counted goes on when they come back.
        var inboxes: [String: HintInbox] = [:]
    }
    private let state = Mutex(State())
    /// Where is counted what comes from nobody who is known.
    private let strangers = HintInbox()

    /// Makes an inbox for every instance that takes hints in.
    init(_ workspace: Workspace) {
        self.workspace = workspace
        know(workspace.configuration.instances)
    }

    /// Takes in which instances there are now, and whether they take hints in.
    func know(_ instances: [Configuration.Instance]) {
        state.withLock { state in
            state.tokens = [:]
            for instance in instances {
                guard let token = instance.hints else { continue }
                state.tokens[instance.name] = token
                if state.inboxes[instance.name] == nil { state.inboxes[instance.name] = HintInbox() }
            }
        }
    }

    /// The inbox of an instance; nil where it takes none in.
    func inbox(of instance: String) -> HintInbox? {
        state.withLock { $0.tokens[instance] == nil ? nil : $0.inboxes[instance] }
    }

    /// Where hints about instances come in, in order; what comes from nobody who is known has an empty name.
    var all: [(instance: String, inbox: HintInbox)] {
        let inboxes = state.withLock { $0.inboxes }
        guard !inboxes.isEmpty else { return [] }
        return inboxes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("", strangers)]
    }

    /// Whose hints are taken in now.
    private var receivers: [HintPart.Receiver] {
        state.withLock { state in
            state.tokens.sorted { $0.key < $1.key }.compactMap { name, secret in
                let (source, environment) = (SecretSource(secret, besideFile: workspace.path), workspace.environment)
                return state.inboxes[name].map { inbox in
                    HintPart.Receiver(instance: name, token: { try? source.read(environment) }, inbox: inbox)
                }
            }
        }
    }

    /// What takes them in; nil where nobody does, now and later.
    ///
    /// - Throws: where a token cannot be had or is too short, or two instances have one, which would tell of neither.
    func part(_ log: any EventSink) throws(MendflowFailure) -> HintPart? {
        var known: [String: String] = [:]
        for instance in workspace.configuration.instances {
            guard let secret = instance.hints else { continue }
            let token: String
            do throws(SecretSource.Fault) {
                token = try SecretSource(secret, besideFile: workspace.path).read(workspace.environment)
            } catch {
                throw MendflowFailure(
                    .findings, "the token of `hints` of '\(instance.name)' cannot be had: \(error.description)")
            }
            guard token.count >= Service.shortestToken else {
                let words = "has \(token.count) characters and needs \(Service.shortestToken)"
                throw MendflowFailure(
                    .findings,
                    "the token of `hints` of '\(instance.name)' \(words); `openssl rand -hex 24` makes one")
            }
            if let other = known.updateValue(instance.name, forKey: token) {
                throw MendflowFailure(
                    .findings, "`hints` of '\(other)' and '\(instance.name)' have one token: give each its own")
            }
        }
        guard !known.isEmpty || workspace.configuration.instancesFrom != nil else { return nil }
        return HintPart({ self.receivers }, strangers: strangers, clock: workspace.clock, log: log)
    }
}
