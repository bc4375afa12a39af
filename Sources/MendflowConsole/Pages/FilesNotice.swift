import MendflowHTML
import MendflowLedger
import MendflowOperations
import MendflowWorkspace

/// That the agent does not do what the files say: who looks at a page would take it for what the files say.
struct FilesNotice {
    let files: UnheededFiles

    /// The most lines of each; the commands that are named show all.
    private static let most = 10

    var html: HTMLText {
        var all: [HTMLText] = []
        if !files.errors.isEmpty {
            let what = count(files.errors.count, "error", "errors")
            all.append(
                .notice(
                    "<p><strong>The files have \(what)</strong>, so none of their changes counts; what was in force stays. <code>mendflow validate</code> shows the place.</p>\(list(files.errors))",
                    .bad))
        }
        if !files.losses.isEmpty {
            let what = count(files.losses.count, "thing", "things")
            all.append(
                .notice(
                    "<p><strong>The files would lose \(what) that the agent keeps.</strong> <code>mendflow reload --confirm</code> lets go.</p>\(list(files.losses.map(\.words)))"
                ))
        }
        return .all(all)
    }

    /// What every page says above all else: that the agent has to be restarted. Whoever waits for that to count looks anywhere.
    var banner: HTMLText {
        let others = files.needsRestart.filter { $0 != .ledger }
        var all: [HTMLText] = []
        if others.count < files.needsRestart.count {
            all.append(
                .notice(
                    "<p><strong>The files name another ledger</strong> than the agent works on: \(LedgerChange.danger). What to do: \(LedgerChange.remedy).</p>",
                    .bad))
        }
        if !others.isEmpty {
            all.append(
                .notice(
                    "<p><strong>The agent has to be restarted</strong> for \(others.map(\.description).joined(separator: ", ")) of the files to count.</p>"
                ))
        }
        return .all(all)
    }

    private func list(_ lines: [String]) -> HTMLText {
        let more = lines.count - FilesNotice.most
        let items = lines.prefix(FilesNotice.most).map { line -> HTMLText in "<li>\(line)</li>" }
        return "<ul>\(HTMLText.all(items))\(more > 0 ? "<li>and \(more) more</li>" : "")</ul>"
    }
}
