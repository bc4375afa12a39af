package import MendflowCore
package import MendflowLedger
package import MendflowTestKit
import MendflowText

/// The kinds of events. The list is complete: a new event does not compile without its kind here, nor a kind without an
/// event that is made of it.
package enum EventKind: String, CaseIterable, Sendable {
    case reserved, sending, outcome, resolved, latched, owned, planned, decided, tick, gap, suspended, restored,
        learnedTag
    case alarmed, began, paused, resumed, policy, lifecycle
    case asked, probing, probed, replayBegan, replayMoved
    case approvalAsked, approvalAnswered, approvalClosed, demoted, promoted
    case absenceBegan, absenceEnded, incidentOpened, incidentMoved, incidentOver, notified, sealed

    package init(_ event: LedgerEvent) {
        switch event {
        case .reserved: self = .reserved
        case .sending: self = .sending
        case .outcome: self = .outcome
        case .resolved: self = .resolved
        case .latched: self = .latched
        case .owned: self = .owned
        case .planned: self = .planned
        case .decided: self = .decided
        case .tick: self = .tick
        case .gap: self = .gap
        case .suspended: self = .suspended
        case .restored: self = .restored
        case .learnedTag: self = .learnedTag
        case .alarmed: self = .alarmed
        case .began: self = .began
        case .paused: self = .paused
        case .resumed: self = .resumed
        case .policy: self = .policy
        case .lifecycle: self = .lifecycle
        case .asked: self = .asked
        case .probing: self = .probing
        case .probed: self = .probed
        case .replayBegan: self = .replayBegan
        case .replayMoved: self = .replayMoved
        case .approvalAsked: self = .approvalAsked
        case .approvalAnswered: self = .approvalAnswered
        case .approvalClosed: self = .approvalClosed
        case .demoted: self = .demoted
        case .promoted: self = .promoted
        case .absenceBegan: self = .absenceBegan
        case .absenceEnded: self = .absenceEnded
        case .incidentOpened: self = .incidentOpened
        case .incidentMoved: self = .incidentMoved
        case .incidentOver: self = .incidentOver
        case .notified: self = .notified
        case .sealed: self = .sealed
        }
    }
}

