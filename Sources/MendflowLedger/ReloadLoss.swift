/// Something that holds the agent back, and would not any more if what files say now came into force.
public struct ReloadLoss: Sendable, Hashable {
    /// What would change.
    public enum Subject: Sendable, Hashable {
        /// A policy, which is gone or holds itself back less.
        case policy(String)
        /// A protection, of an instance or (nil) of all.
        case protection(instance: String?)
        /// The limits of an instance.
        case limits(instance: String)
    }
    /// What would change.
    public var subject: Subject
    /// What would be lost, for people.
    public var words: String

    /// Makes one.
    public init(_ subject: Subject, _ words: String) {
        self.subject = subject
        self.words = words
    }

    /// Whether it is about a policy.
    public var isOfPolicy: Bool { if case .policy = subject { true } else { false } }
}
