import MendflowPolicy
import MendflowYAML

/// The policy files that a path stands for: itself, or those of a folder. What is passed over is said: a policy that
/// nobody reads looks like one that never matches.
enum PolicyFolder {
    private static let endings = [".yaml", ".yml"]

    /// The names of the files, sorted, whether they can be read or not.
    static func fileNames(_ path: String) -> [String] {
        guard TextFile.isFolder(path) else { return [path] }
        return TextFile.names(inFolder: path).filter(isPolicyFile).map { TextFile.path($0, inFolder: path) }
    }

    /// The files, with findings about what cannot be read or is passed over; `source` says where an unreadable path was
    /// named, where that is not plain.
    static func read(_ path: String, _ source: String) -> (files: [PolicyFile], findings: [Finding]) {
        var files: [PolicyFile] = []
        var findings: [Finding] = []
        let names = fileNames(path)
        for name in names {
            switch TextFile.read(name, limit: Workspace.fileLimit) {
            case .success(let bytes): files.append(PolicyFile(name: name, bytes: bytes))
            case .failure(let fault):
                let words = fault.description.replacing("\(name): ", with: "", maxReplacements: 1) + source
                findings.append(Finding(.error, "unreadable-file", words, file: name, range: nil))
            }
        }
        guard TextFile.isFolder(path) else { return (files, findings) }
        findings += passedOver(path)
        if names.isEmpty {
            let words = "there is no policy file (*.yaml, *.yml) in this folder"
            findings.append(Finding(.warning, "empty-policy-folder", words, file: path, range: nil))
        }
        return (files, findings)
    }

    private static func passedOver(_ folder: String) -> [Finding] {
        TextFile.names(inFolder: folder).filter { !$0.hasPrefix(".") && !isPolicyFile($0) }.compactMap { name in
            let path = TextFile.path(name, inFolder: folder)
            if TextFile.isFolder(path) {
                let words =
                    "this folder is not read: policies of folders below need an entry of their own in `policies`"
                return Finding(.warning, "folder-not-read", words, file: path, range: nil)
            }
            guard isPolicyFile(name.lowercased()) else { return nil }
            let words = "this file is not read: the names of policy files end in .yaml or .yml, in small letters"
            return Finding(.warning, "file-not-read", words, file: path, range: nil)
        }
    }

    private static func isPolicyFile(_ name: String) -> Bool { endings.contains { name.hasSuffix($0) } }
}
