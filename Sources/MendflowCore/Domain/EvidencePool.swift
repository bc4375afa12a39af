/// Texts and nodes that the data of many executions has alike, each kept once: failures come in storms that leave the same.
package struct EvidencePool: Sendable {
    private var texts: Set<String> = []
    private var lists: Set<[String]> = []
    private var nodes: Set<Shared<NodeEvidence>> = []

    /// So many of each are remembered; then it begins anew, so that what is gone is not kept for ever.
    private static let most = 4096

    package init() {}

    /// An error that says the same with the pool's texts.
    mutating func error(_ error: ErrorEvidence) -> ErrorEvidence {
        var shared = error
        shared.name = error.name.map { text($0) }
        shared.message = error.message.map { text($0) }
        shared.description = error.description.map { text($0) }
        shared.cause = error.cause.map { text($0) }
        shared.messages = list(error.messages)
        shared.codes = list(error.codes)
        shared.answerCodes = list(error.answerCodes)
        shared.details = list(error.details)
        return shared
    }

    /// The pool's own node that has the same bytes.
    mutating func node(_ node: Shared<NodeEvidence>) -> Shared<NodeEvidence> {
        if nodes.count >= EvidencePool.most { nodes = [] }
        let known = nodes.insert(node).memberAfterInsert
        return known.value.texts.hasSameBytes(as: node.value.texts) ? known : node
    }

    private mutating func text(_ text: String) -> String {
        if texts.count >= EvidencePool.most { texts = [] }
        let known = texts.insert(text).memberAfterInsert
        return [known].hasSameBytes(as: [text]) ? known : text
    }

    private mutating func list(_ list: [String]) -> [String] {
        guard !list.isEmpty else { return list }
        if lists.count >= EvidencePool.most { lists = [] }
        let known = lists.insert(list).memberAfterInsert
        return known.hasSameBytes(as: list) ? known : list
    }
}

extension NodeEvidence {
    fileprivate var texts: [String] { [name, type, operation, resource, method, target].compactMap { $0 } }
}

extension [String] {
    /// Whether equal texts have the same bytes. One may write a letter with an accent as two characters, the other as one; the
    /// record of a decision is made of bytes.
    fileprivate func hasSameBytes(as other: [String]) -> Bool {
        zip(self, other).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
