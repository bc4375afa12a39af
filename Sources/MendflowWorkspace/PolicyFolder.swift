import MendflowEnvironment
import MendflowPolicy
package import MendflowYAML

/// The policy files that a path stands for: itself, or those of a folder. What is passed over is said: a policy that
/// nobody reads looks like one that never matches.
package enum PolicyFolder {
    private static let endings = [".yaml", ".yml"]
    /// Tests of policies stand beside them, and are none.
    private static let testEndings = [".test.yaml", ".test.yml"]

    /// The names of the files, sorted, whether they can be read or not.
    static func fileNames(_ path: String, _ disk: any FileSystem) -> [String] {
        guard disk.isFolder(path) else { return [path] }
        return disk.names(inFolder: path).filter(isPolicyFile).map { FilePath.of($0, inFolder: path) }
    }

    /// Where another file names a path, and in which words.
    package struct Naming: Sendable {
        var file: String, place: SourceRange?, words: String

        /// Makes one.
        package init(file: String, place: SourceRange?, words: String) {
            (self.file, self.place, self.words) = (file, place, words)
        }
    }

    /// The files, with findings about what cannot be read or is passed over; `naming` where another file names the path. A
    /// folder that somebody names for its policies is the wrong one if it has none; of a configuration's, and of a side of
    /// `diff`, that may be meant.
    static func read(_ path: String, _ naming: Naming?, mayBeEmpty: Bool = false, _ disk: any FileSystem) -> (
        files: [PolicyFile], findings: [Finding]
    ) {
        var files: [PolicyFile] = []
        var findings: [Finding] = []
        let names = fileNames(path, disk)
        for name in names {
            switch disk.read(name, limit: Workspace.fileLimit) {
            case .success(let bytes): files.append(PolicyFile(name: name, bytes: bytes))
            case .failure(let fault):
                findings.append(unreadable(name, fault, name == path ? naming : nil, disk))
            }
        }
        guard disk.isFolder(path) else { return (files, findings) }
        findings += passedOver(path, disk)
        if names.isEmpty { findings.append(empty(path, mayBeEmpty ? nil : naming, mayBeEmpty)) }
        return (files, findings)
    }

    private static func empty(_ path: String, _ naming: Naming?, _ mayBe: Bool) -> Finding {
        let message = "there is no policy file (*.yaml, *.yml) in this folder"
        guard let naming else {
            return Finding(mayBe ? .warning : .error, "empty-policy-folder", message, file: path, range: nil)
        }
        return Finding(
            .error, "empty-policy-folder", "`policies` names `\(naming.words)`: \(message)", file: naming.file,
            range: naming.place)
    }

    /// What cannot be read stands where it was named, and otherwise under its own name.
    private static func unreadable(
        _ name: String, _ fault: FileFault, _ naming: Naming?, _ disk: any FileSystem
    ) -> Finding {
        guard let naming else { return NamedFile.finding(fault, of: name, disk) }
        return NamedFile.finding("\(fault)", of: name, namedBy: "policies", naming, disk)
    }

    private static func passedOver(_ folder: String, _ disk: any FileSystem) -> [Finding] {
        disk.names(inFolder: folder).filter { !$0.hasPrefix(".") && !isPolicyFile($0) }.compactMap { name in
            let path = FilePath.of(name, inFolder: folder)
            if disk.isFolder(path) {
                // What tests keep beside them, such as fixtures, are no policies that anybody misses.
                guard disk.names(inFolder: path).contains(where: isPolicyFile) else { return nil }
                let message =
                    "this folder is not read: policies of folders below need an entry of their own in `policies`"
                return Finding(.warning, "folder-not-read", message, file: path, range: nil)
            }
            guard isPolicyFile(name.lowercased()), !isTestFile(name) else { return nil }
            let message = "this file is not read: the names of policy files end in .yaml or .yml, in small letters"
            return Finding(.warning, "file-not-read", message, file: path, range: nil)
        }
    }

    private static func isPolicyFile(_ name: String) -> Bool {
        endings.contains { name.hasSuffix($0) } && !isTestFile(name)
    }

    /// Whether a file's name says that it holds tests.
    static func isTestFile(_ name: String) -> Bool { testEndings.contains { name.hasSuffix($0) } }

    /// The file that the tests of a file of policies stand in.
    static func testFile(of path: String) -> String {
        let ending = endings.first { path.hasSuffix($0) } ?? ""
        return path.dropLast(ending.count) + ".test.yaml"
    }

    /// The files of tests that a path stands for: itself, or those of a folder.
    static func testNames(_ path: String, _ disk: any FileSystem) -> [String] {
        guard disk.isFolder(path) else { return [path] }
        return disk.names(inFolder: path).filter(isTestFile).map { FilePath.of($0, inFolder: path) }
    }
}
