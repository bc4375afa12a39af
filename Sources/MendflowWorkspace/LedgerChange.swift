/// What is told where the files name another ledger than the agent works on: who restarts it as for any other setting has it forget
/// what it sent.
public enum LedgerChange {
    /// Why a restart alone is not what is to be done.
    public static let danger = "an agent that is restarted works on the other one, and forgets what was sent"
    /// What to do instead.
    public static let remedy =
        "stop it and take its ledger over (`mendflow ledger copy`, or move the file), or name the former one again"
}
