/// Something that people are told of, as a record of the ledger says it.
///
/// The record is what is sent, sooner or later: a notice follows from it alone, with the same key each time.
public struct Notice: Sendable, Hashable {
    /// Whether something begins or is over, or is told once.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// It goes on until another notice says that it is over.
        case open
        /// What an earlier notice of the same topic told is over.
        case over
        /// Nothing follows.
        case once
    }

    /// The record that it is made of.
    public var record: Int64
    /// What it is about, the same for what begins and for its end.
    public var topic: String
    /// What kind of thing it is, and which part of it.
    public var event: NoticeEvent, phase: Phase
    /// How much it matters.
    public var level: NoticeLevel
    /// When it happened, by the agent's clock.
    public var at: AgentTime
    /// The instance; nil for the whole agent.
    public var instance: String?
    /// The execution and its workflow, where it is about one.
    public var execution: ExecutionID?, workflow: WorkflowID?
    /// The policy or the replay.
    public var policy: String?
    /// One line for people, and more of them; bounded, and without secrets.
    public var subject: String, text: String
    /// The record that told that it begins, of what is over.
    public var opening: Int64?
    /// Until when an answer counts, of what asks for one.
    public var answerableUntil: AgentTime?
    /// Whether it tells what would have been in dry-run.
    public var isDryRun = false
    /// How long it is not told, since it may be over by then; what is over by then is not told at all.
    public var hold = Period.zero

    /// Makes a notice; the rest is set on it.
    public init(
        _ event: NoticeEvent, _ phase: Phase, _ level: NoticeLevel, topic: String, record: Int64, at: AgentTime,
        subject: String, text: String
    ) {
        self.event = event
        self.phase = phase
        self.level = level
        self.topic = topic
        self.record = record
        self.at = at
        self.subject = subject
        self.text = text
    }

    /// What belongs to what of an instance cannot be read: the data of failed runs is a matter of its own, for it holds other
    /// things than the rest.
    package static func unreadTopic(_ key: InstanceKey, ofData: Bool) -> String {
        "unread:\(key.name):\(key.epoch)\(ofData ? ":data" : "")"
    }

    /// What tells it from every other notice, and is the same however often it is sent.
    public var key: String { "\(topic)#\(record)" }
    /// Whether it is about something that stands for a whole instance, and may be written down again while it goes on.
    public var mayRepeat: Bool { [.suspended, .alarm, .demoted, .incident, .absence, .unread].contains(event) }
    /// Whether it is of little use later: something that waits for a person, or does not work before one acts.
    public var isPressing: Bool { phase != .over && (level == .critical || event == .approval) }
    /// From when on it may be told.
    public var due: AgentTime { at + hold }
}
