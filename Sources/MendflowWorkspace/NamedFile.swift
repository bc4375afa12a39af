package import MendflowEnvironment
import MendflowText
package import MendflowYAML

/// How it is told that a file or folder which somebody named cannot be read: on a command line, or in another file. All commands tell
/// it in one way, and end with one code.
package enum NamedFile {
    /// The path that was meant perhaps: spelt otherwise in its first part that is not there; nil where it is there, or nothing is near.
    package static func nearest(to path: String, _ files: any FileSystem) -> String? {
        guard !path.isEmpty, !files.exists(path) else { return nil }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        if files.isFolder(folder) {
            let near = Spelling.nearest(to: name, among: files.names(inFolder: folder))
            return near.map { (slash.map { String(path[...$0]) } ?? "") + $0 }
        }
        // Where not even the folder that everything lies in is there, nothing is near.
        guard let slash, slash != path.startIndex, let better = nearest(to: folder, files) else { return nil }
        let whole = FilePath.of(name, inFolder: better)
        return files.exists(whole) ? whole : nearest(to: whole, files)
    }

    /// Why a command ends that was to read it.
    package static func failure(_ words: String, of path: String, _ files: any FileSystem) -> MendflowFailure {
        MendflowFailure(.file, words + (nearest(to: path, files).map { "; did you mean '\($0)'?" } ?? ""))
    }

    /// The same, of one that was named on the command line, as a finding: then others may be read all the same.
    package static func finding(_ fault: FileFault, of path: String, _ files: any FileSystem) -> Finding {
        Finding(
            .error, "unreadable-file", reason("\(fault)", of: path), file: path, range: nil,
            suggestion: nearest(to: path, files))
    }

    /// The same, where another file names it, as the value of `key`.
    package static func finding(
        _ words: String, of path: String, namedBy key: String, _ naming: PolicyFolder.Naming, _ files: any FileSystem
    ) -> Finding {
        let message = "`\(key)` names `\(naming.words)`, which cannot be read: \(reason(words, of: path))"
        let folder = FilePath.of("", besideFile: naming.file)
        let near = nearest(to: path, files).map { path in
            path.hasPrefix(folder) && !naming.words.hasPrefix("/") ? String(path.dropFirst(folder.count)) : path
        }
        return Finding(.error, "unreadable-file", message, file: naming.file, range: naming.place, suggestion: near)
    }

    /// What is wrong, without the name in front, which stands there already.
    private static func reason(_ words: String, of path: String) -> String {
        words.replacing("\(path): ", with: "", maxReplacements: 1)
    }
}
