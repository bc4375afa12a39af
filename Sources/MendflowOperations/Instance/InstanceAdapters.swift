import MendflowCore
import MendflowEnvironment
import MendflowHTTP
package import MendflowN8N
package import MendflowPolicy
package import MendflowWorkspace

/// What speaks to one instance: a reader and a writer on clients of their own (semantics 30).
package struct InstanceAdapters: Sendable {
    /// What reads.
    package let reader: N8NReader
    /// What changes things.
    package let writer: N8NWriter
    let probe: ServerProbe
    /// A key file that others can read, and the like.
    package let warnings: [String]
    /// When the key ends, as it tells by itself.
    let keyExpiry: KeyExpiry

    /// Composes them; the key is read when it is first used.
    init(
        _ instance: Configuration.Instance, folder: (String) -> String, _ environment: Environment
    ) throws(MendflowFailure) {
        func source(_ secret: Configuration.Secret) -> SecretSource {
            switch secret {
            case .environment(let name): .environment(name)
            case .file(let path): .file(folder(path))
            }
        }
        let key = source(instance.key)
        do throws(SecretSource.Fault) { keyExpiry = KeyExpiry(of: try key.read(environment)) } catch {
            throw MendflowFailure(
                .findings, "the API key of instance '\(instance.name)' cannot be had: \(error.description)",
                cause: .key)
        }
        var headers: [(name: String, value: String)] = []
        for header in instance.headers {
            do throws(SecretSource.Fault) {
                headers.append((header.name, try source(header.value).read(environment)))
            } catch {
                throw MendflowFailure(.findings, "header '\(header.name)' of '\(instance.name)': \(error.description)")
            }
        }
        let connection: N8NConnection
        do throws(N8NConnectionFault) {
            connection = try N8NConnection(url: instance.url, apiPath: instance.apiPath, extraHeaders: headers) {
                try key.read(environment)
            }
        } catch {
            throw MendflowFailure(.findings, "instance '\(instance.name)': \(error.description)")
        }
        func transport(_ role: Connection.Role) -> any Transport {
            environment.connect(
                Connection(
                    role, address: instance.address, caFile: instance.caFile.map(folder),
                    usesProxy: instance.usesProxy))
        }
        let (reads, clock) = (transport(.reads), environment.deadlines)
        reader = N8NReader(connection: connection, transport: reads, clock: clock) { SecretScrubber.scrub($0) }
        writer = N8NWriter(connection: connection, transport: transport(.mutations), clock: clock)
        probe = ServerProbe(connection: connection, transport: reads, clock: clock)
        warnings = [key.exposure(environment.files)].compactMap { $0 }
    }
}

extension Workspace {
    /// The adapters of an instance; paths are relative to the configuration.
    package func adapters(
        _ instance: Configuration.Instance
    ) throws(MendflowFailure) -> InstanceAdapters {
        let path = path
        return try InstanceAdapters(
            instance, folder: { FilePath.of($0, besideFile: path) }, environment)
    }
}

extension Workspace {
    /// Whether an instance's n8n answers from here, and takes the key.
    package func reaches(_ instance: Configuration.Instance) async -> Bool {
        guard let adapters = try? adapters(instance) else { return false }
        return await (try? adapters.reader.list(ListQuery(limit: 1))) != nil
    }
}
