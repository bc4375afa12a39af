internal import MendflowCore

/// What takes secrets out of what came from outside before anything keeps it: our own by their value, others by how they
/// look and by what stands around them.
struct EvidenceScrub: Sendable {
    /// Takes them out of a text.
    let text: @Sendable (String) -> String
    /// Takes them out of a name, which policies compare: what stands around a word says nothing there.
    let name: @Sendable (String) -> String

    /// Takes out our own secrets first: what is left of one that was half taken out by its look would not be found.
    init(own: [OwnSecrets] = [], _ scrub: @escaping @Sendable (String) -> String = { SecretScrubber.scrub($0) }) {
        @Sendable func removed(_ text: String) -> String { own.reduce(text) { $1.removed(from: $0) } }
        text = { scrub(removed($0)) }
        name = { SecretScrubber.scrub(name: removed($0)) }
    }
}
