public import MendflowCore
public import MendflowEnvironment
private import Synchronization

/// Files in memory, which tests write and remove while a host runs.
public final class MemoryFiles: FileSystem {
    private let files: Mutex<[String: [UInt8]]>
    private let holds = Mutex<[String: WeakHold]>([:])
    /// The folder that relative paths start from.
    public let workingFolder = "/"

    /// Makes files of texts, by their absolute paths.
    public init(_ files: [String: String]) { self.files = Mutex(files.mapValues { Array($0.utf8) }) }

    /// Writes a file, or removes it (nil).
    public func write(_ path: String, _ text: String?) { files.withLock { $0[path] = text.map { Array($0.utf8) } } }

    /// The bytes of a file of at most `limit` bytes.
    public func read(_ path: String, limit: Int) -> Result<[UInt8], FileFault> {
        guard let bytes = files.withLock({ $0[path] }) else {
            return .failure(FileFault("\(path): No such file or directory", isMissing: true))
        }
        return bytes.count <= limit
            ? .success(bytes) : .failure(FileFault("\(path): larger than \(limit) bytes, which is the limit"))
    }

    /// Hands over the lines of a file until `use` answers false.
    public func eachLine(of path: String, limit: Int, _ use: ([UInt8]) -> Bool) throws(FileFault) {
        for line in try read(path, limit: .max).get().split(separator: 0x0A) where !use(Array(line)) { return }
    }

    /// Opens a file to be read from its beginning to its end.
    public func reader(of path: String) throws(FileFault) -> any FileReader {
        BytesReader(try read(path, limit: .max).get())
    }

    /// How many bytes a file has.
    public func size(of path: String) -> Int? { files.withLock { $0[path]?.count } }

    /// Makes a file; false where there is one already.
    public func create(_ path: String, _ text: String) throws(FileFault) -> Bool {
        files.withLock { files in
            guard files[path]?.isEmpty ?? true else { return false }
            files[path] = Array(text.utf8)
            return true
        }
    }

    /// Writes a text behind what a file holds.
    public func append(_ path: String, _ text: String) throws(FileFault) {
        files.withLock { $0[path, default: []] += Array(text.utf8) }
    }

    /// Writes a file in the place of one that may be there.
    public func replace(_ path: String, _ text: String) throws(FileFault) { write(path, text) }

    /// Writes a file in the place of one that may be there, piece by piece.
    public func replace(_ path: String, pieces next: () -> [UInt8]?) throws(FileFault) {
        var bytes: [UInt8] = []
        while let piece = next() { bytes += piece }
        files.withLock { $0[path] = bytes }
    }

    /// Cuts a file to its first bytes.
    public func cut(_ path: String, to size: Int) throws(FileFault) {
        files.withLock { files in if let bytes = files[path] { files[path] = Array(bytes.prefix(size)) } }
    }

    /// Holds a file, as long as what is answered lives.
    public func hold(_ path: String) throws(FileFault) -> (any FileHold)? {
        files.withLock { files in if files[path] == nil { files[path] = [] } }
        return holds.withLock { holds in
            guard holds[path]?.hold == nil else { return nil }
            let hold = MemoryHold()
            holds[path] = WeakHold(hold: hold)
            return hold
        }
    }

    /// Folders need not be made here.
    public func makeFolder(_ path: String) throws(FileFault) {}

    /// Whether a file stands at a path, or below it.
    public func exists(_ path: String) -> Bool { files.withLock { $0[path] != nil } || isFolder(path) }

    /// Whether a file stands below a path.
    public func isFolder(_ path: String) -> Bool { !names(inFolder: path).isEmpty }

    /// The names in a folder, sorted.
    public func names(inFolder path: String) -> [String] {
        let folder = path.hasSuffix("/") ? path : path + "/"
        let names = files.withLock { $0.keys.filter { $0.hasPrefix(folder) } }
            .compactMap { $0.dropFirst(folder.count).split(separator: "/").first.map(String.init) }
        return Set(names).sorted()
    }

    /// Nobody keeps the times.
    public func writtenAt(_ path: String) -> AgentTime? { nil }

    /// Nobody else is there.
    public func exposure(_ path: String) -> String? { nil }
}

/// Nobody else holds a file in memory, as long as this lives.
private final class MemoryHold: FileHold {}

private struct WeakHold: Sendable {
    weak var hold: MemoryHold?
}
