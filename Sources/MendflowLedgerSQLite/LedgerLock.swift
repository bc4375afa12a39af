private import Glibc
public import MendflowLedger

/// The lock of the acting loop (semantics 36): at most one agent acts on a ledger. Commands do not take it.
///
/// An advisory lock on the ledger's own file, whatever name it is opened by, and one on `<ledger>.mendflow-lock`, which
/// tells who holds it. The kernel releases both when the process ends, however it ends; the lock's file stays.
public final class LedgerLock: Sendable {
    /// The path of the lock file: beside the ledger itself, not beside a symbolic link to it.
    public let path: String
    private let lock: LockedFile
    /// The ledger's own file; nil where there is none yet. Closing it would drop SQLite's locks of this process, so it stays
    /// open as long as this lock lives, which is longer than every connection.
    private let file: LockedFile?

    /// Takes the lock of a ledger's file; throws `locked`, naming the process that holds it, or `unusable`, also where
    /// something else stands in the lock file's place, which is left as it is.
    public init(ledger: String) throws(LedgerFailure) {
        path = FileIdentity.resolved(ledger) + ".mendflow-lock"
        try OpenFiles.refuseLinks(ledger)
        lock = try LockedFile(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
        let note = try LockNote(lock)
        guard try lock.take() else {
            throw .locked(note.process.isEmpty ? path : "\(path) (process \(note.process))")
        }
        file = FileIdentity.at(ledger) == nil ? nil : try LockedFile(ledger, O_RDONLY)
        if let file, try !file.take() { throw .locked("\(ledger), under this name or another one") }
        // Only a hint for people: the lock holds without it.
        lock.write(LockNote.text(getpid()))
    }
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

/// A file that is open to be locked.
private final class LockedFile: Sendable {
    private let path: String
    private let descriptor: CInt

    init(_ path: String, _ flags: CInt) throws(LedgerFailure) {
        let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            let link = "it is a symbolic link; move it away"
            throw .unusable("\(path): \(code == ELOOP ? link : LockedFile.words(of: code))")
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// What the file holds; throws where it is no file of its own, or longer.
    func text(limit: Int) throws(LedgerFailure) -> String {
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0 else { throw unusable(LockedFile.words(of: errno)) }
        guard facts.st_mode & S_IFMT == S_IFREG, facts.st_nlink <= 1, facts.st_size <= limit else {
            throw unusable("it is no lock of mendflow's, and is left as it is")
        }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe pread(descriptor, &bytes, limit, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// Takes the lock, or answers false where another one has it.
    func take() throws(LedgerFailure) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw unusable(LockedFile.words(of: errno)) }
        return false
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, bytes, bytes.count, 0)
    }

    func unusable(_ why: String) -> LedgerFailure { .unusable("\(path): \(why); move it away") }

    private static func words(of code: CInt) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
