private import Glibc
public import MendflowCore
public import MendflowLedger

/// The lock of the acting loop (semantics 36): at most one agent acts on a ledger. Commands do not take it.
///
/// An advisory lock on the ledger's own file, whatever name it is opened by, and one on `<ledger>.mendflow-lock`, which
/// tells who holds it. The kernel releases both when the process ends, however it ends; the lock's file stays.
public final class LedgerLock: LedgerHold {
    /// The path of the lock file: beside the ledger itself, not beside a symbolic link to it.
    public let path: String
    private let lock: LockedFile
    /// The ledger's own file; nil where there is none yet. Closing it would drop SQLite's locks of this process, so it stays
    /// open as long as this lock lives, which is longer than every connection.
    private let file: LockedFile?
    private let sends: SendMarksFile

    /// Takes the lock of a ledger's file; throws `locked`, naming the process that holds it, or `unusable`, also where
    /// something else stands in the lock file's place, which is left as it is.
    public init(ledger: String) throws(LedgerFailure) {
        path = FileIdentity.resolved(ledger) + ".mendflow-lock"
        try OpenFiles.refuseLinks(ledger)
        lock = try LockedFile(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
        let note = try LockNote(lock)
        guard try lock.acquire() else {
            throw .locked(note.process.isEmpty ? path : "\(path) (process \(note.process))")
        }
        file = FileIdentity.at(ledger) == nil ? nil : try LockedFile(ledger, O_RDONLY)
        if let file, try !file.acquire() { throw .locked("\(ledger), under this name or another one") }
        sends = SendMarksFile(ledger: FileIdentity.resolved(ledger))
        // Only a hint for people: the lock holds without it.
        _ = lock.replace(LockNote.text(getpid()))
    }

    /// Whether an agent holds a ledger; nil where that cannot be told. The lock is asked for in a way that gets in nobody's way
    /// but for a moment, which `init` waits for.
    public static func isHeld(ledger: String) -> Bool? {
        let path = FileIdentity.resolved(ledger) + ".mendflow-lock"
        guard FileIdentity.at(path) != nil else { return false }
        return try? !LockedFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).isFree()
    }

    /// The record with which the agent that holds a ledger began, or the one that held it last since the machine was started;
    /// nil where nothing tells.
    public static func begun(ledger: String) -> AuditHead? {
        SendMarksFile(ledger: FileIdentity.resolved(ledger)).marks?.start
    }

    /// The marks beside the ledger.
    public var marks: SendMarks? { sends.marks }

    /// Begins marks of this process's own.
    public func beginMarks(at head: AuditHead) throws(LedgerFailure) { try sends.begin(at: head) }

    /// Marks that the connection for an intent's request is about to be opened.
    public func mark(_ intent: IntentID) throws(LedgerFailure) { try sends.mark(intent) }
}

/// What stands in a lock file: which process holds it.
private struct LockNote {
    /// The process's number, as text; empty where none was written down.
    var process: String
    private static let words = "mendflow, process "

    static func text(_ process: pid_t) -> String { "\(words)\(process)\n" }

    /// Reads what is there; a file of anything else is somebody's, and nothing is written over it.
    init(_ file: LockedFile) throws(LedgerFailure) {
        let text = try file.text(limit: 64)
        let number = text.dropFirst(LockNote.words.count).dropLast()
        let isNote = text.hasPrefix(LockNote.words) && text.hasSuffix("\n") && number.utf8.allSatisfy(LockNote.isDigit)
        guard text.isEmpty || isNote else { throw file.unusable("it is no lock of mendflow's, and is left as it is") }
        process = String(number)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
