import MendflowCore
import MendflowLedger
import MendflowNotify
import MendflowOperations

/// `notify preview` as JSON.
struct NoticePreviewJSON: Encodable {
    struct Channel: Encodable { var channel: String, kind: String, messages: [Message] }
    struct Message: Encodable { var event: String, phase: String, head: [String], body: String }
    var channels: [Channel]

    init(_ all: [NoticePreview]) {
        channels = all.map { preview in
            Channel(
                channel: preview.channel, kind: preview.kind,
                messages: preview.messages.map {
                    Message(event: $0.event.rawValue, phase: $0.phase.rawValue, head: $0.head, body: $0.body)
                })
        }
    }
}

/// `notify test` as JSON.
struct ChannelTestJSON: Encodable { var channel: String, key: String }

/// `notify status` as JSON.
struct ChannelStatusJSON: Encodable {
    struct Channel: Encodable {
        var channel: String, kind: String, begunAt: String?, delivered: Int64, lastDeliveredAt: String?
        var failingSince: String?, why: String?, nextTry: String?, givenUp: Int64, lastGivenUpAt: String?,
            waiting: [Waiting]
    }
    struct Waiting: Encodable {
        var key: String, event: String, level: String, dueAt: String, subject: String
        /// Why it waits, and when it is tried next where that is known.
        var waitsFor: String, triedAt: String?
    }
    var channels: [Channel]
    /// Who tells; nothing where that cannot be seen.
    var toldBy: String?

    init(_ all: [ChannelStatus], _ carrier: NoticeCarrier?) {
        toldBy = carrier?.word
        channels = all.map { status in
            let standing = status.standing
            return Channel(
                channel: status.channel, kind: status.kind,
                begunAt: standing?.begunAt.rfc3339, delivered: standing?.delivered ?? 0,
                lastDeliveredAt: standing?.deliveredAt?.rfc3339, failingSince: standing?.failingSince?.rfc3339,
                why: standing?.why.isEmpty == false ? standing?.why : nil, nextTry: status.nextTry?.rfc3339,
                givenUp: standing?.abandoned ?? 0,
                lastGivenUpAt: standing?.abandonedAt?.rfc3339,
                waiting: status.waiting.map { waiting in
                    let notice = waiting.notice
                    return Waiting(
                        key: notice.key, event: notice.event.rawValue, level: notice.level.rawValue,
                        dueAt: notice.due.rfc3339, subject: notice.subject, waitsFor: waiting.why.rawValue,
                        triedAt: waiting.triedAt?.rfc3339)
                })
        }
    }
}
