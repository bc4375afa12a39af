import MendflowEnvironment
import MendflowPolicy
import MendflowYAML

/// The files of instances that `instances_from` stands for: those of a folder, or the one that it names.
enum InstanceFolder {
    /// The names of the files, sorted, whether they can be read or not.
    static func fileNames(_ path: String, _ disk: any FileSystem) -> [String] {
        guard disk.isFolder(path) else { return [path] }
        return disk.names(inFolder: path).filter(isOfInstance).map { FilePath.of($0, inFolder: path) }
    }

    /// The files, with findings about those that cannot be read or are passed over; `source` says where the path was named.
    static func read(
        _ path: String, _ source: String, _ disk: any FileSystem
    ) -> (files: [InstanceFile], findings: [Finding]) {
        var (files, findings): ([InstanceFile], [Finding]) = ([], [])
        for name in fileNames(path, disk) {
            switch disk.read(name, limit: Workspace.fileLimit) {
            case .success(let bytes): files.append(InstanceFile(name: name, bytes: bytes))
            case .failure(let fault):
                let message = fault.description.replacing("\(name): ", with: "", maxReplacements: 1) + source
                findings.append(Finding(.error, "unreadable-file", message, file: name, range: nil))
            }
        }
        guard disk.isFolder(path) else { return (files, findings) }
        for name in disk.names(inFolder: path) where !isOfInstance(name) && isOfInstance(name.lowercased()) {
            let message = "this file is not read: the names of such files end in .yaml or .yml, in small letters"
            findings.append(
                Finding(.warning, "file-not-read", message, file: FilePath.of(name, inFolder: path), range: nil))
        }
        return (files, findings)
    }

    private static func isOfInstance(_ name: String) -> Bool {
        !name.hasPrefix(".") && [".yaml", ".yml"].contains { name.hasSuffix($0) }
    }
}
