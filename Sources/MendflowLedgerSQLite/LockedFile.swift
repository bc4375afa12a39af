import Glibc
import MendflowLedger

/// A small file of ours beside a ledger, to be locked or to be written behind.
final class LockedFile: Sendable {
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

    /// The first line, of a file that has no size either.
    func line(limit: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe pread(descriptor, &bytes, limit, 0)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self)
    }

    /// Locks the file, or answers false where another one has it for longer than it takes to ask whether it is free.
    func acquire() throws(LedgerFailure) -> Bool {
        for _ in 0..<LockedFile.tries {
            if try takes(LOCK_EX) { return true }
            usleep(LockedFile.moment)
        }
        return try takes(LOCK_EX)
    }

    /// How often, and how many microseconds apart, a lock that is taken is asked for again.
    private static let (tries, moment): (Int, UInt32) = (3, 20_000)

    /// Whether nobody has the lock; others may ask so at the same time.
    func isFree() throws(LedgerFailure) -> Bool {
        guard try takes(LOCK_SH) else { return false }
        _ = flock(descriptor, LOCK_UN)
        return true
    }

    private func takes(_ kind: CInt) throws(LedgerFailure) -> Bool {
        if flock(descriptor, kind | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw unusable(LockedFile.words(of: errno)) }
        return false
    }

    /// Writes it anew; false where that cannot be done.
    func replace(_ text: String) -> Bool { ftruncate(descriptor, 0) == 0 && put(text, at: 0) }

    /// Writes behind what it holds; false where that cannot be done.
    func append(_ text: String) -> Bool {
        let end = lseek(descriptor, 0, SEEK_END)
        return end >= 0 && put(text, at: end)
    }

    private func put(_ text: String, at place: off_t) -> Bool {
        let bytes = Array(text.utf8)
        return unsafe pwrite(descriptor, bytes, bytes.count, place) == bytes.count
    }

    func unusable(_ why: String) -> LedgerFailure { .unusable("\(path): \(why); move it away") }

    private static func words(of code: CInt) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
