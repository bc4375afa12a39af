public import MendflowCore

/// Small files, read and written whole.
public protocol FileSystem: Sendable {
    /// The bytes of a file of at most `limit` bytes.
    func read(_ path: String, limit: Int) -> Result<[UInt8], FileFault>
    /// Hands over the lines of a file, without their ends, until `use` answers false; none may exceed `limit` bytes.
    func eachLine(of path: String, limit: Int, _ use: ([UInt8]) -> Bool) throws(FileFault)
    /// Opens a file to be read from its beginning to its end.
    func reader(of path: String) throws(FileFault) -> any FileReader
    /// How many bytes a file has; nil where that is not known.
    func size(of path: String) -> Int?
    /// Makes a file with this text, whole or not at all; false where there is one already, which stays as it is unless it
    /// is empty: that is what an interrupted try left.
    func create(_ path: String, _ text: String) throws(FileFault) -> Bool
    /// Writes a text behind what a file holds; a file that is not there is made. Whoever dies meanwhile may leave a part of it.
    func append(_ path: String, _ text: String) throws(FileFault)
    /// Writes a file in the place of one that may be there, whole or not at all.
    func replace(_ path: String, _ text: String) throws(FileFault)
    /// The same with bytes, piece by piece until `next` answers nil; only its owner can read the file.
    func replace(_ path: String, pieces next: () -> [UInt8]?) throws(FileFault)
    /// Cuts a file to its first bytes.
    func cut(_ path: String, to size: Int) throws(FileFault)
    /// Makes a folder and those above it; those that are there stay.
    func makeFolder(_ path: String) throws(FileFault)
    /// Whether something stands at a path, and whether it is a folder.
    func exists(_ path: String) -> Bool
    /// Whether a folder stands at a path.
    func isFolder(_ path: String) -> Bool
    /// The names in a folder, sorted; empty where it cannot be read.
    func names(inFolder path: String) -> [String]
    /// When what stands at a path was written last; nil where that is not known.
    func writtenAt(_ path: String) -> AgentTime?
    /// Holds a file, which is made where there is none, so that nobody else does as long as what is answered lives; nil where
    /// somebody else holds it. Whatever ends a process, what it held is free.
    func hold(_ path: String) throws(FileFault) -> (any FileHold)?
    /// Why others can read a file, where they can.
    func exposure(_ path: String) -> String?
    /// The folder that relative paths start from.
    var workingFolder: String { get }
}

/// That nobody else holds a file, as long as this lives.
public protocol FileHold: AnyObject, Sendable {}

/// A file that cannot be read or written; the text names it and says why.
public struct FileFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path, and why.
    public var description: String
    /// Whether there is no such file.
    public var isMissing = false

    /// Makes a fault.
    public init(_ description: String, isMissing: Bool = false) {
        self.description = description
        self.isMissing = isMissing
    }
}

/// Paths of files, as texts.
public enum FilePath {
    /// The path of a name beside a file; an absolute name stands for itself.
    public static func of(_ name: String, besideFile file: String) -> String {
        guard !name.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return name }
        return file[...slash] + name
    }

    /// The path of a name in a folder.
    public static func of(_ name: String, inFolder folder: String) -> String {
        folder == "." || folder.isEmpty || name.hasPrefix("/")
            ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }
}
