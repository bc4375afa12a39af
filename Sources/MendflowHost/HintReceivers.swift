import MendflowAgent
import MendflowCore
import MendflowHintIntake
import MendflowPolicy
import MendflowService
import MendflowWorkspace

/// Where the hints about each instance go, and the tokens that they come with.
struct HintReceivers: Sendable {
    private let inboxes: [String: HintInbox]
    /// Where is counted what comes from nobody who is known.
    private let strangers = HintInbox()

    /// Makes an inbox for every instance that takes hints in.
    init(_ workspace: Workspace) {
        let names = workspace.configuration.instances.filter { $0.hints != nil }.map(\.name)
        inboxes = Dictionary(uniqueKeysWithValues: names.map { ($0, HintInbox()) })
    }

    /// The inbox of an instance; nil where it takes none in.
    func inbox(of instance: String) -> HintInbox? { inboxes[instance] }

    /// Where hints about instances come in, in order; what comes from nobody who is known has an empty name.
    var all: [(instance: String, inbox: HintInbox)] {
        guard !inboxes.isEmpty else { return [] }
        return inboxes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("", strangers)]
    }

    /// What takes them in; nil where nobody does.
    ///
    /// - Throws: where a token cannot be had or is too short, or two instances have one, which would tell of neither.
    func part(_ workspace: Workspace, _ log: any EventSink) throws(MendflowFailure) -> HintPart? {
        var receivers: [HintPart.Receiver] = []
        var known: [String: String] = [:]
        for instance in workspace.configuration.instances {
            guard let secret = instance.hints, let inbox = inboxes[instance.name] else { continue }
            let (source, environment) = (SecretSource(secret, besideFile: workspace.path), workspace.environment)
            let token: String
            do throws(SecretSource.Fault) { token = try source.read(environment) } catch {
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
            receivers.append(
                HintPart.Receiver(instance: instance.name, token: { try? source.read(environment) }, inbox: inbox))
        }
        return receivers.isEmpty ? nil : HintPart(receivers, strangers: strangers, clock: workspace.clock, log: log)
    }
}
