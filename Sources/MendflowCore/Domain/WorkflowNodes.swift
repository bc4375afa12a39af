/// The nodes of a workflow, as far as it takes to tell whether one is still the same: sixteen bytes a node, for an instance
/// may have thousands of workflows.
public struct WorkflowNodes: Sendable, Hashable {
    /// By the hash of each name: the hash of its type, or nothing where it is disabled.
    private var types: [UInt64: UInt64] = [:]
    private static let disabled: UInt64 = 0

    /// Makes an empty list.
    public init() {}

    /// Adds a node.
    public mutating func add(name: String, type: String, isDisabled: Bool) {
        types[WorkflowNodes.hash(name)] = isDisabled ? WorkflowNodes.disabled : WorkflowNodes.hash(type)
    }

    /// What is different of a node that ran, in words; nil where it is the same.
    public func change(of node: NodeEvidence) -> String? {
        guard let type = types[WorkflowNodes.hash(node.name)] else {
            return "the saved workflow has no node '\(node.name)'"
        }
        if type == WorkflowNodes.disabled { return "node '\(node.name)' is disabled in the saved workflow" }
        guard let before = node.type else { return "the type that node '\(node.name)' had is not known" }
        return type == WorkflowNodes.hash(before) ? nil : "node '\(node.name)' is of another type in the saved workflow"
    }

    /// FNV-1a with 64 bits, never the mark of a disabled node.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash == disabled ? 1 : hash
    }
}
