public import MendflowCore
import MendflowText

/// The right to act on a ledger, as long as it lives, with marks of the requests that are about to leave.
///
/// The ledger says of a request that it may leave (*sending*) before it does. An agent that is killed between the two has
/// sent nothing, which only something can tell that is written when the connection is about to be opened. A mark costs no
/// wait for a disk: it outlives the process, and not the machine's next start.
public protocol LedgerHold: Sendable {
    /// The marks beside the ledger; those of an earlier process before `beginMarks`. Nil where there are none since the
    /// machine was started.
    var marks: SendMarks? { get }
    /// Begins marks of this process's own, behind the record that says that it started.
    ///
    /// - Throws: why they cannot be kept.
    func beginMarks(at head: AuditHead) throws(LedgerFailure)
    /// Marks that the connection for an intent's request is about to be opened.
    ///
    /// - Throws: why it could not be marked; nothing may be sent then.
    func mark(_ intent: IntentID) throws(LedgerFailure)
}

/// Marks of requests that were about to leave.
public struct SendMarks: Sendable, Hashable {
    /// The end of the ledger when they began.
    public let start: AuditHead
    /// The intents that were marked.
    public private(set) var marked: Set<IntentID>

    /// Makes marks that begin.
    public init(start: AuditHead, marked: Set<IntentID> = []) {
        self.start = start
        self.marked = marked
    }

    /// Whether an intent that is on record as *sending* has sent nothing: it was reserved after the marks began, and the
    /// process ended before its connection was opened.
    public func proveUnsent(_ intent: IntentID) -> Bool {
        intent.number > start.sequence && !marked.contains(intent)
    }

    /// Notes a mark.
    public mutating func mark(_ intent: IntentID) { marked.insert(intent) }
}

// As a text, a line each, so that a mark is one write behind the others.
extension SendMarks {
    private static let words = "mendflow sends, machine started as "

    /// The first lines of a text without marks.
    public static func header(_ start: AuditHead, boot: String) -> String {
        "\(words)\(boot)\nfrom \(start.description)\n"
    }

    /// The line of a mark.
    public static func line(_ intent: IntentID) -> String { "\(intent.number)\n" }

    /// Reads a text; nil where the machine was started anew since, or where it is not whole.
    public init?(_ text: String, boot: String) {
        guard text.hasSuffix("\n") else { return nil }
        var lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard !boot.isEmpty, lines.popFirst() == "\(SendMarks.words)\(boot)"[...],
            let from = lines.popFirst(), from.hasPrefix("from "), let start = AuditHead(String(from.dropFirst(5)))
        else { return nil }
        self.init(start: start)
        for line in lines {
            guard let number = Int64(line), number > 0 else { return nil }
            mark(IntentID(number))
        }
    }
}
