private import Glibc

/// A lock of the kernel's on a file.
final class MachineFileHold: FileHold {
    private let descriptor: CInt

    private init(_ descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock; nil where somebody else has it.
    static func take(_ path: String) throws(FileFault) -> MachineFileHold? {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFault(path, errno) }
        let hold = MachineFileHold(descriptor)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return hold }
        guard errno == EWOULDBLOCK else { throw FileFault(path, errno) }
        return nil
    }
}
