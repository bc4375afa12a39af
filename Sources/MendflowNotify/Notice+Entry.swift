package import MendflowCore
package import MendflowLedger
import MendflowOperations
import MendflowText

/// An entry with its number.
package struct NumberedEntry: Sendable {
    package var number: Int64
    package var entry: LedgerEntry

    package init(_ number: Int64, _ entry: LedgerEntry) {
        self.number = number
        self.entry = entry
    }

    package init(_ sealed: SealedRecord) throws(LedgerFailure) {
        self.init(sealed.sequence, try sealed.entry())
    }
}

/// What an entry means for whoever is told of things.
package enum NoticeFinding: Sendable, Hashable {
    /// It is told.
    case tells(Notice)
    /// What an earlier one began was over before it was told: neither is.
    case withdraws(record: Int64)
}

extension Notice {
    /// How long an unanswered request is left alone before anybody hears of it: what it did may still show up in n8n.
    package static let grace: Period = Inbox.age

    /// The executions about whose past something has to be known to say what an entry means; nil where it says so by itself.
    package static func past(of event: LedgerEvent) -> (executions: Set<ExecutionID>, instance: InstanceKey)? {
        switch event {
        case .outcome(let intent, _), .resolved(let intent, _, _, _): ([intent.execution], intent.instance)
        case .reserved(let reservation) where reservation.supersedes != nil:
            ([reservation.draft.execution], reservation.draft.instance)
        case .latched(let key, let latch, _) where latch.isExhausted || latch.fact == .healed:
            ([latch.execution], key)
        default: nil
        }
    }

    /// Whether the records right before say more of what an entry means: whoever adopts another database writes behind that what
    /// is over with the former one.
    package static func leansOnNeighbours(_ event: LedgerEvent) -> Bool {
        if case .gap(_, _, .readAgain) = event { true } else { false }
    }

    /// What an entry of a ledger means; nil where nobody is told of it. `past` holds the earlier entries about the executions
    /// that `past(of:)` names, oldest first, or the two right before where `leansOnNeighbours` says so.
    package static func of(_ found: NumberedEntry, in ledger: LedgerName, past: [NumberedEntry]) -> NoticeFinding? {
        let made: NoticeFinding? =
            switch found.entry.event {
            case .outcome(let intent, let settlement): ofOutcome(found, intent, settlement, past)
            case .resolved(let intent, let ran, let who, let reason):
                over(found, intent, past, "\(who) says that it \(ran ? "ran" : "did not run"): \(reason)")
            case .reserved(let reservation):
                reservation.supersedes.flatMap {
                    over(found, IntentRef($0, reservation.draft), past, "it is sent again, as the policy allows")
                }
            case .latched(let key, let latch, let shadow): ofLatch(found, key, latch, shadow, past)
            default: (ofFormerDatabase(found, past) ?? ofState(found)).map { .tells($0) }
            }
        guard case .tells(var notice) = made else { return made }
        notice.topic = "\(ledger.text):\(notice.topic)"
        notice.subject = NoticeWords.bounded(notice.subject, NoticeWords.longestSubject)
        notice.text = NoticeWords.bounded(notice.text, NoticeWords.longestText)
        return .tells(notice)
    }
}

/// What tells one ledger from all others: the beginning of its first record's hash.
package struct LedgerName: Sendable, Hashable {
    package let text: String

    /// The name of the ledger whose first record has a hash.
    package init(_ first: [UInt8]) {
        text = Hex.text(Array(first.prefix(4)))
    }
}

// Requests without an answer.
extension Notice {
    private static func topic(_ intent: IntentRef) -> String { "unresolved:\(intent.instance.name):\(intent.id)" }

    /// The first entry that left an intent unanswered, and whether something settled it since.
    private static func opening(
        of id: IntentID, _ past: [NumberedEntry]
    ) -> (entry: NumberedEntry, isSettled: Bool)? {
        var found: (entry: NumberedEntry, isSettled: Bool)?
        for earlier in past {
            switch earlier.entry.event {
            case .outcome(let intent, let settlement) where intent.id == id:
                if settlement.state != .unresolved {
                    found?.isSettled = true
                } else if found == nil {
                    found = (earlier, false)
                }
            case .resolved(let intent, _, _, _) where intent.id == id: found?.isSettled = true
            case .reserved(let reservation) where reservation.supersedes == id: found?.isSettled = true
            default: break
            }
        }
        return found
    }

