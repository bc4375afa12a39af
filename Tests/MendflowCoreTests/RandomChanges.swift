import MendflowCore
import MendflowTestKit

/// What may happen at an instance between two looks at it, drawn from a seed.
struct RandomChanges {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Changes a snapshot a little, or not at all, and says how.
    mutating func change(_ snapshot: inout Snapshot) -> String {
        snapshot.now = snapshot.now + .milliseconds(Int64(random.below(1 << (1 + random.below(22)))) + 1)
        return (0..<random.below(3)).map { _ in one(&snapshot) }.joined(separator: ", ")
    }

    private mutating func one(_ snapshot: inout Snapshot) -> String {
        let ids = snapshot.executions.keys.sorted()
        guard let id = pick(ids), let row = snapshot.executions[id] else { return "nothing" }
        switch random.below(13) {
        case 0...2: return begin(&snapshot, after: ids, pick(ids))
        case 3, 4: return go(row, on: &snapshot)
        case 5:
            snapshot.executions[id] = nil
            return "\(id) is gone"
        case 6, 7:
            snapshot.details[id] = pick(snapshot.details.sorted { $0.key < $1.key }.map(\.value))
            return "other data of \(id)"
        case 8:
            snapshot.details[id] = nil
            return "no data of \(id)"
        case 9:
            snapshot.tags[id] = [[], [AnnotationTag(id: "5", name: "flaky")]][random.below(2)]
            return "tags of \(id)"
        case 11:
            snapshot.notOffered = snapshot.notOffered.isEmpty ? [.retry] : []
            return "not offered: \(snapshot.notOffered)"
        case 10:
            snapshot.details[id]?.parentExecution = pick(ids)
            return "another parent of \(id)"
        default:
            snapshot.runTimes[row.workflow] = RunTimes(samples: 30, p95: .seconds(Int64(random.below(600))))
            return "other run times of \(row.workflow)"
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values[random.below(values.count)]
    }

    /// A new run, perhaps a retry.
    private mutating func begin(_ snapshot: inout Snapshot, after ids: [ExecutionID], _ parent: ExecutionID?) -> String
    {
        let highest = ids.compactMap(\.number).max() ?? 0
        let id = ExecutionID("\(highest + 1)")
        let status = pick([ExecutionStatus.error, .success, .running, .waiting, .crashed]) ?? .error
        let isOver = !status.isLive
        let workflow = WorkflowID("w\(random.below(5))")
        snapshot.executions[id] = Execution(
            id: id, workflow: workflow, status: status, retryOf: random.below(3) == 0 ? parent : nil,
            startedAt: snapshot.now - .seconds(5), stoppedAt: isOver ? snapshot.now : nil)
        snapshot.highest = id
        if !isOver { snapshot.firstSeen[id] = snapshot.now }
        if status == .success { snapshot.newestSuccess[workflow] = id }
        return "\(id) began: \(status)"
    }

    /// A live run ends or wakes; of one that has ended n8n tells that a retry of it succeeded.
    private mutating func go(_ row: Execution, on snapshot: inout Snapshot) -> String {
        var row = row
        if row.status.isLive {
            snapshot.seenLive.insert(row.id)
            row.status = pick([.success, .error, .canceled, .running]) ?? .error
            row.stoppedAt = row.status.isLive ? nil : snapshot.now
        } else {
            row.retrySuccess = "9999"
        }
        snapshot.executions[row.id] = row
        return "\(row.id) went on: \(row.status)"
    }
}
