import MendflowText

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

    /// All of it: 32 hexadecimal digits a node, in order, for the ledger.
    public var digits: String {
        Hex.text(types.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }.flatMap(WorkflowNodes.bytes))
    }

    /// Reads `digits`; nil where these are none.
    public init?(digits: String) {
        guard let bytes = Hex.bytes(digits), bytes.count.isMultiple(of: 16) else { return nil }
        for start in stride(from: 0, to: bytes.count, by: 16) {
            types[WorkflowNodes.number(bytes[start..<start + 8])] = WorkflowNodes.number(bytes[start + 8..<start + 16])
        }
        guard self.digits == digits else { return nil }
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(number >> $0 & 0xFF) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

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
