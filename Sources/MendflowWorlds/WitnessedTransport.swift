import MendflowCore
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import MendflowTestKit

/// A way to the simulated n8n that looks, whenever something is to be changed there, whether it is on record that it may.
struct WitnessedTransport: Transport {
    let base: any Transport
    let world: SeedWorld
    private var box: SimulatorBox { world.box }
    private var record: SeedRecord { world.record }

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        // Where several share a database, that is looked at when the first byte leaves.
        if world.database == nil, request.method != .get, request.method != .head { await witness(request) }
        let answer: TransferSummary
        do throws(TransportFailure) { answer = try await base.send(request, observer: observer) } catch {
            letAnotherFollow(request)
            throw error
        }
        letAnotherFollow(request)
        if answer.head.status == 429 { noteRefusal(of: request, answer.head.headers["Retry-After"]) }
        return answer
    }

    /// Where a server forgets single keys, that a later run is there is what tells that an earlier one is missing.
    private func letAnotherFollow(_ request: HTTPRequest) {
        guard world.plan.hasRunsToCompare, Mutation(request)?.action == .retry else { return }
        world.change { $0.trigger(SeedCast.heartbeat.rawValue, now: $1) }
    }

    /// For how long a server may ask to be left alone.
    private static let longestWait: Int64 = 900

    private func noteRefusal(of request: HTTPRequest, _ wait: String?) {
        guard let refused = Mutation(request), let seconds = wait.flatMap({ Int64($0) }) else { return }
        let now = AgentTime(milliseconds: box.withSimulator { $0.now })
        record.noteRefusal(
            refused.action, refused.execution, now, until: now + .seconds(min(seconds, Self.longestWait)))
    }

    private func witness(_ request: HTTPRequest) async {
        let words = "\(request.method.name) \(request.url)"
        guard let wanted = Mutation(request) else { return await witnessProbe(request, words) }
        note(wanted, key: request.headers["Idempotency-Key"])
        do throws(LedgerFailure) {
            // What is open is in the state whatever its age.
            compare(
                wanted, with: try await world.ledger?.load(LedgerScope(since: AgentTime(milliseconds: .max))), words)
        } catch { record.accuse("record-first", "\(error)") }
    }

    /// The same, in the moment in which the first byte leaves.
    func witnessNow(_ request: HTTPRequest, _ ledger: MemoryLedgerStore) {
        guard let wanted = Mutation(request) else { return }
        note(wanted, key: request.headers["Idempotency-Key"])
        do throws(LedgerFailure) {
            let state = try ledger.everything(since: AgentTime(milliseconds: .max))
            compare(wanted, with: state, "\(request.method.name) \(request.url)")
        } catch { record.accuse("record-first", "\(error)") }
    }

    private func note(_ wanted: Mutation, key: String?) {
        let (row, now) = box.withSimulator { ($0.database[Int(wanted.execution.text) ?? -1], $0.now) }
        record.note(
            SeedSend(
                wanted.action, wanted.execution, row, key: key, at: AgentTime(milliseconds: now),
                lived: world.clock.monotonic()))
    }

    private func compare(_ wanted: Mutation, with state: LedgerState?, _ words: String) {
        let isRecorded = (state?.intents(in: [.sending]) ?? []).contains {
            $0.draft.action == wanted.action && !$0.draft.isShadow && $0.draft.execution == wanted.execution
        }
        if !isRecorded { record.accuse("record-first", "\(words) was sent, and no intent on the disk says so") }
    }

    /// A bulk stop that can stop nothing is a probe; any other is for no policy.
    private func witnessProbe(_ request: HTTPRequest, _ words: String) async {
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        guard request.url.hasSuffix("/executions/stop"), body.contains(#""startedBefore":"1971-"#) else {
            return record.accuse("record-first", "\(words): no known request")
        }
        do throws(LedgerFailure) {
            let records = try await world.ledger?.records(after: 0, limit: .max) ?? []
            let key = request.headers["Idempotency-Key"] ?? "no key"
            // The newest are looked at alone: a record is written just before.
            let isRecorded = records.suffix(50).contains {
                let text = String(decoding: $0.bytes, as: UTF8.self)
                return text.contains(key) && text.contains(#""probe""#)
            }
            if !isRecorded { record.accuse("record-first", "\(words): a probe is in no record") }
        } catch { record.accuse("record-first", "\(error)") }
    }
}

/// A request that was to change something, and what n8n held of its execution when it was sent.
struct SeedSend: Sendable {
    var at: AgentTime
    /// How long the world had lived by then.
    var lived: Period
    var action: ActionKind
    var execution: ExecutionID
    var workflow: SeedCast?
    var status: Simulator.Status?
    /// When the run ended or went to sleep, by n8n's clock, in milliseconds since 1970.
    var stoppedAt: Int64?
    /// Whether n8n's row of it names a retry that succeeded.
    var isHealed: Bool
    /// The HTTP status that the failed node was answered.
    var httpCode: String?
    /// The key that it bore.
    var key: String?

    init(
        _ action: ActionKind, _ execution: ExecutionID, _ row: Simulator.Execution?, key: String?, at: AgentTime,
        lived: Period
    ) {
        self.at = at
        self.lived = lived
        self.key = key
        self.action = action
        self.execution = execution
        workflow = row.flatMap { SeedCast(rawValue: $0.workflowID) }
        status = row?.status
        stoppedAt = row?.stoppedAt
        isHealed = row?.retrySuccessID != nil
        httpCode = row?.data?["resultData"]?["error"]?["httpCode"]?.text
    }
}

/// What a request would change.
private struct Mutation {
    var action: ActionKind
    var execution: ExecutionID

    /// Nil where it changes nothing that a policy may.
    init?(_ request: HTTPRequest) {
        let parts = request.url.split(separator: "/").map(String.init)
        guard let place = parts.lastIndex(of: "executions"), place + 1 < parts.count else { return nil }
        execution = ExecutionID(parts[place + 1])
        switch (request.method, parts.dropFirst(place + 2).first) {
        case (.post, "retry"): action = .retry
        case (.post, "stop"): action = .stop
        case (.put, "tags"): action = .tag
        case (.delete, nil): action = .delete
        default: return nil
        }
    }
}
