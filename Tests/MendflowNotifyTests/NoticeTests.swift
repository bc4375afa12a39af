import MendflowCore
import MendflowLedger
import MendflowNotify
import MendflowText
import Testing

/// Entries of one ledger, one behind the other, and what they mean.
struct Past {
    static let key = InstanceKey(name: "production", epoch: 1)
    static let ledger = LedgerName([0xAB, 1, 2, 3, 4])
    static let start = AgentTime(milliseconds: 1_777_896_000_000)
    private(set) var entries: [NumberedEntry] = []

    /// Adds an entry so long after the start, and answers what it means.
    @discardableResult
    mutating func add(_ event: LedgerEvent, after period: Period = .zero) -> NoticeFinding? {
        let entry = NumberedEntry(Int64(entries.count + 1), LedgerEntry(event, at: Past.start + period))
        defer { entries.append(entry) }
        return Notice.of(entry, in: Past.ledger, past: Notice.past(of: event) == nil ? [] : entries)
    }

    static func draft(_ execution: ExecutionID = "4711") -> IntentDraft {
        IntentDraft(
            instance: key, action: .retry, execution: execution, root: execution, workflow: "12",
            policy: "retry-orders", policyVersion: "v")
    }

    static func reserved(_ draft: IntentDraft = draft(), supersedes: IntentID? = nil) -> LedgerEvent {
        .reserved(
            Reservation(
                draft: draft, request: "", attempts: 3, due: ServerTime(milliseconds: 1), start: nil, risk: nil,
                supersedes: supersedes))
    }

    /// What dry-run would have sent.
    static var shadow: LedgerEvent {
        var draft = draft()
        draft.isShadow = true
        return reserved(draft)
    }

    static let intent = IntentRef(IntentID(1), draft())
    static let lost = LedgerEvent.outcome(
        intent, Settlement(.unresolved, .unanswered(status: 502, message: "Bad Gateway")))
    static func latched(_ fact: Latch.Fact, shadow: Bool = false) -> LedgerEvent {
        .latched(key, Latch(fact, "4711", at: ServerTime(milliseconds: 1)), shadow: shadow)
    }
}

extension NoticeFinding {
    var notice: Notice? { if case .tells(let notice) = self { notice } else { nil } }
}

@Suite("A notice of an unanswered request")
struct UnansweredNoticeTests {
    @Test("waits a while, says what to do, and is over once the request is settled")
    func overLater() throws {
        var past = Past()
        past.add(Past.reserved())
        let told = try #require(past.add(Past.lost)?.notice)
        #expect(told.event == .unresolved && told.phase == .open && told.due == told.at + .minutes(10))
        #expect(told.subject == "production: nobody knows whether a retry of execution 4711 ran [retry-orders]")
        #expect(told.text.contains("mendflow resolve 1 --ran") && told.text.contains("502: Bad Gateway"))
        #expect(told.workflow == "12" && told.key == "ab010203:unresolved:production:1#2")
        let over = try #require(
            past.add(.resolved(Past.intent, ran: true, by: "ana", reason: "seen in n8n"), after: .minutes(10))?.notice)
        #expect(over.phase == .over && over.topic == told.topic && over.key != told.key)
        #expect(over.text == "ana says that it ran: seen in n8n")
    }

    @Test("is never sent where the request is settled before anybody heard of it")
    func overBefore() {
        var past = Past()
        past.add(Past.reserved())
        past.add(Past.lost)
        let child = Settlement(.applied, .child("4713", .success, isDoubtful: false))
        #expect(past.add(.outcome(Past.intent, child), after: .minutes(9)) == .withdraws(record: 2))
    }

    @Test("is one however often it is asked for again and lost again")
    func askedAgain() {
        var past = Past()
        past.add(Past.reserved())
        past.add(Past.lost)
        #expect(past.add(Past.lost, after: .hours(1)) == nil)
        #expect(past.add(.outcome(Past.intent, Settlement(.applied)), after: .hours(2))?.notice?.phase == .over)
        #expect(past.add(.outcome(Past.intent, Settlement(.applied)), after: .hours(3)) == nil)
    }

    @Test("is over when the request is replaced, and what was answered at once is not told at all")
    func replaced() {
        var past = Past()
        past.add(Past.reserved())
        past.add(Past.lost)
        let over = past.add(Past.reserved(supersedes: IntentID(1)), after: .hours(1))?.notice
        #expect(over?.phase == .over && over?.text == "it is sent again, as the policy allows")
        #expect(past.add(.outcome(Past.intent, Settlement(.applied)), after: .hours(2)) == nil)
        var other = Past()
        other.add(Past.reserved())
        #expect(other.add(.outcome(Past.intent, Settlement(.applied))) == nil)
    }
}

@Suite("A notice of a chain")
struct ChainNoticeTests {
    @Test("is one for all policies that gave it up, and is over where it heals")
    func once() throws {
        var past = Past()
        past.add(Past.reserved())
        let told = try #require(past.add(Past.latched(.exhausted(policy: "a")))?.notice)
        #expect(told.subject == "production: execution 4711 is given up [a]")
        #expect(told.execution == "4711" && told.workflow == "12")
        #expect(past.add(Past.latched(.exhausted(policy: "b"))) == nil)
        let over = try #require(past.add(Past.latched(.healed))?.notice)
        #expect(over.topic == told.topic && over.phase == .over && over.policy == "a")
        #expect(past.add(Past.latched(.healed)) == nil)
    }

