import MendflowPolicy
public import MendflowText
public import MendflowWorkspace

/// `hints`: how an n8n is set up to tell of its runs.
public struct HintSetup: Sendable {
    /// The instance.
    public var instance: String
    /// How n8n reaches the service.
    public var url: String
    /// Variables of n8n's environment, in order.
    public var variables: [(name: String, value: String)]
    /// The error workflow that posts what its Error Trigger gets, as n8n imports it.
    public var workflow: JSONObject
    /// What is missing in the configuration; nil where hints are taken in.
    public var lacking: String?

    /// Where the token is to stand, where it is not shown.
    public static let place = "PUT-THE-TOKEN-HERE"

    /// How an instance is set up.
    ///
    /// - Throws: where the token is asked for and cannot be had.
    public static func make(
        _ workspace: Workspace, instance name: String?, url: String?, showsToken: Bool
    ) throws(MendflowFailure) -> HintSetup {
        let instance = try workspace.instance(name)
        let listen = workspace.configuration.service?.listen
        let host = workspace.configuration.service?.hosts.first ?? listen?.localHost ?? "127.0.0.1"
        if let url {
            do { _ = try ServerURL(url) } catch { throw MendflowFailure(.usage, "--url \(url): \(error)") }
        }
        // What others reach it by counts before where it listens: something may stand in front.
        let base = HintSetup.bare(
            url ?? workspace.configuration.service?.url ?? "http://\(host):\(listen?.port ?? 9464)")
        var token = place
        if showsToken {
            guard let secret = instance.hints else {
                throw MendflowFailure(.usage, "'\(instance.name)' has no `hints`, so there is no token to show")
            }
            do throws(SecretSource.Fault) {
                token = try SecretSource(secret, besideFile: workspace.path).read(workspace.environment)
            } catch { throw MendflowFailure(.findings, "the token of `hints` cannot be had: \(error.description)") }
        }
        let variables = [
            ("N8N_OTEL_ENABLED", "true"), ("N8N_OTEL_EXPORTER_OTLP_ENDPOINT", base),
            ("N8N_OTEL_EXPORTER_OTLP_TRACING_PATH", "/hints/otlp/v1/traces"),
            ("N8N_OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer \(token)"),
            ("N8N_OTEL_TRACES_INCLUDE_NODE_SPANS", "false"), ("OTEL_BSP_SCHEDULE_DELAY", "300"),
        ]
        return HintSetup(
            instance: instance.name, url: base, variables: variables, workflow: workflow(base, token),
            lacking: lacking(workspace, instance))
    }

    private static func bare(_ url: String) -> String { String(url.reversed().drop { $0 == "/" }.reversed()) }

    private static func lacking(_ workspace: Workspace, _ instance: Configuration.Instance) -> String? {
        var missing: [String] = []
        if workspace.configuration.service == nil { missing.append("service: {listen: \"127.0.0.1:9464\"}") }
        if instance.hints == nil { missing.append("hints: {token_env: MENDFLOW_HINTS_TOKEN}") }
        return missing.isEmpty ? nil : missing.joined(separator: " and ")
    }

    /// It sends ids, times and the error's class name alone: no text of a run leaves n8n.
    private static let item = """
        ={{ JSON.stringify({ execution: { id: $json.execution?.id, mode: $json.execution?.mode, retryOf: \
        $json.execution?.retryOf, error: { name: $json.execution?.error?.name, timestamp: \
        $json.execution?.error?.timestamp } }, workflow: { id: $json.workflow?.id } }) }}
        """

    private static func workflow(_ base: String, _ token: String) -> JSONObject {
        let trigger: JSONObject = [
            "id": "error-trigger", "name": "Error Trigger", "type": "n8n-nodes-base.errorTrigger", "typeVersion": 1,
            "position": .list([0, 0]), "parameters": .object([:]),
        ]
        let header: JSONObject = ["name": "Authorization", "value": .text("Bearer \(token)")]
        let parameters: JSONObject = [
            "method": "POST", "url": .text(base + "/hints/error-trigger"), "sendHeaders": true,
            "headerParameters": .object(["parameters": .list([.object(header)])]), "sendBody": true,
            "specifyBody": "json", "jsonBody": .text(item), "options": .object(["timeout": 5000]),
        ]
        let post: JSONObject = [
            "id": "tell-mendflow", "name": "Tell Mendflow", "type": "n8n-nodes-base.httpRequest",
            "typeVersion": .integer(4), "position": .list([220, 0]), "parameters": .object(parameters),
            // A failure here is not to become a failed run.
            "onError": "continueRegularOutput",
        ]
        let next: JSONObject = ["node": "Tell Mendflow", "type": "main", "index": 0]
        return [
            "name": "Tell Mendflow of failures", "nodes": .list([.object(trigger), .object(post)]),
            "connections": .object(["Error Trigger": .object(["main": .list([.list([.object(next)])])])]),
            "settings": .object([
                "executionOrder": "v1", "saveDataSuccessExecution": "none", "saveDataErrorExecution": "none",
            ]),
        ]
    }
}
