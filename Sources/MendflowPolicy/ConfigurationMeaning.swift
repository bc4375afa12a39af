import MendflowText
import MendflowYAML

/// What a configuration says about what is done, without what a machine needs for itself: its name, paths, addresses to listen on,
/// where secrets stand, who is told. Agents on several machines go by one such meaning, by files that differ in the rest.
struct ConfigurationMeaning {
    /// Keys of `mendflow.yaml` that are of a machine, or that are told otherwise: instances one by one, policies by their texts.
    private static let ofMachine: Set<String> = [
        "cluster", "ledger", "ledger_password", "service", "log", "notify", "policies", "instances", "instances_from",
    ]
    /// The same of an instance.
    private static let ofMachinesInstance: Set<String> = [
        "api_key_env", "api_key_file", "ca_file", "headers", "hints", "proxy",
    ]

    /// The file, and its instances wherever each of them stands.
    var root: YAMLNode?, instances: [YAMLNode] = []

    /// The same for files that say the same, whatever their layout, comments, and the order of their keys and instances.
    var value: JSONValue {
        let all = instances.map { node in
            (node["name"]?.string ?? "", ConfigurationMeaning.value(node, without: Self.ofMachinesInstance))
        }
        return .object([
            "file": root.map { Self.value($0, without: Self.ofMachine) } ?? .null,
            "instances": .list(all.sorted { $0.0 < $1.0 }.map(\.1)),
        ])
    }

    private static func value(_ node: YAMLNode, without left: Set<String> = []) -> JSONValue {
        if let items = node.items { return .list(items.map { value($0) }) }
        guard let entries = node.entries else { return .optional(node.scalar?.text) }
        let told = entries.filter { !left.contains($0.key.text) }.sorted { $0.key.text < $1.key.text }
        return .list(told.map { .list([.text($0.key.text), value($0.value)]) })
    }
}
