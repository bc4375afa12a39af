/// Whether a retry may do again what was done already, and why.
public struct RepeatRiskVerdict: Sendable, Hashable {
    /// Where a retry begins.
    public enum Start: Sendable, Hashable {
        /// At the failed node, with that many input items again; nil where their number is not known.
        case node(String, items: Int?)
        /// Where the stop or the time-out left the run; the data does not always name the node.
        case interruption
        /// At the trigger.
        case trigger
        /// Not known.
        case unknown
    }
    /// The risk.
    public var risk: RepeatRisk
    /// The id of what decided: a rule of the table, or the judge's own word for the case.
    public var ruleID: String
    /// Where a retry begins.
    public var start: Start
    /// The most items for which the deed may have been done already; nil where no number bounds it.
    public var mayHaveBeenDone: Int?
    /// One sentence for people, without a full stop.
    public var words: String

    /// Makes a verdict.
    public init(_ risk: RepeatRisk, ruleID: String, start: Start, mayHaveBeenDone: Int? = nil, words: String) {
        self.risk = risk
        self.ruleID = ruleID
        self.start = start
        self.mayHaveBeenDone = mayHaveBeenDone
        self.words = words
    }
}

/// Judges repeat risk from the failed run's own evidence (semantics 44).
public struct RepeatRiskJudge: Sendable, Hashable {
    /// What only reads, and which errors prove that nothing was done.
    public let table: RepeatRiskTable

    /// Makes a judge.
    public init(table: RepeatRiskTable = .builtIn) { self.table = table }

    /// The risk of retrying a failed run; `errorClass` is the classifier's, nil where it is missing.
    public func judge(
        status: ExecutionStatus, detail: ExecutionDetail, errorClass: ErrorClass?
    ) -> RepeatRiskVerdict {
        switch detail.readability {
        case .oversized: return .unknown("oversized", "the run's data is too large to read")
        case .unreadable(let why): return .unknown("unreadable", "the run's data cannot be read: \(why)")
        case .readable, .redacted: break
        }
        guard detail.status == status else { return .unknown("stale-data", "the data is of an earlier status") }
        switch status {
        case .canceled: return interrupted(detail)
        case .error, .crashed: return failed(status, detail, errorClass)
        default: return .unknown("not-failed", "the run has not failed")
        }
    }

    private func interrupted(_ detail: ExecutionDetail) -> RepeatRiskVerdict {
        guard let finished = detail.finishedNodes else {
            return .unknown("no-run-data", "the data does not tell which nodes ran")
        }
        guard finished > 0 else {
            return .restart("interrupted-unsaved", "the run was interrupted and no node's result was saved")
        }
        var start = RepeatRiskVerdict.Start.interruption
        if detail.resumesAtNode == true, let node = detail.lastNode {
            start = .node(node.name, items: detail.itemsToRepeat)
        }
        return RepeatRiskVerdict(
            .possible, ruleID: "interrupted", start: start,
            words: "resumes where the run was interrupted; what was under way may have been done")
    }

    private func failed(
        _ status: ExecutionStatus, _ detail: ExecutionDetail, _ errorClass: ErrorClass?
    ) -> RepeatRiskVerdict {
        // A node's input stands on the stack of a run that ended by itself; of a crashed one it is the trigger's.
        let resumes = detail.resumesAtNode ?? (status == .error && detail.itemsToRepeat != nil ? true : nil)
        if resumes == false || (resumes == nil && detail.finishedNodes == 0) {
            return status == .crashed
                ? .restart("crash-unsaved", "the run crashed and its progress was not saved")
                : .restart("not-resumable", "the failed node's input was not kept")
        }
        guard resumes == true, let node = detail.lastNode else {
            return .unknown("no-node", "the data does not tell where a retry would start")
        }
        let feeds = Feeding(node: node, items: detail.itemsToRepeat)
        if let rule = readOnlyRule(node, detail.error, errorClass) {
            if rule.unlessItCalled, detail.readability != .readable {
                return RepeatRiskVerdict(
                    .unknown, ruleID: "script-unread", start: feeds.start,
                    words: "\(feeds.words); n8n hides whether its script called out")
            }
            return RepeatRiskVerdict(
                .none, ruleID: rule.id, start: feeds.start, mayHaveBeenDone: 0,
                words: "\(feeds.words), which changes nothing")
        }
        return writing(status, detail, feeds)
    }

