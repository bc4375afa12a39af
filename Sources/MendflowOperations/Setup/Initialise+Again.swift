import MendflowCore
import MendflowEnvironment
import MendflowPolicy
import MendflowText
import MendflowWorkspace

// A second run whose address or key is another one: that of the first was perhaps misspelt.
extension Initialise {
    /// Writes the configuration anew where it is as `init` made it, its address or where its key stands is not what is asked for,
    /// and no ledger was made by it; false where it stays.
    static func correct(
        _ request: Request, _ path: String, _ files: any FileSystem
    ) throws(FileFault) -> Bool {
        guard case .success(let bytes) = files.read(path, limit: Workspace.fileLimit),
            let configuration = ConfigurationLoader().load(bytes: bytes, file: path).configuration,
            let instance = configuration.instances.first,
            instance.url != (try? ServerURL(request.url)) || !request.names(instance.key),
            !PostgresAddress.isMeant(by: configuration.ledger),
            !files.exists(FilePath.of(configuration.ledger, besideFile: path)),
            texts(configuration, instance, request).contains(where: { Array($0.utf8) == bytes })
        else { return false }
        try files.replace(path, StarterFiles.configuration(request))
        return true
    }

    /// What `init` writes for what a configuration says, whether its ledger was named or not.
    private static func texts(
        _ configuration: Configuration, _ instance: Configuration.Instance, _ request: Request
    ) -> [String] {
        var made = Request(
            folder: request.folder, name: instance.name, url: instance.address, keyVariable: nil, keyFile: nil,
            since: nil)
        switch instance.key {
        case .environment(let name): made.keyVariable = name
        case .file(let file): made.keyFile = file
        }
        return [nil, configuration.ledger].map { ledger in
            made.ledger = ledger
            return StarterFiles.configuration(made)
        }
    }
}

extension Initialise.Request {
    /// Whether it says that the key stands there.
    func names(_ key: Configuration.Secret) -> Bool {
        switch (keyVariable, key) {
        case (let name?, .environment(let other)): name == other
        case (nil, .file(let other)): other == keyFile ?? "n8n.key"
        default: false
        }
    }
}
