typealias Node = Simulator.Node
typealias Workflow = Simulator.Workflow

extension Simulator {
    /// A node of a workflow, as n8n stores it.
    public struct Node: Sendable, Equatable {
        /// The node as it stands in `nodes`.
        public var json: JSON

        /// Makes a node of its stored form.
        public init(_ json: JSON) { self.json = json }

        /// Makes a node; `parameters` are those that were saved.
        public init(_ name: String, type: String, version: JSON = 2, parameters: JSON = [:]) {
            json = [
                "id": .string(name.lowercased().split(separator: " ").joined(separator: "-")), "name": .string(name),
                "type": .string(type), "typeVersion": version, "position": [0, 0], "parameters": parameters,
            ]
        }

        /// The node's name, which is how connections and run data refer to it.
        public var name: String {
            get { json["name"]?.text ?? "" }
            set { json["name"] = .string(newValue) }
        }

        /// The node's type, such as `n8n-nodes-base.httpRequest`.
        public var type: String { json["type"]?.text ?? "" }

        /// A webhook that starts the workflow.
        public static func webhook(_ path: String) -> Node {
            Node(
                "Webhook", type: "n8n-nodes-base.webhook",
                parameters: ["path": .string(path), "httpMethod": "POST", "responseMode": "onReceived", "options": [:]])
        }

        /// A call of an HTTP service.
        public static func http(_ name: String = "HTTP Request", method: String = "GET", url: String) -> Node {
            Node(
                name, type: "n8n-nodes-base.httpRequest", version: 4.2,
                parameters: ["method": .string(method), "url": .string(url), "options": [:]])
        }

        /// A piece of JavaScript.
        public static func code(_ name: String = "Code", _ source: String = "return $input.all();") -> Node {
            Node(name, type: "n8n-nodes-base.code", parameters: ["jsCode": .string(source)])
        }

        /// Waits for hours, or for an event where `hours` is nil.
        public static func wait(_ name: String = "Wait", hours: Int64?) -> Node {
            Node(
                name, type: "n8n-nodes-base.wait", version: 1.1,
                parameters: hours.map { ["resume": "timeInterval", "amount": .int($0), "unit": "hours"] }
                    ?? ["resume": "webhook", "options": [:]])
        }

        /// Fails on purpose.
        public static func stopAndError(_ message: String) -> Node {
            Node(
                "Stop and Error", type: "n8n-nodes-base.stopAndError", version: 1,
                parameters: ["errorMessage": .string(message)])
        }

        /// Runs another workflow.
        public static func subWorkflow(_ name: String = "Run child", id: String) -> Node {
            Node(
                name, type: "n8n-nodes-base.executeWorkflow", version: 1.2,
                parameters: ["workflowId": ["mode": "id", "value": .string(id)]])
        }
    }

    /// A workflow as it is saved now.
    public struct Workflow: Sendable {
        /// The id, which n8n makes of 16 letters and digits.
        public var id: String
        /// The name.
        public var name: String
        /// Whether a version of it is published, so that triggers start it.
        public var active = true
        /// Whether it is archived.
        public var isArchived = false
        /// The nodes; the first one, or the first that nothing leads to, starts the run.
        public var nodes: [Node]
        /// What follows what, as n8n stores it.
        public var connections: JSON
        /// Settings as n8n stores them.
        public var settings: JSON
        /// Names of the workflow's tags; tag ids are made of them.
        public var tags: [String] = []
        /// The project that owns it.
        public var projectID = "project0000000001"
        /// With whom it is shared, as a server answered it; nil for its project alone.
        var shared: JSON?
        /// Who published the published version, as a server answered it.
        var publishHistory: JSON?
        /// The saved (draft) version.
        public var versionID: String
        /// The published version; nil where none is.
        public var activeVersionID: String?
        /// Milliseconds since 1970.
        public var createdAt: Int64 = 0
        /// Milliseconds since 1970.
        public var updatedAt: Int64 = 0
        /// What its runs come to.
        public var script: Script

        /// Makes a published workflow whose nodes follow each other in the order given.
        public init(
            id: String, name: String, nodes: [Node], settings: JSON = ["executionOrder": "v1"],
            script: Script = .init()
        ) {
            self.id = id
            self.name = name
            self.nodes = nodes
            self.settings = settings
            self.script = script
            connections = Workflow.chain(nodes)
            versionID = "\(id)-v1"
            activeVersionID = versionID
        }

        /// Makes a workflow of what `GET /workflows/{id}` answers; nil where it has no id or name.
        public init?(json: JSON, script: Script = .init()) {
            guard let id = json["id"]?.text ?? json["id"]?.integer.map(String.init), let name = json["name"]?.text
            else { return nil }
            self.init(
                id: id, name: name, nodes: (json["nodes"]?.elements ?? []).map { Node($0) },
                settings: json["settings"] ?? [:], script: script)
            connections = json["connections"] ?? connections
            active = json["active"]?.flag ?? true
            isArchived = json["isArchived"]?.flag ?? false
            versionID = json["versionId"]?.text ?? versionID
            activeVersionID = json["activeVersionId"]?.text
            tags = (json["tags"]?.elements ?? []).compactMap { $0["name"]?.text }
            shared = json["shared"]
            publishHistory = json["activeVersion"]?["workflowPublishHistory"]
            projectID = json["shared"]?[0]?["projectId"]?.text ?? projectID
            createdAt = json["createdAt"]?.text.flatMap(milliseconds) ?? 0
            updatedAt = json["updatedAt"]?.text.flatMap(milliseconds) ?? 0
        }

        static func chain(_ nodes: [Node]) -> JSON {
            .object(
                .init(
                    zip(nodes, nodes.dropFirst()).map { one, other in
                        let link: JSON = ["node": .string(other.name), "type": "main", "index": 0]
                        return (key: one.name, value: ["main": [[link]]])
                    }))
        }
    }
}

extension Simulator.Workflow {
    /// What a run keeps of the workflow it ran.
    func snapshot(_ release: Simulator.Release) -> Simulator.JSON {
        var snapshot: Simulator.JSON = [
            "id": .string(id), "name": .string(name), "nodes": .array(nodes.map(\.json)), "connections": connections,
            "settings": settings,
        ]
        if release.isExact { snapshot["nodeGroups"] = [] }
        return snapshot
    }

    /// Renames a node, in the connections too.
    public mutating func rename(node: String, to name: String) {
        for index in nodes.indices where nodes[index].name == node { nodes[index].name = name }
        connections = .object(
            .init(
                (connections.object?.fields ?? []).map { field in
                    (key: field.key == node ? name : field.key, value: renamed(field.value, node, name))
                }))
    }

    private func renamed(_ value: Simulator.JSON, _ node: String, _ name: String) -> Simulator.JSON {
        switch value {
        case .string(node): .string(name)
        case .array(let elements): .array(elements.map { renamed($0, node, name) })
        case .object(let object): .object(.init(object.fields.map { ($0.key, renamed($0.value, node, name)) }))
        default: value
        }
    }
}
