private import Glibc
public import MendflowCore

extension FileFault {
    init(_ path: String, _ code: CInt) {
        self.init(
            "\(path): \(unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)")",
            isMissing: code == ENOENT)
    }
}

/// The files of the machine.
public struct MachineFiles: FileSystem {
    /// Makes them.
    public init() {}

    /// The bytes of a file of at most `limit` bytes.
    public func read(_ path: String, limit: Int) -> Result<[UInt8], FileFault> {
        // A named pipe would be waited for, perhaps for ever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(FileFault(path, errno)) }
        defer { close(descriptor) }
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0 else { return .failure(FileFault(path, errno)) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            let isFolder = facts.st_mode & S_IFMT == S_IFDIR
            return .failure(isFolder ? FileFault(path, EISDIR) : FileFault("\(path): not a regular file"))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(FileFault(path, errno)) }
            guard count > 0 else { return .success(bytes) }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit else {
                return .failure(FileFault("\(path): larger than \(limit) bytes, which is the limit"))
            }
        }
    }

    /// Hands over the lines of a file, without their ends, until `use` answers false; none may exceed `limit` bytes.
    public func eachLine(of path: String, limit: Int, _ use: ([UInt8]) -> Bool) throws(FileFault) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault(path, errno) }
        defer { close(descriptor) }
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault(path, errno) }
            var rest = buffer.prefix(count)
            while let end = rest.firstIndex(of: 0x0A) {
                line += rest[..<end]
                guard use(line) else { return }
                line = []
                rest = rest[(end + 1)...]
            }
            line += rest
            guard line.count <= limit else { throw FileFault("\(path): a line is larger than \(limit) bytes") }
            guard count > 0 else {
                if !line.isEmpty { _ = use(line) }
                return
            }
        }
    }

    /// Opens a file to be read from its beginning to its end.
    public func reader(of path: String) throws(FileFault) -> any FileReader { try MachineFileReader(path) }

    /// How many bytes a file has.
    public func size(of path: String) -> Int? {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 ? Int(facts.st_size) : nil
    }

    /// When what stands at a path was written last.
    public func writtenAt(_ path: String) -> AgentTime? {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { return nil }
        return AgentTime(milliseconds: Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000)
    }

    /// Why others can read a file, where they can.
    public func exposure(_ path: String) -> String? {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0, facts.st_mode & 0o077 != 0 else { return nil }
        return "\(path) can be read by others (mode \(String(facts.st_mode & 0o777, radix: 8))); run chmod 600 \(path)"
    }

    /// Makes a file with this text, whole or not at all; false where there is one already, which stays as it is unless
    /// it is empty: that is what an interrupted try left.
    public func create(_ path: String, _ text: String) throws(FileFault) -> Bool {
        var facts = stat()
        let isThere = unsafe stat(path, &facts) == 0
        let isEmpty = isThere && facts.st_mode & S_IFMT == S_IFREG && facts.st_size == 0
        guard !isThere || isEmpty else { return false }
        let draft = "\(path).\(getpid()).new"
        _ = unsafe unlink(draft)
        var rest: [UInt8]? = Array(text.utf8)
        try write(draft, mode: 0o644) {
            defer { rest = nil }
            return rest
        }
        defer { _ = unsafe unlink(draft) }
        // A link takes no place that is taken; not every file system has links.
        if !isEmpty {
            if unsafe link(draft, path) == 0 { return true }
            if errno == EEXIST { return false }
        }
        guard unsafe rename(draft, path) == 0 else { throw FileFault(path, errno) }
        return true
    }

    /// Writes a text behind what a file holds; a file that is not there is made.
    public func append(_ path: String, _ text: String) throws(FileFault) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFault(path, errno) }
        defer { close(descriptor) }
        try write(Array(text.utf8), to: descriptor, path)
    }

    /// Writes a file in the place of one that may be there, whole or not at all. A link stays, and leads to the new file; what is
    /// no file, a device or a pipe, is written to.
    public func replace(_ path: String, _ text: String) throws(FileFault) {
        var facts = stat()
        let kind = unsafe stat(path, &facts) == 0 ? facts.st_mode & S_IFMT : 0
        guard [0, S_IFREG, S_IFDIR].contains(kind) else { return try write(Array(text.utf8), into: path) }
        var rest: [UInt8]? = Array(text.utf8)
        try replace(kind == S_IFREG ? target(of: path) : path, mode: 0o644) {
            defer { rest = nil }
            return rest
        }
    }

    /// The same with bytes, piece by piece until `next` answers nil; only its owner can read the file.
    public func replace(_ path: String, pieces next: () -> [UInt8]?) throws(FileFault) {
        try replace(path, mode: 0o600, next)
        // So that its name outlives a power failure as well.
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func write(_ bytes: [UInt8], into path: String) throws(FileFault) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault(path, errno) }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, path)
    }

    /// Where a path leads that may be a link.
    private func target(of path: String) -> String {
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    private func replace(_ path: String, mode: mode_t, _ next: () -> [UInt8]?) throws(FileFault) {
        let draft = "\(path).\(getpid()).new"
        _ = unsafe unlink(draft)
        do throws(FileFault) { try write(draft, mode: mode, next) } catch {
            throw FileFault(error.description.replacing(draft, with: path), isMissing: error.isMissing)
        }
        guard unsafe rename(draft, path) == 0 else {
            let code = errno
            _ = unsafe unlink(draft)
            throw FileFault(path, code)
        }
    }

    /// Cuts a file to its first bytes.
    public func cut(_ path: String, to size: Int) throws(FileFault) {
        guard unsafe truncate(path, size) == 0 else { throw FileFault(path, errno) }
    }

    private func write(_ path: String, mode: mode_t, _ next: () -> [UInt8]?) throws(FileFault) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileFault(path, errno) }
        defer { close(descriptor) }
        do throws(FileFault) {
            while let piece = next() { try write(piece, to: descriptor, path) }
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
        guard fsync(descriptor) == 0 else {
            let code = errno
            _ = unsafe unlink(path)
            throw FileFault(path, code)
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: CInt, _ path: String) throws(FileFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw FileFault(path, errno) }
            rest = rest.dropFirst(written)
        }
    }

    /// Makes a folder and those above it; those that are there stay.
    public func makeFolder(_ path: String) throws(FileFault) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? part : "/" + part
            if unsafe mkdir(made, 0o755) != 0, errno != EEXIST { throw FileFault(made, errno) }
        }
    }

    /// Holds a file by a lock of the kernel's on it, which ends with the process, however it ends.
    public func hold(_ path: String) throws(FileFault) -> (any FileHold)? { try MachineFileHold.take(path) }

    /// Whether something stands at a path.
    public func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The number of the user who runs the program.
    public static var userID: UInt32 { geteuid() }

    /// The name that the machine has for a user; nil where it has none.
    public static func userName(of id: UInt32) -> String? {
        var (entry, buffer) = unsafe (passwd(), [CChar](repeating: 0, count: 16_384))
        var found: UnsafeMutablePointer<passwd>?
        guard unsafe getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil,
            let name = unsafe entry.pw_name
        else { return nil }
        return unsafe String(cString: name)
    }

    /// The folder that relative paths start from.
    public var workingFolder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "." }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// Whether a folder stands at a path.
    public func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted; empty where it cannot be read.
    public func names(inFolder path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
