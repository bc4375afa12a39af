package import MendflowEnvironment
package import MendflowPolicy

/// Where a secret stands: a variable of the environment or a file. Secrets are never written into the configuration.
package enum SecretSource: Sendable, Hashable {
    case environment(String)
    case file(String)

    /// A secret that cannot be had; the text names its source, never its value.
    package struct Fault: Error, CustomStringConvertible {
        package var description: String
    }

    /// Reads it anew; the line ends at its end are cut.
    package func read(_ environment: Environment) throws(Fault) -> String {
        switch self {
        case .environment(let name):
            guard let value = environment.variables[name], !value.isEmpty else {
                throw Fault(description: "the environment variable \(name) is not set")
            }
            return SecretSource.trimmed(value)
        case .file(let path):
            let value = try SecretSource.text(path, environment.files)
            guard !value.isEmpty else { throw Fault(description: "\(path) is empty") }
            return value
        }
    }

    /// Why others can read it, where they can.
    package func exposure(_ files: any FileSystem) -> String? {
        if case .file(let path) = self { files.exposure(path) } else { nil }
    }

    private static func text(_ path: String, _ files: any FileSystem) throws(Fault) -> String {
        switch files.read(path, limit: 64 << 10) {
        case .success(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Fault(description: "\(path) is not UTF-8")
            }
            return trimmed(text)
        case .failure(let failure): throw Fault(description: failure.description)
        }
    }

    private static func trimmed(_ text: String) -> String {
        var bytes = Array(text.utf8)
        while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SecretSource {
    /// Where a secret of the configuration stands; paths are relative to the file.
    package init(_ secret: Configuration.Secret, besideFile path: String) {
        self =
            switch secret {
            case .environment(let name): .environment(name)
            case .file(let file): .file(FilePath.of(file, besideFile: path))
            }
    }
}
