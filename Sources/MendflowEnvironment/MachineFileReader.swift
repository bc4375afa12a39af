private import Glibc

/// Reads a file of the machine.
final class MachineFileReader: FileReader {
    private let path: String
    private let descriptor: CInt

    /// Opens a regular file.
    init(_ path: String) throws(FileFault) {
        // A named pipe would be waited for, perhaps for ever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFault(path, errno) }
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw facts.st_mode & S_IFMT == S_IFDIR
                ? FileFault(path, EISDIR) : FileFault("\(path): not a regular file")
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = unsafe Glibc.read(
                descriptor, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault(path, errno) }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }
}
