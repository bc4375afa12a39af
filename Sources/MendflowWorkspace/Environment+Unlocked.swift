import MendflowEnvironment
import MendflowLedger
import MendflowPolicy

extension Environment {
    /// The same environment, where the ledger opens by the password that a configuration names.
    func unlocked(_ configuration: Configuration, besideFile path: String) -> Environment {
        guard let secret = configuration.ledgerPassword else { return self }
        let (source, base) = (SecretSource(secret, besideFile: path), self)
        var environment = self
        environment.ledgers = ledgers.unlocked(
            by: LedgerPassword("\(source)") { () throws(LedgerFailure) in
                do throws(SecretSource.Fault) { return try source.read(base) } catch {
                    throw .unusable("the password of the ledger: \(error)")
                }
            })
        return environment
    }
}
