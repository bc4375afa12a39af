public import MendflowCore
import MendflowLedger
import MendflowText
import MendflowWorkspace

/// What the ledger says of hints about an instance: when the agent put on record last that they arrive.
public struct HintSign: Sendable, Hashable {
    /// When the last one had come by then.
    public var last: AgentTime
    /// n8n's version, as its tracing says.
    public var release: String?
    /// How many had come in the hour before; nil where that was not noted.
    public var lastHour: Int?

    /// So many records are looked at: while hints arrive, it is put on record every hour.
    private static let records: Int64 = 3000

    /// The newest, as far back as is worth looking; nil where none is on record.
    static func newest(of instance: String, in store: any LedgerStore) async throws(LedgerFailure) -> HintSign? {
        let head = try await store.load(LedgerScope(instances: [])).head.chain
        let found = try await store.records(after: max(0, head.sequence - records), limit: Int(records))
        var sign: HintSign?
        for sealed in found.reversed() {
            guard case .hinted(let hints)? = try sealed.lifecycle, hints.instance == instance
            else { continue }
            sign = sign ?? HintSign(last: hints.last, release: nil, lastHour: hints.lastHour)
            // The post of an error workflow may be newer, and tells no version.
            guard let release = hints.release else { continue }
            sign?.release = release
            break
        }
        return sign
    }

    /// The newest of an instance; nil where there is none, or no ledger.
    static func newest(_ workspace: Workspace, _ instance: String) async throws(MendflowFailure) -> HintSign? {
        guard let store = try await workspace.openLedgerReading() else { return nil }
        do throws(LedgerFailure) { return try await newest(of: instance, in: store) } catch {
            throw MendflowFailure(ledger: error)
        }
    }
}

extension DoctorChecks {
    /// Whether hints arrive, what version they tell, and how they are switched on.
    static func hints(_ sign: HintSign?, isExpected: Bool, instance: String, _ now: AgentTime) -> [Doctor.Check] {
        guard isExpected else {
            return [
                .init(
                    .server, .note,
                    "n8n can tell of failures as they happen, so that they are seen within seconds: `mendflow hints -i "
                        + "\(instance)` says how it is switched on")
            ]
        }
        guard let sign else {
            return [
                .init(
                    .server, .warning,
                    "no hint has arrived yet: set n8n up as `mendflow hints -i \(instance)` says, and let a workflow run"
                )
            ]
        }
        let release = sign.release.map { "n8n says that it is \($0); " } ?? ""
        guard sign.last + .days(1) < now else {
            return [.init(.server, .ok, "\(release)hints arrive, as was last noted at \(sign.last.rfc3339)")]
        }
        return [
            .init(
                .server, .note,
                "\(release)the last hint that is on record came at \(sign.last.rfc3339): nothing has run since, or nothing gets here"
            )
        ]
    }
}