    private func readOnlyRule(
        _ node: NodeEvidence, _ error: ErrorEvidence?, _ errorClass: ErrorClass?
    ) -> ReadOnlyRule? {
        let classesOfCalls: Set<ErrorClass> = [.transient, .rateLimit, .quota, .auth, .timeout, .conflict]
        let called = error?.httpCode != nil || errorClass.map(classesOfCalls.contains) == true
        return table.readOnly.first { $0.matches(node) && !($0.unlessItCalled && called) }
    }

    private func writing(
        _ status: ExecutionStatus, _ detail: ExecutionDetail, _ feeds: Feeding
    ) -> RepeatRiskVerdict {
        let isComposite = table.composite.match(feeds.node.type)
        // A crash cuts the node off anywhere: whatever error stands in the data is not about its last call.
        let proof: NothingDoneRule? =
            status == .crashed || isComposite
            ? nil : detail.error.flatMap { error in table.nothingDone.first { $0.matches(error) } }
        guard let items = feeds.items else {
            let told = detail.readability == .readable && proof == nil
            return RepeatRiskVerdict(
                told ? .possible : .unknown, ruleID: "items-unknown", start: feeds.start,
                words: "\(feeds.words); how many of them were done is not known")
        }
        // All items, not only those before the failed one: a node may have made every call (measured).
        let mayHaveBeenDone = proof == nil ? items : max(0, items - 1)
        if let proof, mayHaveBeenDone == 0 {
            return RepeatRiskVerdict(
                .none, ruleID: proof.id, start: feeds.start, mayHaveBeenDone: 0,
                words: "\(feeds.words); the error proves that nothing was done")
        }
        let rule = items > 1 ? "several-items" : status == .crashed ? "crashed-in-node" : "may-be-done"
        let deeds =
            isComposite ? "any of its steps" : items == 1 ? "it" : "up to \(mayHaveBeenDone)"
        return RepeatRiskVerdict(
            .possible, ruleID: rule, start: feeds.start, mayHaveBeenDone: isComposite ? nil : mayHaveBeenDone,
            words: "\(feeds.words); \(deeds) may have been done")
    }
}

/// A failed node and the items that a retry feeds to it.
private struct Feeding {
    let node: NodeEvidence
    let items: Int?

    var start: RepeatRiskVerdict.Start { .node(node.name, items: items) }

    var words: String {
        let count = items.map { $0 == 1 ? "1 item" : "\($0) items" } ?? "an unknown number of items"
        return "feeds \(count) into \(target) again"
    }

    private var target: String {
        if let method = node.method, let target = node.target { return "\(method) \(target)" }
        let short = node.type.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
        let deed = [short, node.resource, node.operation].compactMap(\.self).joined(separator: " ")
        return deed.isEmpty ? "\"\(node.name)\"" : "\"\(node.name)\" (\(deed))"
    }
}

extension RepeatRiskVerdict {
    fileprivate static func unknown(_ rule: String, _ why: String) -> RepeatRiskVerdict {
        RepeatRiskVerdict(
            .unknown, ruleID: rule, start: .unknown, words: "\(why), so what a retry repeats is not known")
    }
    fileprivate static func restart(_ rule: String, _ why: String) -> RepeatRiskVerdict {
        RepeatRiskVerdict(
            .restart, ruleID: rule, start: .trigger,
            words: "starts again at the trigger and does everything again: \(why)")
    }
}