/// Makes events of all kinds out of a seed, with texts that codecs are particular about. Nothing of it need be allowed.
package struct RandomEvents {
    package var random: SplitMix64

    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    package mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
    package mutating func oneIn(_ number: Int) -> Bool { below(number) == 0 }
    package mutating func pick<T>(_ all: [T]) -> T { all[below(all.count)] }

    mutating func maybe<T>(_ make: (inout RandomEvents) -> T) -> T? { oneIn(2) ? nil : make(&self) }
    mutating func some<T>(_ most: Int, _ make: (inout RandomEvents) -> T) -> [T] {
        (0..<below(most + 1)).map { _ in make(&self) }
    }

    package mutating func text() -> String {
        pick([
            "", "a", "retry-order-sync", "say \"no\\\"", "line\nbreak\ttab\u{0}nul\u{1F}\u{7F}", "Grüße 🦊 e\u{301}",
            "refusal:", "verified: canceled", "\u{85}\u{2028}\u{FEFF}", String(repeating: "x", count: 300), "null",
            "12",
        ])
    }
    mutating func number() -> Int64 {
        pick([0, 1, -1, 7, 1_700_000_000_123, .max, .min, Int64(bitPattern: random.next())])
    }
    mutating func time<T: Moment>() -> T { T(milliseconds: number()) }
    mutating func execution() -> ExecutionID { oneIn(9) ? ExecutionID(text()) : ExecutionID("\(1 + below(40))") }
    mutating func instance() -> InstanceKey {
        InstanceKey(name: pick(["production", "test", "a b"]), epoch: 1 + below(3))
    }

    /// An event of a kind.
    package mutating func event(_ kind: EventKind) -> LedgerEvent {
        switch kind {
        case .reserved: .reserved(reservation())
        case .sending:
            .sending(
                intent(), watermark: maybe { $0.execution() }, look: text(),
                key: maybe { $0.requestKey() }, witness: maybe { $0.witness() })
        case .outcome: .outcome(intent(), settlement())
        case .resolved: .resolved(intent(), ran: oneIn(2), by: text(), reason: text())
        case .latched: .latched(instance(), latch(), shadow: oneIn(2))
        case .owned: .owned(instance(), root: execution(), policy: text(), shadow: oneIn(2))
        case .planned: .planned(instance(), planning())
        case .decided: .decided(decision())
        case .tick: .tick(instance(), patch())
        case .gap: .gap(instance(), execution: maybe { $0.execution() }, gap())
        case .suspended: .suspended(instance(), pick(ActionKind.allCases), reason: text())
        case .restored: .restored(instance(), pick(ActionKind.allCases))
        case .learnedTag: .learnedTag(instance(), name: text(), id: text())
        case .alarmed: .alarmed(instance(), reason: text(), execution: maybe { $0.execution() })
        case .began: .began(baseline(), beginning())
        case .paused:
            .paused(
                instance: maybe { $0.text() }, reason: text(), by: text(), until: maybe { $0.time() },
                isDoubt: below(3) == 0)
        case .resumed: .resumed(instance: maybe { $0.text() }, by: text())
        case .policy: .policy(PolicyText(version: text(), name: text(), text: text(), place: text()))
        case .lifecycle: .lifecycle(lifecycle())
        case .asked: .asked(intent(), askingProof())
        case .probing: .probing(instance(), probe())
        case .probed: .probed(instance(), probe(), keyAnswer())
        case .replayBegan: .replayBegan(instance(), replayStart())
        case .replayMoved:
            .replayMoved(
                instance(), ReplayMove(replayName(), pick(Replay.State.allCases), by: text(), why: text()))
        case .approvalAsked: .approvalAsked(ask())
        case .approvalAnswered: .approvalAnswered(askReference(), approvalAnswer())
        case .approvalClosed:
            .approvalClosed(askReference(), ApprovalEnd(pick(ApprovalEnd.Kind.allCases), why: text()))
        case .demoted: .demoted(instance(), demotion())
        case .promoted:
            .promoted(instance(), Promotion(policy: text(), version: text(), by: text(), reason: text()))
        case .absenceBegan: .absenceBegan(instance(), absence())
        case .absenceEnded: .absenceEnded(instance(), absenceEnd())
        case .incidentOpened: .incidentOpened(instance(), incident())
        case .incidentMoved: .incidentMoved(instance(), incidentMove())
        case .incidentOver: .incidentOver(instance(), incidentEnd())
        case .notified: .notified(channelEntry())
        case .sealed: .sealed(segment())
        }
    }
}

// Records that were sealed.
extension RandomEvents {
    private mutating func hash() -> [UInt8] { (0..<32).map { _ in UInt8(below(256)) } }

    mutating func segment() -> LedgerSegment {
        var carried: [SealedRecord] = []
        for _ in 0..<below(3) {
            let record = LedgerEntry(.lifecycle(lifecycle()), at: time()).record(after: AgentTime(milliseconds: .min))
            carried.append(AuditChain.seal(record, after: AuditHead(sequence: Int64(below(99)), hash: hash())))
        }
        return LedgerSegment(
            first: number(), last: number(), hash: hash(), since: time(), until: time(), file: text(), digest: hash(),
            base: hash(), origin: hash(), by: text(), sealedAt: time(), carried: carried)
    }
}

// Asks for approval, and policies that go back to dry-run.
extension RandomEvents {
    package mutating func ask() -> ApprovalAsk {
        ApprovalAsk(
            draft: draft(), request: text(), attempts: below(9), start: maybe { $0.text() },
            risk: maybe { $0.pick(RepeatRisk.allCases) }, errorClass: maybe { $0.pick(ErrorClass.allCases) },
            workflowName: maybe { $0.text() }, expiresAt: time())
    }
    mutating func askReference() -> ApprovalRef {
        ApprovalRef(
            id: ApprovalID(number()), instance: instance(),
            topic: ApprovalTopic(execution(), pick(ActionKind.allCases), text()), root: execution())
    }
    package mutating func approvalAnswer() -> ApprovalAnswer {
        ApprovalAnswer(isYes: oneIn(2), by: text(), note: text())
    }
    package mutating func demotion() -> Demotion {
        Demotion(
            policy: text(), version: text(), expected: text(), rate: below(100), healed: below(50),
            settled: below(99), since: time())
    }
}

