import MendflowCore
import MendflowLedger

// The outcomes of retries in the rows: the child row is the authority, the answer a hint (semantics 29).
extension Reconciler {
    /// Settles retries whose child is seen, and latches every child, so that chains outlive their rows. No row says who
    /// started it: what settles a request here may be a person's just as well, until n8n's answer tells.
    mutating func reconcileRetries() {
        let children = observed.retries.compactMap { observed.executions[$0] }
        var families = RetryFamilies(self, children)
        for intent in watched where intent.awaitsChild {
            let child = children.first { child in
                child.retryOf == intent.draft.execution && families.origin(of: child) == .somebodys(intent.id)
                    && (isOver(intent) || !families.isEarlier(child))
            }
            guard let (id, status) = child.map({ ($0.id, $0.status) }) ?? namedSuccess(intent) else { continue }
            settle(intent, Settlement(.applied, .child(id, status, isDoubtful: true), child: id))
            // Of a run that n8n does not keep nothing else tells that its id is no run of another retry.
            if child == nil { latchChild(id, of: intent.draft.execution) }
        }
        var named = Dictionary(
            view.intents.lazy.compactMap { intent in intent.child.map { ($0, intent.draft.execution) } },
            uniquingKeysWith: { first, _ in first })
        for intent in view.intents where intent.isThrottledRetry {
            let strangers = children.filter { named[$0.id] == nil && families.origin(of: $0) == .person }
            guard let run = runInSpiteOfRefusal(of: intent, among: strangers) else { continue }
            named[run.id] = intent.draft.execution
            settle(intent, Settlement(.applied, .child(run.id, run.status, isDoubtful: true), child: run.id))
        }
        for child in children {
            guard let parent = child.retryOf else { continue }
            latchChild(child.id, of: parent)
            // A run that an answer to a request of ours named is no person's.
            if named[child.id] != parent, !child.status.isLive, let end = child.endedAt,
                view.personRetried[parent].map({ $0 < end }) ?? true, families.origin(of: child) == .person
            {
                latch(Latch(.personRetried(child.id), parent, at: end))
            }
        }
    }

    /// Settles retries whose answer was lost as having run, where n8n's own tracing says that a retry of the execution has
    /// ended and n8n has no row of that: where it keeps no successes, this is the only trace of one (semantics 62). What
    /// became of the run is only said, so nothing is healed by it, and nothing is ever sent because of it.
    mutating func settleTold() {
        guard !poll.toldRetries.isEmpty, view.alarm == nil, poll.contradiction == nil else { return }
        var used = Set(view.intents.compactMap(\.child))
        for intent in watched where intent.awaitsChild && intent.state == .unresolved {
            let execution = intent.draft.execution
            guard let watermark = intent.watermark,
                let told = poll.toldRetries.first(where: { told in
                    told.retryOf == execution && told.execution > watermark && !used.contains(told.execution)
                        && observed.executions[told.execution] == nil
                        && view.children[execution]?.contains(told.execution) != true
                        && (told.workflow ?? intent.draft.workflow) == intent.draft.workflow
                        && !wasOver(told, before: intent)
                })
            else { continue }
            used.insert(told.execution)
            settle(
                intent,
                Settlement(.applied, .toldBySpan(told.execution, told.claim, at: told.at), child: told.execution))
        }
    }

    /// Whether a request is past the time that something in front of n8n may hold it: its run is there by now, if there is one.
    /// Before that, a run that n8n dates before the request left is hardly its own, and its own may still come.
    private func isOver(_ intent: Intent) -> Bool {
        intent.sendingAt.map { now >= poll.clockOffset.server($0) + requestGrace } ?? true
    }

    /// Whether a run had ended before a request of ours left, as n8n says: a person's then, of which n8n kept no row.
    private func wasOver(_ told: Hint, before intent: Intent) -> Bool {
        guard let end = told.at, let sent = intent.sendingAt, !poll.clockOffset.isDisputed else { return false }
        return end + Reconciler.margin < poll.clockOffset.server(sent)
    }

    /// A success that the retried run's row names although no row of its own is seen: n8n may list it nowhere.
    private func namedSuccess(_ intent: Intent) -> (ExecutionID, ExecutionStatus)? {
        guard let named = observed.executions[intent.draft.execution]?.retrySuccess,
            named > (intent.watermark ?? intent.draft.execution), observed.executions[named] == nil,
            !view.intents.contains(where: { $0.child == named })
        else { return nil }
        return (named, .success)
    }

    private mutating func latchChild(_ child: ExecutionID, of parent: ExecutionID) {
        guard view.children[parent]?.contains(child) != true else { return }
        latch(Latch(.child(child), parent, at: now))
    }

    private mutating func latch(_ latch: Latch) { events.append(.latched(instance, latch, shadow: false)) }
}

extension Reconciler {
    /// How long a retry's call is left to answer by itself, and how long a call may be open.
    private static let patience = Period.seconds(20), longestCall = Period.hours(6)

    /// Retries whose calls are open or were lost, and of whose runs nothing is seen: in queue mode n8n may never answer for a
    /// run that ended at once, nor list it, while the row of the retried run names it (n8n facts 3.1).
    static func retriesToVerify(_ intents: [Intent], at now: AgentTime) -> [Intent] {
        intents.filter { intent in
            guard intent.awaitsChild, let sent = intent.sendingAt else { return false }
            return now - sent >= patience && now - sent <= longestCall
        }
    }
}

/// Who started the retries that are seen, told for all of one execution when it is asked for one of them.
private struct RetryFamilies {
    private let intents: [Intent], children: [Execution]
    private let clockOffset: ClockOffset
    private var known: [ExecutionID: RetryOrigins] = [:]
    /// Those that n8n dates seconds to minutes before every request that may have started them.
    private var earlier: Set<ExecutionID> = []

    init(_ reconciler: Reconciler, _ children: [Execution]) {
        intents = reconciler.view.intents
        clockOffset = reconciler.poll.clockOffset
        self.children = children
    }

    mutating func origin(of child: Execution) -> RetryOrigins.Origin {
        guard let parent = child.retryOf else { return .person }
        if let origins = known[parent] { return origins[child.id] }
        let origins = origins(of: parent)
        known[parent] = origins
        return origins[child.id]
    }

    /// Whether n8n dates a run before the request as whose it counts; known once its origin was asked for.
    func isEarlier(_ child: Execution) -> Bool { earlier.contains(child.id) }

    private mutating func origins(of parent: ExecutionID) -> RetryOrigins {
        let requests = intents.filter { $0.draft.action == .retry && $0.draft.execution == parent }
        // In a long queue, of which no list shows anything, even the highest id that is known may lie below others.
        let family = children.filter { $0.retryOf == parent && !wasThere($0, before: requests, by: Watermark.margin) }
        let before = Set(family.filter { wasThere($0, before: requests, by: Reconciler.margin) }.map(\.id))
        earlier.formUnion(before)
        return RetryOrigins(requests, family.map(\.id), earlier: before)
    }

    /// Whether n8n says that a run was made this much or more before any request that still waits for its own had left.
    private func wasThere(_ child: Execution, before requests: [Intent], by margin: Period) -> Bool {
        guard let made = child.createdAt, !clockOffset.isDisputed,
            let first = requests.filter(\.awaitsChild).compactMap(\.sendingAt).min()
        else { return false }
        return made + margin < clockOffset.server(first)
    }
}

extension Intent {
    /// Whether a child of its execution would be its outcome.
    fileprivate var awaitsChild: Bool {
        draft.action == .retry && child == nil && (state == .sending || state == .unresolved)
    }
}
