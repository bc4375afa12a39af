import MendflowCore
public import MendflowEnvironment
import MendflowN8N
import MendflowPolicy
import MendflowText
public import MendflowWorkspace

/// Finds out what `init` was not told: where n8n is, and where its key stands.
public enum AddressSearch {
    /// Where n8n is looked for where nobody says so, in variables that people set for n8n itself.
    private static let variables = ["N8N_URL", "N8N_EDITOR_BASE_URL", "WEBHOOK_URL"]
    /// The variable in which the key is looked for, and files.
    private static let keyVariable = "N8N_API_KEY", keyFiles = ["n8n.key", "/run/secrets/n8n_api_key"]
    /// Paths of n8n's pages, behind which nothing belongs to its address.
    private static let pages: Set<String> = [
        "api", "home", "workflow", "workflows", "executions", "projects", "project", "credentials", "signin",
        "settings", "rest",
        "webhook", "healthz", "overview", "templates",
    ]

    /// What was found.
    public struct Found: Sendable, Hashable {
        /// The address, as the configuration is to have it, and where the key stands.
        public var url: String, keyVariable: String?, keyFile: String?
        /// The instance's name, where a configuration says it.
        public var name: String?
        /// What is to be said of how it was found.
        public var remarks: [String] = []
    }

    /// What a configuration says, and beside it what is asked for all the same: `init` says where that does not hold.
    public static func known(
        _ path: String, name: String?, keyVariable: String?, keyFile: String?, or usual: String,
        _ environment: Environment
    ) -> Found? {
        guard var found = known(path, name ?? usual, environment) else { return nil }
        found.name = name ?? found.name
        if keyVariable != nil || keyFile != nil { (found.keyVariable, found.keyFile) = (keyVariable, keyFile) }
        return found
    }

    /// Looks for what is not given. Where only one address is possible nobody is asked about it here.
    ///
    /// - Throws: `usage` where there is no key.
    public static func run(
        url: String?, keyVariable: String?, keyFile: String?, folder: String, _ environment: Environment
    ) async throws(MendflowFailure) -> Found {
        var found = Found(url: url ?? "", keyVariable: keyVariable, keyFile: keyFile)
        if keyVariable == nil, keyFile == nil { try findKey(&found, folder, environment) }
        let addresses = candidates(url, environment.variables)
        found.url = addresses.first ?? found.url
        if addresses.count > 1 {
            for address in addresses where await isN8N(address, found, environment) {
                found.url = address
                break
            }
        }
        if let url, url != found.url { found.remarks.append("n8n's address is taken to be \(found.url)") }
        if url == nil { found.remarks.append("n8n is looked for at \(found.url); --url names another address") }
        return found
    }

    /// What a configuration says that is there already: of the instance of a name, or of the only one. Nil where there is none.
    static func known(_ path: String, _ name: String, _ environment: Environment) -> Found? {
        guard environment.files.exists(path),
            let workspace = try? Workspace.load(path: path, environment: environment, needs: .ledger).workspace,
            let instance = (try? workspace.instance(name)) ?? (try? workspace.instance(nil))
        else { return nil }
        var found = Found(url: instance.address, keyVariable: nil, keyFile: nil, name: instance.name)
        switch instance.key {
        case .environment(let variable): found.keyVariable = variable
        case .file(let file): found.keyFile = file
        }
        return found
    }

    private static func findKey(
        _ found: inout Found, _ folder: String, _ environment: Environment
    ) throws(MendflowFailure) {
        if let value = environment.variables[keyVariable], !value.isEmpty {
            found.keyVariable = keyVariable
        } else if let file = keyFiles.map({ FilePath.of($0, inFolder: folder) }).first(where: environment.files.exists)
        {
            found.keyFile = file
        } else {
            throw MendflowFailure(
                .usage,
                "there is no API key: make one in n8n (Settings, n8n API) and put it into the variable N8N_API_KEY, or into a "
                    + "file that only you can read, and name that by --key-file")
        }
    }

    /// The addresses that may be meant, the likeliest first: what people copy out of a browser's bar, and without its scheme.
    static func candidates(_ url: String?, _ variables: [String: String]) -> [String] {
        guard let url else {
            let told = AddressSearch.variables.compactMap { variables[$0] }.filter { !$0.isEmpty }
            let all = told.flatMap { candidates($0, [:]) } + ["http://localhost:5678", "http://n8n:5678"]
            return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        let begin = url.lowercased()
        if ServerURL.Scheme.allCases.contains(where: { begin.hasPrefix($0.rawValue + "://") }) { return [cut(url)] }
        // Anything else that has a scheme is not n8n's, and is told as it stands.
        guard !url.contains("://"), !url.isEmpty else { return [url] }
        let host = url.prefix { $0 != ":" && $0 != "/" }
        let isNear = host == "localhost" || !host.contains(".") || host.allSatisfy { $0.isNumber || $0 == "." }
        return (isNear ? ["http", "https"] : ["https", "http"]).map { cut("\($0)://\(url)") }
    }

    /// An address without what belongs to a page of n8n's.
    private static func cut(_ url: String) -> String {
        guard let begin = url.firstRange(of: "://")?.upperBound else { return url }
        let isPage = url[begin...].contains("/")
        let plain = isPage ? url.prefix { $0 != "?" && $0 != "#" } : url[...]
        var parts = plain[begin...].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if let page = parts.dropFirst().firstIndex(where: { pages.contains($0.lowercased()) }) {
            parts = Array(parts[..<page])
        }
        while parts.count > 1, parts.last == "" { parts.removeLast() }
        return url[..<begin] + parts.joined(separator: "/")
    }

    /// Whether an n8n is there, with this key or with another one.
    private static func isN8N(_ url: String, _ found: Found, _ environment: Environment) async -> Bool {
        let request = Initialise.Request(
            folder: ".", name: "n8n", url: url, keyVariable: found.keyVariable, keyFile: found.keyFile, since: nil)
        let loaded = ConfigurationLoader().load(
            bytes: Array(StarterFiles.configuration(request).utf8), file: "mendflow.yaml")
        guard let instance = loaded.configuration?.instances.first,
            let adapters = try? InstanceAdapters(instance, folder: { $0 }, environment)
        else { return false }
        do throws(ReadFailure) {
            _ = try await adapters.reader.list(ListQuery(limit: 1))
            return true
        } catch {
            return [.unauthorized, .forbidden, .startingUp, .throttled].contains(error.kind)
        }
    }
}