// Replays.
extension RandomEvents {
    package mutating func replayName() -> String { Replay.name(1 + below(3)) }
    package mutating func replayStart(version: String = "v1") -> ReplayStart {
        ReplayStart(
            name: replayName(), version: version, total: below(500), earliest: time(), by: text(), reason: text(),
            selection: text())
    }
}

// What did not happen.
extension RandomEvents {
    private mutating func absenceKey() -> AbsenceKey { AbsenceKey(pick(["p", "q"]), WorkflowID("\(below(3))")) }
    package mutating func absence() -> Absence {
        Absence(
            absenceKey(), version: text(), workflowName: text(), within: Period(milliseconds: number()), since: time(),
            last: execution(), lastStatus: pick(ExecutionStatus.allCases), lastEnded: time(), isShadow: oneIn(2))
    }
    package mutating func absenceEnd() -> AbsenceEnd {
        AbsenceEnd(
            absenceKey(), workflowName: text(), since: time(), pick(AbsenceEnd.Cause.allCases),
            run: maybe { $0.execution() }, ranAt: maybe { $0.time() }, isShadow: oneIn(2))
    }
}

// Channels.
extension RandomEvents {
    private mutating func channelEntry() -> ChannelEntry {
        ChannelEntry(
            text(), pick(ChannelEntry.Kind.allCases), through: number(), records: some(3) { $0.number() },
            keys: some(3) { $0.text() }, opened: some(2) { $0.text() }, closed: some(2) { $0.text() }, why: text(),
            nextTry: maybe { $0.time() })
    }
}

// Keys of requests.
extension RandomEvents {
    private mutating func requestKey() -> RequestKey {
        oneIn(2) ? RequestKey(probeAt: time()) : RequestKey(IntentID(number()), reservedAt: time())
    }
    private mutating func witness() -> KeyWitness { KeyWitness(requestKey(), takenAt: time()) }
    private mutating func probe() -> KeyProbe { KeyProbe(requestKey(), pick(KeyProbe.Body.allCases)) }
    private mutating func keyAnswer() -> KeyAnswer {
        pick([.taken, .refused(status: below(600), message: text()), .unclear(text())])
    }
    private mutating func askingProof() -> AskingProof {
        AskingProof(witness(), refusedAt: time(), status: below(600), message: text(), accountedTo: execution())
    }
}

// Parts of intents.
extension RandomEvents {
    package mutating func draft() -> IntentDraft {
        var draft = plainDraft()
        if oneIn(12) { draft.incident = incidentKey() }
        return draft
    }

    private mutating func plainDraft() -> IntentDraft {
        IntentDraft(
            instance: instance(), action: pick(ActionKind.allCases), execution: execution(), root: execution(),
            workflow: WorkflowID(text()), policy: text(), policyVersion: text(), contributors: some(3) { $0.text() },
            attempt: below(5), loadWorkflow: oneIn(2), tags: some(2) { $0.text() }, nodeType: maybe { $0.text() },
            bulk: maybe { $0.bulk() }, isShadow: oneIn(2)
        ).with(oneIn(4) ? pick([.given(ApprovalID(number())), .wouldAsk]) : nil)
    }

    private mutating func bulk() -> BulkStopCall {
        BulkStopCall(
            request: BulkStopRequest(
                statuses: [pick(ExecutionStatus.allCases)] + some(2) { $0.pick(ExecutionStatus.allCases) },
                workflow: maybe { WorkflowID($0.text()) }, startedAfter: maybe { $0.time() },
                startedBefore: maybe { $0.time() }),
            predicted: some(3) { $0.execution() })
    }

    package mutating func reservation() -> Reservation {
        Reservation(
            draft: draft(), request: text(), attempts: below(9), due: time(), start: maybe { $0.text() },
            risk: maybe { $0.pick(RepeatRisk.allCases) }, supersedes: maybe { IntentID($0.number()) })
    }

    mutating func intent() -> IntentRef { IntentRef(IntentID(number()), draft()) }

