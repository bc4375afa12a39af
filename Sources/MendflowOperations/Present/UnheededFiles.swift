public import MendflowLedger

/// What the files say now and the agent does not do: a change with errors, which is refused as a whole, or one that would lose
/// what holds the agent back, which a person has to confirm, or one that counts after a restart.
public struct UnheededFiles: Sendable, Hashable {
    /// What is wrong with the files, in words; empty where the last reading of them was good.
    public var errors: [String]
    /// What they would lose and the agent keeps, in words.
    public var losses: [ReloadLoss]
    /// What they say and the agent takes in at a restart only, in words.
    public var needsRestart: [RestartSetting]

    /// Makes one; of nothing, where all that the files say is in force.
    public init(errors: [String] = [], losses: [ReloadLoss] = [], needsRestart: [RestartSetting] = []) {
        (self.errors, self.losses, self.needsRestart) = (errors, losses, needsRestart)
    }
}

extension HostStatus.Policies {
    /// What the files say and is not in force.
    public var unheeded: UnheededFiles {
        UnheededFiles(errors: reloaded?.refused ?? [], losses: losses, needsRestart: needsRestart)
    }
}
