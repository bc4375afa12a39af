private import FoundationEssentials

/// Files of this repository, named by their paths from its root.
public enum Repository {
    /// The root, with a slash at its end.
    public static let root = String(#filePath.dropLast("Sources/MendflowTestKit/Repository.swift".count))

    /// A file that cannot be read.
    public struct Missing: Error, CustomStringConvertible {
        /// Its path.
        public var description: String
    }

    /// The bytes of a file.
    public static func bytes(_ path: String) throws(Missing) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: root + path) else { throw Missing(description: path) }
        return [UInt8](data)
    }

    /// The text of a file.
    public static func text(_ path: String) throws(Missing) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The names of a folder's files with this ending, without it, sorted; empty where there is no such folder.
    public static func names(in folder: String, ending: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
        return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }

    /// The first line in which a text differs from a file, for people; nil where all is equal.
    ///
    /// With `MENDFLOW_GOLDEN=write` in the environment the file is written anew and nothing differs: read the change
    /// before committing it.
    public static func difference(of text: String, from path: String) throws -> String? {
        if ProcessInfo.processInfo.environment["MENDFLOW_GOLDEN"] == "write" {
            let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
            try text.write(toFile: root + path, atomically: true, encoding: .utf8)
        }
        let wanted = try Repository.text(path)
        guard text != wanted else { return nil }
        let lines = (
            text.split(separator: "\n", omittingEmptySubsequences: false),
            wanted.split(separator: "\n", omittingEmptySubsequences: false)
        )
        for (number, pair) in zip(lines.0, lines.1).enumerated() where pair.0 != pair.1 {
            return "\(path):\(number + 1): '\(pair.0)' instead of '\(pair.1)'"
        }
        return "\(path) has \(lines.1.count) lines, not \(lines.0.count)"
    }
}
