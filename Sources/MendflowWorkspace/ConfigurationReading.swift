import MendflowEnvironment
import MendflowPolicy
import MendflowYAML

/// A configuration as it was read, with the files of single instances that it names, and what is wrong with them.
struct ConfigurationReading {
    let path: String
    let loaded: LoadedConfiguration
    /// The configuration, where neither it nor a file of an instance has errors.
    let whole: Configuration?
    /// What is wrong, of the configuration and of the files of instances.
    let findings: [Finding]
    /// The texts that findings are about.
    let sources: [String: SourceText]

    /// Reads it from a file.
    init(_ path: String, _ files: any FileSystem) throws(MendflowFailure) {
        self.path = path
        let bytes = try ConfigurationReading.bytes(of: path, files)
        var instances: (files: [InstanceFile], findings: [Finding]) = ([], [])
        loaded = ConfigurationLoader().load(bytes: bytes, file: path) { folder in
            instances = InstanceFolder.read(
                FilePath.of(folder, besideFile: path), ", which `instances_from` of \(path) names", files)
            return instances.files
        }
        whole = instances.findings.contains { $0.severity == .error } ? nil : loaded.configuration
        findings = loaded.findings + instances.findings
        var sources: [String: SourceText] = [:]
        // What the loader found hides secrets by itself.
        for (name, bytes) in [(path, bytes)] + instances.files.map({ ($0.name, $0.bytes) }) {
            sources[name] = SourceText(bytes: bytes)
        }
        self.sources = sources
    }

    private static func bytes(of path: String, _ files: any FileSystem) throws(MendflowFailure) -> [UInt8] {
        switch files.read(path, limit: Workspace.fileLimit) {
        case .success(let read): return read
        case .failure(let fault):
            let hint = fault.isMissing ? "; `mendflow init` makes one, --config names another" : ""
            throw MendflowFailure(.findings, "\(fault)\(hint)")
        }
    }

    /// As much of the configuration as is needed; nil where that has errors.
    func configuration(for needs: Workspace.Needs) -> Configuration? {
        if let whole { return whole }
        return switch needs {
        case .everything: nil
        case .question, .configuration: loaded.partial
        case .ledger: loaded.legible
        }
    }

    /// The files of single instances that have errors.
    var broken: [String] {
        Set(findings.filter { $0.severity == .error && $0.file != path }.map(\.file)).sorted()
    }

    /// The policy files that a configuration names, and what is wrong with their being there.
    func policyFiles(
        of configuration: Configuration, _ system: any FileSystem
    ) -> (files: [PolicyFile], findings: [Finding]) {
        var (files, findings): ([PolicyFile], [Finding]) = ([], [])
        for (number, entry) in configuration.policies.enumerated() {
            let place = loaded.policyPlaces.indices.contains(number) ? loaded.policyPlaces[number] : nil
            let read = PolicyFolder.read(
                FilePath.of(entry, besideFile: path), PolicyFolder.Naming(file: path, place: place, words: entry),
                mayBeEmpty: true, system)
            files += read.files
            findings += read.findings
        }
        return (files, findings)
    }
}
