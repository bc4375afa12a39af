import MendflowEnvironment

extension Workspace {
    /// The same workspace for another person: what is ordered with it is on record as theirs.
    public func signed(by user: String) -> Workspace {
        var environment = environment
        environment.user = user
        return with(environment)
    }
}