    @Test("that heals without having been given up is no news")
    func healed() {
        var past = Past()
        past.add(Past.reserved())
        #expect(past.add(Past.latched(.healed)) == nil)
    }

    @Test("for which nothing was ever tried is none, neither when it is given up nor when it heals")
    func untried() {
        var past = Past()
        #expect(past.add(Past.latched(.exhausted(policy: "a"))) == nil)
        #expect(past.add(Past.latched(.healed)) == nil)
        var later = Past()
        later.add(Past.latched(.exhausted(policy: "a")))
        later.add(Past.reserved())
        #expect(later.add(Past.latched(.exhausted(policy: "b")))?.notice?.policy == "b")
    }

    @Test("of dry-run is told apart, and takes nothing from the other")
    func dryRun() throws {
        var past = Past()
        past.add(Past.shadow)
        #expect(try #require(past.add(Past.latched(.exhausted(policy: "a"), shadow: true))?.notice).isDryRun)
        #expect(past.add(Past.latched(.exhausted(policy: "b"))) == nil)
        past.add(Past.reserved())
        let real = try #require(past.add(Past.latched(.exhausted(policy: "a")))?.notice)
        #expect(!real.isDryRun)
        #expect(past.add(Past.latched(.healed))?.notice?.topic == real.topic)
    }
}

@Suite("Notices")
struct NoticeTests {
    @Test("there are samples of every event, with texts that people can read and keys of their own")
    func samples() {
        let all = NoticeSamples.all(at: Past.start, instance: "production")
        #expect(Set(all.map(\.event)) == Set(NoticeEvent.allCases))
        #expect(Set(all.map(\.key)).count == all.count)
        for notice in all {
            #expect(!notice.subject.isEmpty && !notice.subject.contains("\n") && notice.subject.count <= 200)
            #expect(notice.text.count <= 2000)
        }
    }

    @Test("of a yes that was not carried out say so, unlike those of an ask that nobody answered")
    func lapsed() throws {
        var past = Past()
        let topic = ApprovalTopic("4711", .retry, "retry-orders")
        let ask = ApprovalRef(id: ApprovalID(1), instance: Past.key, topic: topic, root: "4711")
        let late = ApprovalEnd(.expired, why: "ana said yes, and it could not be sent before noon")
        let told = try #require(past.add(.approvalClosed(ask, late))?.notice)
        #expect(told.level == .warning && told.phase == .once)
        #expect(
            told.subject == "production: the yes to a retry for execution 4711 [retry-orders] was not carried out")
        #expect(told.text.hasPrefix("ana said yes, and it could not be sent before noon."))
        let unanswered = past.add(.approvalClosed(ask, ApprovalEnd(.expired, why: "")))?.notice
        #expect(unanswered?.phase == .over && unanswered?.subject.contains("nobody answered in time") == true)
    }

    @Test("hold texts of others within bounds, with nothing in them that hides")
    func bounded() throws {
        var past = Past()
        let reason = "restored \u{202E}" + String(repeating: "x", count: 5000)
        let told = try #require(past.add(.alarmed(Past.key, reason: reason, execution: nil))?.notice)
        #expect(told.text.count <= 2000 && !told.text.contains("\u{202E}") && told.level == .critical)
        #expect(past.add(.gap(Past.key, execution: "3", .vanished)) == nil)
        #expect(past.add(.lifecycle(.silenced(instance: "production", until: AgentTime(milliseconds: 1)))) == nil)
    }

    @Test("of a start are no news, but for what it let go with nobody's word")
    func started() throws {
        var (past, started) = (Past(), AgentStarted(InForce(contents: ""), version: "1", mode: .enforce))
        #expect(try #require(past.add(.lifecycle(.started(started)))?.notice).level == .info)
        started.unconfirmed = [ReloadLoss(.limits(instance: "production"), "max_in_flight was 2")]
        let told = try #require(past.add(.lifecycle(.started(started)))?.notice)
        #expect(told.level == .warning && told.text.contains("with nobody's word: max_in_flight was 2"))
    }
}

@Suite("A template of messages")
struct NoticeTemplateTests {
    @Test("is filled, with braces where they stand twice, and with nothing for what is not there")
    func filled() throws {
        let template = try NoticeTemplate("{{{event}}} {subject}: {execution.link}.")
        #expect(template.filled { ["event": "alarm", "subject": "s"][$0.rawValue] } == "{alarm} s: .")
    }

    @Test("is refused where a name is none or a brace is not closed")
    func refused() {
        #expect(throws: NoticeTemplate.Fault.unknown("moon")) { try NoticeTemplate("a {moon}") }
        for text in ["{", "}", "a {text", "{{}"] {
            #expect(throws: NoticeTemplate.Fault.brace) { try NoticeTemplate(text) }
        }
    }
}
