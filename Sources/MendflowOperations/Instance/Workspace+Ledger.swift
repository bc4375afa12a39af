import MendflowCore
package import MendflowLedgerSQLite
package import MendflowWorkspace

extension Workspace {
    /// Opens the ledger to write.
    package func openLedger(create: Bool = false) throws(MendflowFailure) -> sending SQLiteLedger {
        do throws(LedgerFailure) { return try SQLiteLedger.open(path: ledgerPath, create: create) } catch {
            throw MendflowFailure(ledger: error)
        }
    }

    /// Opens the ledger to read; nil where there is none.
    package func openLedgerReading() throws(MendflowFailure) -> SQLiteLedger? {
        do throws(LedgerFailure) { return try SQLiteLedger.openReading(path: ledgerPath) } catch .missing {
            return nil
        } catch {
            throw MendflowFailure(ledger: error)
        }
    }
}
