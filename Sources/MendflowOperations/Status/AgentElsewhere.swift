import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowText
public import MendflowWorkspace

/// An agent that goes by these files and works on another ledger than they name now: it was started before that was changed.
/// What is asked or ordered by the files meanwhile does not reach it.
public struct AgentElsewhere: Sendable, Hashable {
    /// Where its ledger is, and where that of the files is.
    public var ledger: String, named: String

    /// What is so, and what to do.
    public var words: String {
        "an agent runs on another ledger (\(ledger)) than the files name now (\(named)): nothing that is ordered by them reaches it "
            + "before it is restarted, and \(named) does not know what it did: stop it and take its ledger over, or name that again"
    }

    /// What ends a command that cannot be carried out, or must not be, while it works there; `what` says what is not done.
    public func failure(_ what: String = "") -> MendflowFailure {
        MendflowFailure(.held, what.isEmpty ? words : "\(what): \(words)")
    }

    /// Where one is not looked for, for whoever has to know that none was found.
    static let unseen =
        "an agent that works on another ledger than the files name is looked for beside mendflow.yaml and beside this ledger's file only, "
        + "not in other folders, on other machines or in a database that the files named before"

    /// Looks for one among the ledgers beside the files and beside the ledger that they name; nil where there is none, or where an
    /// agent works on that one. An agent whose ledger is elsewhere still cannot be seen.
    public static func read(_ workspace: Workspace) async -> AgentElsewhere? {
        let (files, ledgers, path) = (workspace.environment.files, workspace.environment.ledgers, workspace.ledgerPath)
        guard ledgers.agent(on: path).isHeld != true else { return nil }
        let places = [workspace.path] + (workspace.isLedgerFile ? [path] : [])
        var seen: Set<String> = [path]
        for folder in places.map(folder) {
            for name in files.names(inFolder: folder) {
                let ledger = FilePath.of(name, inFolder: folder)
                guard seen.insert(ledger).inserted, ledgers.agent(on: ledger).isHeld == true,
                    await goesByFiles(ledger, workspace)
                else { continue }
                return AgentElsewhere(ledger: ledger, named: path)
            }
        }
        return nil
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether the agent on a ledger looks after the same instances, and has seen that its ledger is to be another one, or goes by
    /// what these files say.
    private static func goesByFiles(_ ledger: String, _ workspace: Workspace) async -> Bool {
        guard let store = try? await workspace.environment.ledgers.open(ledger, .read),
            let head = try? await store.load(LedgerScope(instances: [])).head.chain,
            let last = try? await LastReading.read(store, head),
            workspace.instanceNames.contains(where: { last.modes[$0] != nil })
        else { return false }
        return last.needsRestart.contains(.ledger) || last.contents == Hex.text(workspace.meaning)
    }
}
