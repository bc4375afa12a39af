private import Glibc
public import MendflowCore

/// The lock of the acting loop (semantics 36): at most one agent acts on a ledger. Commands do not take it.
///
/// An advisory lock on `<ledger>.lock`, which the kernel releases when the process ends, however it ends; the file
/// stays, for to delete it would let two processes hold two files of one name.
public final class LedgerLock: Sendable {
    /// The path of the lock file.
    public let path: String
    private let descriptor: CInt

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
        let pid = Array("\(getpid())\n".utf8)
        // Only a hint for people: the lock holds without it.
        _ = ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, pid, pid.count, 0)
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func holder(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).filter { (48...57).contains($0) }, as: UTF8.self)
    }

    private static func words(of code: CInt) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
