import MendflowCore
import MendflowOperations
import MendflowReview

/// What waits for a person, as JSON.
struct InboxJSON: Encodable {
    struct Unresolved: Encodable {
        var id: Int64, action: String, execution: String, instance: String, policy: String, sentAt: String?
        var note: String, link: String?
    }
    struct Held: Encodable {
        var instance: String, reason: String, words: String, remedy: String?, count: Int, example: String
        var underFormerText: Int?
    }
    struct Alarm: Encodable { var instance: String, words: String }

    struct Waiting: Encodable { var instance: String, name: String, state: String, why: String }

    var alarms: [Alarm], asks: [ApprovalJSON], replays: [Waiting], unresolved: [Unresolved], younger: Int
    var underWay: Int, held: [Held]

    init(_ inbox: Inbox) {
        alarms = inbox.alarms.map { Alarm(instance: $0.instance, words: $0.reason) }
        asks = inbox.asks.map(ApprovalJSON.init)
        replays = inbox.replays.map { item in
            Waiting(
                instance: item.instance, name: item.replay.name, state: item.replay.state.rawValue, why: item.replay.why
            )
        }
        unresolved = inbox.unresolved.map { item in
            let (intent, draft) = (item.intent, item.intent.draft)
            return Unresolved(
                id: intent.id.number, action: draft.action.rawValue, execution: draft.execution.text,
                instance: draft.instance.name, policy: draft.policy, sentAt: intent.sendingAt?.rfc3339,
                note: intent.note ?? "", link: item.link)
        }
        (younger, underWay) = (inbox.younger, inbox.underWay)
        held = inbox.held.map {
            Held(
                instance: $0.instance, reason: $0.reason.rawValue, words: $0.reason.words, remedy: $0.reason.remedy,
                count: $0.count, example: $0.example.text,
                underFormerText: $0.underFormerText > 0 ? $0.underFormerText : nil)
        }
    }
}
