/// What the files say now and the agent does not do: a change with errors, which is refused as a whole, or one that would lose
/// what holds the agent back, which a person has to confirm.
public struct UnheededFiles: Sendable, Hashable {
    /// What is wrong with the files, in words; empty where the last reading of them was good.
    public var errors: [String]
    /// What they would lose and the agent keeps, in words.
    public var losses: [String]

    /// Makes one; of nothing, where all that the files say is in force.
    public init(errors: [String] = [], losses: [String] = []) { (self.errors, self.losses) = (errors, losses) }
}

extension HostStatus.Policies {
    /// What the files say and is not in force.
    public var unheeded: UnheededFiles { UnheededFiles(errors: reloaded?.refused ?? [], losses: losses) }
}