    private static func ofOutcome(
        _ found: NumberedEntry, _ intent: IntentRef, _ settlement: Settlement, _ past: [NumberedEntry]
    ) -> NoticeFinding? {
        guard settlement.state == .unresolved else {
            return over(found, intent, past, NoticeWords.settled(settlement))
        }
        // Asked for again under its key, and lost again: it was told already.
        guard opening(of: intent.id, past) == nil else { return nil }
        var notice = about(
            intent, found, .open, past, NoticeWords.unresolved(intent),
            NoticeWords.unresolvedText(intent, settlement))
        notice.hold = grace
        return .tells(notice)
    }

    /// What settles an unanswered request; nil where it was never unanswered, or settled before.
    private static func over(
        _ found: NumberedEntry, _ intent: IntentRef, _ past: [NumberedEntry], _ why: String
    ) -> NoticeFinding? {
        guard let opening = opening(of: intent.id, past), !opening.isSettled else { return nil }
        guard found.entry.at >= opening.entry.entry.at + grace else {
            return .withdraws(record: opening.entry.number)
        }
        var notice = about(intent, found, .over, past, NoticeWords.unresolvedOver(intent), why)
        notice.opening = opening.entry.number
        return .tells(notice)
    }

    private static func about(
        _ intent: IntentRef, _ found: NumberedEntry, _ phase: Phase, _ past: [NumberedEntry], _ subject: String,
        _ text: String
    ) -> Notice {
        var notice = Notice(
            .unresolved, phase, .warning, topic: topic(intent), record: found.number, at: found.entry.at,
            subject: subject, text: text)
        notice.instance = intent.instance.name
        (notice.execution, notice.workflow) = (intent.execution, workflow(in: past))
        notice.policy = intent.policy
        return notice
    }

    /// The workflow of a chain, as requests for it tell.
    fileprivate static func workflow(in past: [NumberedEntry]) -> WorkflowID? {
        for earlier in past.reversed() {
            if case .reserved(let reservation) = earlier.entry.event { return reservation.draft.workflow }
        }
        return nil
    }
}

// Chains that a policy gave up.
extension Notice {
    private static func ofLatch(
        _ found: NumberedEntry, _ key: InstanceKey, _ latch: Latch, _ shadow: Bool, _ past: [NumberedEntry]
    ) -> NoticeFinding? {
        let earlier = past.filter { $0.number < found.number }
        let latches = earlier.compactMap { entry -> (entry: NumberedEntry, latch: Latch, shadow: Bool)? in
            guard case .latched(_, let latch, let shadow) = entry.entry.event else { return nil }
            return (entry, latch, shadow)
        }
        // On the first day of a policy much is too old for it: nobody hears of what it never tried.
        let exhausted = latches.filter {
            $0.latch.isExhausted && wasTried($0.latch, $0.shadow, before: $0.entry.number, past)
        }
        switch latch.fact {
        case .exhausted(let policy):
            guard wasTried(latch, shadow, before: found.number, past) else { return nil }
            // One message per chain: where another policy gave up too, that is in the record.
            guard !exhausted.contains(where: { $0.shadow == shadow }) else { return nil }
            return .tells(chain(found, key, latch.execution, policy, shadow, .open, past))
        case .healed:
            guard let opening = exhausted.first(where: { !$0.shadow || shadow }) ?? exhausted.first,
                case .exhausted(let policy) = opening.latch.fact, !latches.contains(where: { $0.latch.fact == .healed })
            else { return nil }
            var notice = chain(found, key, latch.execution, policy, opening.shadow, .over, past)
            notice.opening = opening.entry.number
            return .tells(notice)
        default: return nil
        }
    }

    /// Whether anything was tried for a chain before an entry; what dry-run would have tried counts for dry-run alone.
    private static func wasTried(
        _ latch: Latch, _ shadow: Bool, before number: Int64, _ past: [NumberedEntry]
    ) -> Bool {
        past.contains { earlier in
            guard earlier.number < number, case .reserved(let reservation) = earlier.entry.event else { return false }
            return reservation.draft.root == latch.execution && (shadow || !reservation.draft.isShadow)
        }
    }

    private static func chain(
        _ found: NumberedEntry, _ key: InstanceKey, _ root: ExecutionID, _ policy: String, _ shadow: Bool,
        _ phase: Phase, _ past: [NumberedEntry]
    ) -> Notice {
        let (subject, text) = NoticeWords.chain(key.name, root, policy, phase)
        var notice = Notice(
            .exhausted, phase, .warning,
            topic: "exhausted:\(key.name):\(key.epoch):\(root)\(shadow ? ":dry-run" : "")",
            record: found.number, at: found.entry.at, subject: subject, text: text)
        notice.instance = key.name
        (notice.execution, notice.workflow) = (root, workflow(in: past))
        notice.policy = policy
        notice.isDryRun = shadow
        return notice
    }
}
