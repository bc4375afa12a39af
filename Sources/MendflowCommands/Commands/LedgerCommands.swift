import MendflowCommandLine
import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowWorkspace

extension CommandContext {
    /// `ledger info`
    func ledgerInfo() async throws(MendflowFailure) -> ExitStatus {
        let info = try await LedgerUpkeep.info(try workspaceOfLedger(.ledger))
        show(LedgerInfoJSON(info), LedgerText.info(info))
        return .done
    }

    /// `ledger backup`
    func ledgerBackup() async throws(MendflowFailure) -> ExitStatus {
        let target = values[Options.copy]
        let found = try await LedgerUpkeep.backup(try workspaceOfLedger(.ledger), to: target)
        show(LedgerBackupJSON(target, found), LedgerText.backup(target, found))
        return found.isIntact ? .done : .brokenChain
    }

    /// `ledger copy`
    func ledgerCopy() async throws(MendflowFailure) -> ExitStatus {
        let (source, target) = (values[Options.source], values[Options.target])
        defer { console.progress(nil) }
        // Where there is a configuration that says where a password stands, that is the one.
        let loaded = try? Workspace.load(path: values[Options.config], environment: environment, needs: .ledger)
        let environment = loaded?.workspace?.environment ?? environment
        let outcome = try await LedgerCopy.run(environment, from: source, to: target) { [console] progress in
            switch progress {
            case .checking: console.progress("checking \(source) ...")
            case .copied(let count, let all): console.progress("copied \(count) of \(all) records ...")
            }
        }
        console.progress(nil)
        let (shown, found) = (outcome.isCopied ? target : source, outcome.found)
        show(LedgerBackupJSON(shown, found), LedgerText.backup(shown, found))
        return outcome.isCopied ? .done : .brokenChain
    }

    /// `ledger compact`
    func ledgerCompact() async throws(MendflowFailure) -> ExitStatus {
        let (before, after) = try await LedgerUpkeep.compact(try workspaceOfLedger(.ledger))
        show(
            LedgerCompactJSON(bytesBefore: before.bytes, bytes: after.bytes),
            "\(LedgerText.size(before.bytes)) before, \(LedgerText.size(after.bytes)) now")
        return .done
    }

    /// `ledger seal`
    func ledgerSeal() async throws(MendflowFailure) -> ExitStatus {
        let (age, folder) = (values[Options.sealBefore], values[Options.sealFolder])
        let isDone = values[Options.sealNow]
        let workspace = try workspace()
        let found =
            isDone
            ? try await LedgerSeal.run(workspace, olderThan: age, into: folder)
            : try await LedgerSeal.look(workspace, olderThan: age, into: folder)
        show(LedgerSealJSON(found), LedgerText.seal(found, into: folder, isDone: isDone))
        return .done
    }

    /// `ledger restore`
    func ledgerRestore() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger(.ledger)
        let copy = values[Options.copy]
        let isOnlyLooked = values[Options.checkCopy]
        let done =
            isOnlyLooked
            ? try await LedgerRestore.check(workspace, from: copy)
            : try await LedgerRestore.run(workspace, from: copy, reason: values[Options.pauseReason])
        show(
            LedgerRestoreJSON(done),
            LedgerText.restore(done, onlyLooked: isOnlyLooked, options: configurationOption))
        return .done
    }
}
