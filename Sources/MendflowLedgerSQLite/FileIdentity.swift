private import Glibc
internal import MendflowLedger

/// Which file stands at a path.
struct FileIdentity: Sendable, Hashable {
    private var device: UInt64, node: UInt64

    /// What is at a path, behind symbolic links, with the number of its names; nil where there is nothing.
    static func at(_ path: String) -> (file: FileIdentity, names: Int)? {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { return nil }
        return (FileIdentity(device: UInt64(facts.st_dev), node: UInt64(facts.st_ino)), Int(facts.st_nlink))
    }

    /// A path without symbolic links, so that all who open one file by different names find the same files beside it. What
    /// is not there yet has its folder's.
    static func resolved(_ path: String) -> String {
        if let real = real(path) { return real }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let real = real(folder) else { return path }
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        return real == "/" ? "/\(name)" : "\(real)/\(name)"
    }

    private static func real(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}

/// The files of an open ledger. Who has a file open goes on with it, wherever its name leads meanwhile: what is written
/// there nobody reads any more, and what others write is not seen. So it is looked at again and again.
struct OpenFiles: Sendable {
    /// The file, and those beside it: SQLite keeps them as long as a connection is open.
    private let files: [(path: String, file: FileIdentity)]
    /// The name by which it was opened, and the same without symbolic links: SQLite names the files beside it by that.
    private let name: (given: String, real: String)

    /// Looks at a ledger that was just opened. `keepsLog` is false where SQLite may make the log anew: nothing is written.
    init(_ path: String, keepsLog: Bool) {
        let real = FileIdentity.resolved(path)
        name = (path, real)
        let beside = keepsLog ? [real + "-wal", real + "-shm"] : []
        files = ([path] + beside).compactMap { path in FileIdentity.at(path).map { (path, $0.file) } }
    }

    /// A second name has a log of its own beside it: who opens the ledger by it sees another state, and damages it.
    static func refuseLinks(_ path: String) throws(LedgerFailure) {
        guard let names = FileIdentity.at(path)?.names, names > 1 else { return }
        throw .unusable(
            "\(path): the file has \(names) names (hard links), and each would be a ledger of its own; remove the others"
        )
    }

    /// Makes sure that the names still lead to the files that are open.
    func confirm() throws(LedgerFailure) {
        for (path, file) in files {
            guard let found = FileIdentity.at(path) else { throw .displaced("\(path) was removed") }
            guard found.file == file else { throw .displaced("\(path) was replaced by another file") }
            guard found.names == 1 else { throw .displaced("\(path) was given a second name (a hard link)") }
        }
        // Whoever opens it by that name now writes a log of its own, which this process never sees.
        let real = FileIdentity.resolved(name.given)
        guard real == name.real else { throw .displaced("\(name.given) was moved: its name leads to \(real) now") }
    }
}