    package mutating func settlement() -> Settlement {
        Settlement(
            pick(IntentState.allCases), maybe { $0.evidence($0.pick(EvidenceKind.allCases)) },
            child: maybe { $0.execution() }, notBefore: maybe { $0.time() }, answeredAt: maybe { $0.time() })
    }
}

// Facts and what stands.
extension RandomEvents {
    mutating func value(_ depth: Int) -> JSONValue {
        switch below(depth > 0 ? 6 : 4) {
        case 0: .text(text())
        case 1: .integer(number())
        case 2: .flag(oneIn(2))
        case 3: .null
        case 4: .list(some(3) { $0.value(depth - 1) })
        default: .object(JSONObject(some(4) { ($0.text(), $0.value(depth - 1)) }))
        }
    }

    private mutating func gap() -> CoverageGap {
        switch below(5) {
        case 0: .vanished
        case 1: .missing(ranges())
        case 2: .unread(readingGap())
        case 3: .readAgain(since: time(), ofData: oneIn(2))
        default: .unwatched(from: time(), to: time())
        }
    }

    mutating func ranges() -> IDRanges {
        IDRanges(
            some(3) {
                let low = UInt64($0.below(60))
                return low...(low + UInt64($0.below(4)))
            })
    }

    private mutating func beginning() -> Beginning {
        oneIn(2)
            ? .initialised(by: text())
            : .adopted(by: text(), reason: text(), from: below(5), alarm: maybe { $0.text() })
    }

    mutating func baseline() -> InstanceBaseline {
        InstanceBaseline(
            instance: instance(), url: text(), since: time(), highest: maybe { $0.execution() },
            fingerprints: some(3) { $0.fingerprint() }, at: time())
    }

    mutating func fingerprint() -> InstanceBaseline.Fingerprint {
        .init(id: execution(), workflow: WorkflowID(text()), startedAt: maybe { $0.time() })
    }

    /// A row with everything that a row can have, what is not known of it included.
    package mutating func row() -> Execution {
        let status = pick(ExecutionStatus.allCases)
        return Execution(
            id: execution(), workflow: WorkflowID(text()), status: status, mode: ExecutionMode(text()),
            retryOf: maybe { $0.execution() }, retrySuccess: maybe { $0.execution() }, createdAt: maybe { $0.time() },
            startedAt: maybe { $0.time() }, stoppedAt: maybe { $0.time() }, waitTill: maybe { $0.time() },
            hidesRetryOf: oneIn(2), unrecognisedWord: maybe { $0.text() })
    }

    mutating func live() -> TickState.Live {
        TickState.Live(execution: row(), firstSeen: time(), lastSeenWaiting: maybe { $0.time() })
    }

    mutating func clockOffset() -> ClockOffset {
        let date = Period(milliseconds: number())
        return ClockOffset(
            ahead: Period(milliseconds: number()), pick([.agreed, .overruled(date: date), .disputed(date: date)]))
    }

    mutating func readingGap() -> ReadingGap {
        ReadingGap(
            pick([.lists, .below(execution()), .above(execution()), .data(below(9))]), since: time(), why: "x")
    }

    mutating func patch() -> TickPatch {
        TickPatch(
            tick: number(), accounted: maybe { $0.execution() }, coveredFrom: maybe { $0.execution() },
            sweptAt: maybe { $0.time() }, coveredSince: maybe { $0.time() },
            lookedAt: maybe { $0.time() }, rows: below(1000), clockOffset: clockOffset(),
            setBack: maybe { ClockSetBack(from: $0.time(), to: $0.time(), entry: $0.number()) },
            gap: maybe {
                var gap = $0.readingGap()
                gap.isTold = $0.oneIn(2)
                return gap
            },
            live: some(3) { $0.live() },
            ended: some(2) { $0.execution() },
            missing: ranges(), missingFloor: maybe { $0.pick([0, 5, .max]) },
            sightings: maybe { $0.some(2) { .init(id: $0.execution(), at: $0.time()) } },
            fingerprints: maybe { $0.some(2) { $0.fingerprint() } })
    }
}

extension IntentDraft {
    /// The same with what was said to it.
    fileprivate func with(_ consent: Consent?) -> IntentDraft {
        var draft = self
        draft.consent = consent
        return draft
    }
}
