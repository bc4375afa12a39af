package import MendflowEnvironment
import MendflowText
package import MendflowYAML

/// How it is told that a file or folder which somebody named cannot be read: on a command line, or in another file. All
/// commands tell it in one way, and end with one code.
package enum NamedFile {
    /// The path that was meant perhaps, with each part that is not there replaced by the nearest one that is; nil where all
    /// are there, or nothing is near one of them.
    package static func nearest(to path: String, _ files: any FileSystem) -> String? {
        guard !path.isEmpty, !files.exists(path) else { return nil }
        var found = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/").map(String.init) {
            let folder = found
            let within = { (name: String) in folder.isEmpty || folder == "/" ? folder + name : folder + "/" + name }
            if files.exists(within(part)) {
                found = within(part)
                continue
            }
            // A link that leads nowhere has a name, and is not there.
            let names = files.names(inFolder: folder.isEmpty ? "." : folder).filter { files.exists(within($0)) }
            guard let near = Spelling.nearest(to: part, among: names) else { return nil }
            found = within(near)
        }
        return files.exists(found) ? found : nil
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
