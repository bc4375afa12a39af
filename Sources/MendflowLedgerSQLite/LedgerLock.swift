private import Glibc
public import MendflowLedger

/// The lock of the acting loop (semantics 36): at most one agent acts on a ledger. Commands do not take it.
///
/// An advisory lock on the ledger's own file, whatever name it is opened by, and one on `<ledger>.lock`, which tells who
/// holds it. The kernel releases both when the process ends, however it ends; the lock's file stays.
public final class LedgerLock: Sendable {
    /// The path of the lock file.
    public let path: String
    private let descriptor: CInt
    /// The ledger's own file; -1 where there is none yet. Closing it would drop SQLite's locks of this process, so it stays
    /// open as long as this lock lives, which is longer than every connection.
    private let file: CInt

    /// Takes the lock of a ledger's file; throws `locked`, naming the process that holds it, or `unusable`.
    public init(ledger: String) throws(LedgerFailure) {
        let path = ledger + ".lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let words = LedgerLock.words(of: errno)
            throw .unusable("\(path): \(words)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = LedgerLock.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw .unusable("\(path): \(LedgerLock.words(of: code))") }
            throw .locked(holder.isEmpty ? path : "\(path) (process \(holder))")
        }
        let file = unsafe open(ledger, O_RDONLY | O_CLOEXEC)
        if file >= 0, flock(file, LOCK_EX | LOCK_NB) != 0 {
            close(file)
            close(descriptor)
            throw .locked("\(ledger), under this name or another one")
        }
        let pid = Array("\(getpid())\n".utf8)
        // Only a hint for people: the lock holds without it.
        _ = ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, pid, pid.count, 0)
        self.path = path
        self.descriptor = descriptor
        self.file = file
    }

    deinit {
        if file >= 0 { close(file) }
        close(descriptor)
    }

    private static func holder(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).filter { (48...57).contains($0) }, as: UTF8.self)
    }

    private static func words(of code: CInt) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
