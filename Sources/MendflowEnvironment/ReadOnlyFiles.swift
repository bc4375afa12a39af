public import MendflowCore

/// Files that are read and never written, with some texts in memory beside them.
public struct ReadOnlyFiles: FileSystem {
    private let base: any FileSystem
    /// Texts in memory, by path.
    private var drafts: [String: [UInt8]] = [:]

    /// The folder that drafts stand in; a folder of the machine of that name is not looked into.
    public static let draftFolder = "<draft>"

    /// Makes files of others.
    public init(base: any FileSystem) { self.base = base }

    /// The same with a text in memory; answers its path too.
    public func with(draft name: String, _ bytes: [UInt8]) -> (files: ReadOnlyFiles, path: String) {
        let path = "\(ReadOnlyFiles.draftFolder)/\(name)"
        return (with(bytes, at: path), path)
    }

    /// The same with a text in memory that stands at a path.
    public func with(_ bytes: [UInt8], at path: String) -> ReadOnlyFiles {
        var files = self
        files.drafts[path] = bytes
        return files
    }

    private func refuse(_ path: String) -> FileFault { FileFault("\(path): nothing is written from here") }

    /// The bytes of a file.
    public func read(_ path: String, limit: Int) -> Result<[UInt8], FileFault> {
        guard let draft = drafts[path] else { return base.read(path, limit: limit) }
        return draft.count <= limit
            ? .success(draft) : .failure(FileFault("\(path): larger than \(limit) bytes, which is the limit"))
    }
    /// The lines of a file.
    public func eachLine(of path: String, limit: Int, _ use: ([UInt8]) -> Bool) throws(FileFault) {
        try base.eachLine(of: path, limit: limit, use)
    }
    /// Opens a file.
    public func reader(of path: String) throws(FileFault) -> any FileReader { try base.reader(of: path) }
    /// How many bytes a file has.
    public func size(of path: String) -> Int? { drafts[path]?.count ?? base.size(of: path) }
    /// Refused.
    public func create(_ path: String, _ text: String) throws(FileFault) -> Bool { throw refuse(path) }
    /// Refused.
    public func append(_ path: String, _ text: String) throws(FileFault) { throw refuse(path) }
    /// Refused.
    public func replace(_ path: String, _ text: String) throws(FileFault) { throw refuse(path) }
    /// Refused.
    public func replace(_ path: String, pieces next: () -> [UInt8]?) throws(FileFault) { throw refuse(path) }
    /// Refused.
    public func cut(_ path: String, to size: Int) throws(FileFault) { throw refuse(path) }
    /// Refused.
    public func hold(_ path: String) throws(FileFault) -> (any FileHold)? { throw refuse(path) }
    /// Refused.
    public func makeFolder(_ path: String) throws(FileFault) { throw refuse(path) }
    /// Whether something stands at a path.
    public func exists(_ path: String) -> Bool { drafts[path] != nil || isDraftFolder(path) || base.exists(path) }
    /// Whether a folder stands at a path.
    public func isFolder(_ path: String) -> Bool { isDraftFolder(path) || base.isFolder(path) }
    /// The names in a folder.
    public func names(inFolder path: String) -> [String] {
        guard isDraftFolder(path) else { return base.names(inFolder: path) }
        return drafts.keys.filter { $0.hasPrefix(path + "/") }.map { String($0.dropFirst(path.count + 1)) }.sorted()
    }
    /// When what stands at a path was written last.
    public func writtenAt(_ path: String) -> AgentTime? { base.writtenAt(path) }
    /// Why others can read a file, where they can.
    public func exposure(_ path: String) -> String? { base.exposure(path) }
    /// The folder that relative paths start from.
    public var workingFolder: String { base.workingFolder }

    private func isDraftFolder(_ path: String) -> Bool { drafts.keys.contains { $0.hasPrefix(path + "/") } }
}
