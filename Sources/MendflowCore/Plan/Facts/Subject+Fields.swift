extension Subject: FactSource {
    /// The fact of one field (semantics 1 to 8).
    public func fact(_ field: Field) -> Fact<FieldValue> {
        switch field {
        case .executionID: return cache.row.id.number.map { .known(.number(Int64(clamping: $0))) } ?? .unknown
        case .status: return .known(.text(cache.row.status.rawValue))
        case .workflowID: return .known(.text(cache.row.workflow.text))
        case .workflowName, .workflowTag, .workflowProject, .workflowActive: return workflowFact(field)
        case .executionMode:
            return chain.originMode.map { .known(.text($0.word)) } ?? .unknown
        case .age, .startedAgo, .endedAt, .ranFor, .overdue: return timeFact(field)
        case .ranForOfP95: return ranForOfP95
        case .waitingFor: return waitingFor
        case .retries: return knowsAllRetries ? .known(.number(Int64(retriesMade))) : .unknown
        case .isRetry: return cache.row.hidesRetryOf ? .unknown : .known(.flag(cache.row.retryOf != nil))
        case .healed: return isHealed || knowsAllRetries ? .known(.flag(isHealed)) : .unknown
        case .succeededSince: return succeededSince
        case .customData(let key):
            return fromDetail { detail in
                let note = detail.note(key)
                return note == .absent && !isStored ? .unknown : note
            }
        case .executionTag: return executionTags
        case .errorClass: return classification.map { .text($0.errorClass.rawValue) }
        case .repeatRisk: return repeatRisk.asRiskFact
        case .errorName, .errorMessage, .errorHTTPCode, .errorHTTPMethod, .errorNode, .errorNodeType, .errorCause,
            .errorItems:
            return cache.row.status.isFailed ? fromDetail { errorFact(field, $0) } : .absent
        }
    }

    /// Whether n8n has stored what the run noted: it does so when a run ends or goes to sleep. A queued one has noted
    /// nothing yet.
    private var isStored: Bool {
        !cache.row.status.isLive || cache.row.status == .waiting || cache.row.status == .queued
    }

    private func fromDetail(_ read: (ExecutionDetail) -> Fact<FieldValue>) -> Fact<FieldValue> {
        guard let detail = cache.detail else { return .needs(.detail(cache.row.id)) }
        return read(detail)
    }

    private func workflowFact(_ field: Field) -> Fact<FieldValue> {
        workflow.map { $0.fact(field) } ?? .unknown
    }

    private func timeFact(_ field: Field) -> Fact<FieldValue> {
        func since(_ time: ServerTime?) -> Fact<FieldValue> {
            // What lies ahead has not begun: row and clock contradict each other.
            guard let time, facts.validity.hasCome(time) else { return .unknown }
            return .known(.period(facts.validity.age(since: time)))
        }
        let isEnded = cache.row.status.isFailed || cache.row.status == .success
        switch field {
        case .age: return since(statusSince)
        case .startedAgo:
            return cache.row.status == .queued && cache.row.startedAt == nil ? .absent : since(cache.row.startedAt)
        case .endedAt: return isEnded ? cache.row.endedAt.map { .known(.time($0)) } ?? .unknown : .absent
        case .ranFor:
            if cache.row.status == .queued { return .absent }
            guard isEnded else { return since(hasSlept ? seenRunningSince : cache.row.startedAt) }
            guard let start = cache.row.startedAt, let end = cache.row.stoppedAt, start <= end else { return .unknown }
            return .known(.period(end - start))
        default:
            guard cache.row.status == .waiting else { return .absent }
            // That it is still to come is what waiting means.
            return cache.row.waitTill.map { .known(.period(facts.validity.age(since: $0))) } ?? .unknown
        }
    }

    private var ranForOfP95: Fact<FieldValue> {
        switch timeFact(.ranFor) {
        case .known(.period(let period)):
            // What goes on takes another part of the p95 at each moment.
            if cache.row.status.isLive { _ = facts.validity.momentary() }
            return facts.runTimes(of: cache.row.workflow)?.hundredths(period).map { .known(.number($0)) } ?? .unknown
        case .absent: return .absent
        default: return .unknown
        }
    }

    private var waitingFor: Fact<FieldValue> {
        guard cache.row.status == .waiting else { return .absent }
        if let till = cache.row.waitTill, till >= ExecutionDetail.WaitKind.indefinite {
            return .known(.text(ExecutionDetail.WaitKind.event.rawValue))
        }
        return fromDetail { $0.waitKind.map { .known(.text($0.rawValue)) } ?? .unknown }
    }

    private var succeededSince: Fact<FieldValue> {
        if let newest = facts.snapshot.newestSuccess[cache.row.workflow], newest > cache.row.id {
            return .known(.flag(true))
        }
        guard facts.snapshot.coverage.knowsAllSuccesses(after: cache.row.id) else { return .unknown }
        return savesSuccesses ? .known(.flag(false)) : .unknown
    }

    /// Whether a success of the workflow would be seen: it says so, or one was seen, or one of a workflow that leaves
    /// it to the instance's default as this one does.
    private var savesSuccesses: Bool {
        guard let workflow else { return false }
        if let saves = workflow.savesSuccesses { return saves }
        return facts.snapshot.newestSuccess[cache.row.workflow] != nil || facts.seesDefaultSuccesses
    }

    /// The tags of the execution, and of the other runs of its chain that are there: who tags a run means what it was for.
    private var executionTags: Fact<FieldValue> {
        guard !facts.snapshot.notOffered.contains(.tag) else { return .unknown }
        var all: Set<String> = []
        for node in chain.nodes where node.row != nil {
            guard let tags = facts.snapshot.tags[node.id] else {
                return facts.snapshot.unreadableTags.contains(node.id) ? .unknown : .needs(.tags(node.id))
            }
            all.formUnion(tags.map(\.name))
        }
        let own = (facts.snapshot.tags[cache.row.id] ?? []).map(\.name).sorted()
        return .known(all.count == Set(own).count ? .set(own) : .shared(own: own, all: all.sorted()))
    }

    private func errorFact(_ field: Field, _ detail: ExecutionDetail) -> Fact<FieldValue> {
        func text(_ value: String?) -> Fact<FieldValue> {
            value.map { .known(.text($0)) } ?? (detail.isFullyReadable ? .absent : .unknown)
        }
        switch field {
        case .errorName: return text(detail.error?.name)
        case .errorMessage: return text(detail.error?.message)
        case .errorHTTPCode: return text(detail.error?.httpCode)
        // A run fails at some node, so one that is not told is unknown: a crash must not slip past a protection.
        case .errorHTTPMethod: return detail.lastNode == nil ? .unknown : text(detail.lastNode?.method)
        case .errorNode: return detail.lastNode.map { .known(.text($0.name)) } ?? .unknown
        case .errorNodeType: return detail.lastNode?.type.map { .known(.text($0)) } ?? .unknown
        case .errorCause: return text(detail.error?.cause)
        default: return detail.itemsToRepeat.map { .known(.number(Int64($0))) } ?? .unknown
        }
    }
}
