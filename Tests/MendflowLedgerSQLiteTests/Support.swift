import FoundationEssentials
import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowLedgerSQLite

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mendflow-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var ledger: String { path + "/ledger.sqlite" }

    func copy(_ one: String, to other: String) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: one + suffix) {
            try FileManager.default.copyItem(atPath: one + suffix, toPath: other + suffix)
        }
    }
}

let production = InstanceKey(name: "production", epoch: 1)

func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

func draft(
    _ execution: ExecutionID, action: ActionKind = .retry, instance: InstanceKey = production, shadow: Bool = false
) -> IntentDraft {
    IntentDraft(
        instance: instance, action: action, execution: execution, root: "1", workflow: "w1", policy: "p",
        policyVersion: "v", isShadow: shadow)
}

func note(_ text: String, at time: Int64 = 1, execution: ExecutionID? = nil) -> AuditRecord {
    AuditRecord(
        .decision, instance: production, at: at(time), execution: execution, root: "1", policy: "p",
        fields: ["note": .text(text)])
}

func memoryLedger() throws -> SQLiteLedger { try SQLiteLedger.open(path: ":memory:", create: true) }

extension SQLiteLedger {
    @discardableResult
    func reserve(_ draft: IntentDraft, at time: Int64 = 1) throws -> IntentID {
        try #require(try commit([.reserve(draft)], audit: [], at: Timestamp(milliseconds: time)).first)
    }

    func settle(_ id: IntentID, _ state: IntentState, at time: Int64 = 1) throws {
        try commit([.settle(id, Settlement(state))], audit: [], at: Timestamp(milliseconds: time))
    }

    /// Brings a fresh intent into a state, by the steps that lead there.
    func intent(_ state: IntentState, of execution: ExecutionID) throws -> IntentID {
        let id = try reserve(draft(execution, shadow: state == .shadow))
        let steps: [IntentState] =
            switch state {
            case .reserved, .shadow, .sending: []
            case .void: [.void]
            case .applied, .unresolved, .ineffective: [state]
            case .superseded: [.unresolved, .superseded]
            }
        if state != .reserved, state != .shadow, state != .void {
            try commit([.sending(id, watermark: nil)], audit: [], at: Timestamp(milliseconds: 1))
        }
        for step in steps { try settle(id, step) }
        return id
    }
}

extension LedgerFailure {
    /// The case's name, where its text is SQLite's or the system's.
    func isKind(_ name: String) -> Bool {
        switch self {
        case .corrupt: name == "corrupt"
        case .unusable: name == "unusable"
        default: false
        }
    }
}
