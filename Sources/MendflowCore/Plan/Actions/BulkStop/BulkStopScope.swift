/// Stop everything that one request of n8n's can name, in one request.
public struct BulkStopAction: Sendable, Hashable {
    /// Whether the policy may stop runs of all workflows: without a workflow n8n stops everything.
    public var allWorkflows: Bool
    /// Makes an action.
    public init(allWorkflows: Bool = false) { self.allWorkflows = allWorkflows }
}

extension BulkStopRequest {
    /// Whether n8n will stop a row, if it is still as it was seen.
    public func covers(_ row: Execution) -> Bool {
        guard statuses.contains(row.status), workflow == nil || workflow == row.workflow else { return false }
        guard startedAfter != nil || startedBefore != nil else { return true }
        guard let start = row.startedAt else { return false }
        return startedAfter.map { start >= $0 } ?? true && startedBefore.map { start <= $0 } ?? true
    }
}

/// One request with the executions that it is expected to stop.
public struct BulkStopCall: Sendable, Hashable {
    /// The request.
    public var request: BulkStopRequest
    /// The ids, oldest first; each is charged to the caps.
    public var predicted: [ExecutionID]
    /// Makes a call.
    public init(request: BulkStopRequest, predicted: [ExecutionID]) {
        self.request = request
        self.predicted = predicted
    }
}

/// What a `match` says in the words of n8n's bulk stop, before names and times are known.
public struct BulkStopScope: Sendable, Hashable {
    /// Why a `match` cannot be said in n8n's words.
    public struct Objection: Sendable, Hashable {
        /// Where the condition stands; nil for what is missing.
        public var place: SourcePlace?
        /// What is wrong and what to do.
        public var message: String
        /// What can be said in its place; nil where nothing like it can.
        public var instead: String?
    }
    /// Which workflows.
    public enum Workflows: Sendable, Hashable {
        /// The one with this id.
        case id(WorkflowID)
        /// The one with this name.
        case name(String)
        /// Every one.
        case all
    }
    /// The statuses, in the order of `ExecutionStatus.allCases`.
    public private(set) var statuses: [ExecutionStatus] = []
    /// Which workflows.
    public private(set) var workflows = Workflows.all
    /// What n8n cannot say; empty where the scope is whole.
    public private(set) var objections: [Objection] = []
    private var bounds: [(Comparison, Period)] = []
    private var named = false

    /// Reads a policy's conditions.
    public init(_ match: Condition?, _ action: BulkStopAction) {
        if let match { read(match) }
        if statuses.isEmpty, objections.isEmpty { object(nil, "name the statuses to stop") }
        if !named, !action.allWorkflows {
            object(nil, "without one workflow n8n stops everything: name one, or write all_workflows: true")
        }
        if statuses.contains(.queued), !bounds.isEmpty {
            object(nil, "n8n leaves queued runs alone where a start is named: leave out started_ago, or use stop")
        }
    }

    /// The request now; nil where the workflow's name does not belong to exactly one.
    public func request(at now: ServerTime, workflows known: [WorkflowID: WorkflowInfo]?) -> BulkStopRequest? {
        var request = BulkStopRequest(statuses: statuses, workflow: nil)
        switch workflows {
        case .all: break
        case .id(let id): request.workflow = id
        case .name(let name):
            let bearers = (known ?? [:]).values.filter { $0.name == name }
            guard bearers.count == 1 else { return nil }
            request.workflow = bearers[0].id
        }
        for (comparison, period) in bounds {
            let time = now - period
            let moment = Period.milliseconds(1)
            switch comparison {
            case .gte: request.startedBefore = min(request.startedBefore ?? time, time)
            case .gt: request.startedBefore = min(request.startedBefore ?? time - moment, time - moment)
            case .lte: request.startedAfter = max(request.startedAfter ?? time, time)
            case .lt: request.startedAfter = max(request.startedAfter ?? time + moment, time + moment)
            }
        }
        return request
    }

    private mutating func object(_ place: SourcePlace?, _ message: String, instead: String? = nil) {
        objections.append(Objection(place: place, message: message, instead: instead))
    }

    private mutating func read(_ condition: Condition) {
        switch condition {
        case .all(let parts): for part in parts { read(part) }
        case .test(let test): read(test)
        case .any, .not:
            let place = condition.firstPlace
            object(place, "n8n's bulk stop knows no alternatives: write plain conditions, or use stop")
        }
    }

    private mutating func read(_ test: FieldTest) {
        // What is implied need not be said in n8n's words: where the request would stop a run of a workflow that is switched
        // off, runs are stopped one by one.
        guard !(test.isImplicit && test.field == .workflowActive) else { return }
        for operation in test.operators {
            switch (test.field, operation) {
            case (.status, .anyOf(let words)) where words.allSatisfy(\.isLiteral) && statuses.isEmpty:
                readStatuses(words.map(\.source), test)
            case (.workflowID, .anyOf(let words)) where words.count == 1 && words[0].isLiteral && !named:
                (workflows, named) = (.id(WorkflowID(words[0].source)), true)
            case (.workflowName, .anyOf(let words)) where words.count == 1 && words[0].isLiteral && !named:
                (workflows, named) = (.name(words[0].source), true)
            case (.startedAgo, .period(let comparison, let period)): bounds.append((comparison, period))
            case (.executionMode, _):
                object(test.place, "n8n's bulk stop knows no modes: write execution_mode: any")
            case (.age, _):
                object(
                    test.place, "n8n's bulk stop cannot ask for age: use stop",
                    instead: "n8n knows when a run started: started_ago can be said")
            default: object(test.place, "n8n's bulk stop cannot ask for \(test.field.name): use stop")
            }
        }
    }

    private mutating func readStatuses(_ words: [String], _ test: FieldTest) {
        let allowed: [ExecutionStatus] = [.running, .waiting, .queued]
        for word in words where !allowed.contains(where: { $0.rawValue == word }) {
            object(test.place, "n8n's bulk stop takes running, waiting and queued, not \(word)")
        }
        statuses = allowed.filter { words.contains($0.rawValue) }
    }

    /// Equal where they say the same.
    public static func == (one: BulkStopScope, other: BulkStopScope) -> Bool {
        one.statuses == other.statuses && one.workflows == other.workflows && one.objections == other.objections
            && one.bounds.elementsEqual(other.bounds) { $0 == $1 }
    }
    /// Hashes statuses and workflows.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(statuses)
        hasher.combine(workflows)
    }
}
