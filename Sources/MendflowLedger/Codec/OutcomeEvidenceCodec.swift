import MendflowCore
import MendflowText

extension OutcomeEvidence {
    private enum Kind: String {
        case notSent = "not_sent"
        case proof, accounted, answered, failed, unanswered
        case agentEnded = "agent_ended"
        case child
        case toldBySpan = "told_by_span"
        case stopVerified = "stop_verified"
        case endedOtherwise = "ended_otherwise"
        case goesOn = "goes_on"
        case bulkAnswered = "bulk_answered"
        case bulkVerified = "bulk_verified"
        case tagsPresent = "tags_present"
        case tagsVerified = "tags_verified"
        case tagsMissing = "tags_missing"
        case tagsUnverified = "tags_unverified"
        case tagsMayBeWrittenAgain = "tags_may_be_written_again"
        case deletionVerified = "deletion_verified"
        case notDeleted = "not_deleted"
        case sentAgain = "sent_again"
        case resolved
    }

    private var kind: Kind {
        switch self {
        case .notSent: .notSent
        case .proof: .proof
        case .accounted: .accounted
        case .answered: .answered
        case .failed: .failed
        case .unanswered: .unanswered
        case .agentEnded: .agentEnded
        case .child: .child
        case .toldBySpan: .toldBySpan
        case .stopVerified: .stopVerified
        case .endedOtherwise: .endedOtherwise
        case .goesOn: .goesOn
        case .bulkAnswered: .bulkAnswered
        case .bulkVerified: .bulkVerified
        case .tagsPresent: .tagsPresent
        case .tagsVerified: .tagsVerified
        case .tagsMissing: .tagsMissing
        case .tagsUnverified: .tagsUnverified
        case .tagsMayBeWrittenAgain: .tagsMayBeWrittenAgain
        case .deletionVerified: .deletionVerified
        case .notDeleted: .notDeleted
        case .sentAgain: .sentAgain
        case .resolved: .resolved
        }
    }

    var stored: JSONValue {
        var members = Members()
        members.set("is", kind)
        switch self {
        case .notSent(let objection): members.set("objection", objection)
        case .proof(let proof, let status, let message):
            members.set("proof", proof.description)
            members.set("status", status)
            members.set("message", message)
        case .accounted(let from, let last):
            members.set("from", from)
            members.set("up_to", last)
        case .answered(let status): members.set("status", status)
        case .failed(let message): members.set("message", message)
        case .unanswered(let status, let message):
            members.set("status", status)
            members.set("message", message)
        case .child(let id, let status, let isDoubtful):
            members.set("id", id)
            members.set("status", status)
            members.set("doubtful", isDoubtful)
        case .toldBySpan(let id, let status, let at):
            members.set("id", id)
            members.set("status", status)
            members.set("at", at)
        case .endedOtherwise(let status, let wasCanceled):
            members.set("status", status)
            members.set("was_canceled", wasCanceled)
        case .goesOn(let status): members.set("status", status)
        case .bulkAnswered(let expected, let stopped):
            members.set("expected", expected)
            members.set("stopped", stopped)
        case .bulkVerified(let before, let canceled, let live):
            members.set("before", before)
            members.set("canceled", canceled)
            members.set("live", live)
        case .tagsUnverified(let why): members.set("why", why)
        case .resolved(let who, let reason):
            members.set("by", who)
            members.set("reason", reason)
        case .agentEnded, .stopVerified, .tagsPresent, .tagsVerified, .tagsMissing, .tagsMayBeWrittenAgain,
            .deletionVerified, .notDeleted, .sentAgain:
            break
        }
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self = try OutcomeEvidence.read(&fields)
        try fields.finish()
    }

    private static func read(_ fields: inout Fields) throws(MalformedRecord) -> OutcomeEvidence {
        switch try fields.word("is", Kind.self) {
        case .notSent: .notSent(objection: try fields.textIfAny("objection"))
        case .proof:
            .proof(
                try fields.proof("proof"), status: try fields.numberIfAny("status").map { Int($0) },
                message: try fields.text("message"))
        case .accounted: .accounted(from: try fields.idIfAny("from"), upTo: try fields.id("up_to"))
        case .answered: .answered(try fields.wordIfAny("status"))
        case .failed: .failed(message: try fields.text("message"))
        case .unanswered:
            .unanswered(
                status: try fields.numberIfAny("status").map { Int($0) }, message: try fields.text("message"))
        case .agentEnded: .agentEnded
        case .child:
            .child(try fields.id("id"), try fields.word("status"), isDoubtful: try fields.flag("doubtful"))
        case .toldBySpan:
            .toldBySpan(try fields.id("id"), try fields.word("status"), at: try fields.timeIfAny("at"))
        case .stopVerified: .stopVerified
        case .endedOtherwise: .endedOtherwise(try fields.word("status"), wasCanceled: try fields.flag("was_canceled"))
        case .goesOn: .goesOn(try fields.word("status"))
        case .bulkAnswered:
            .bulkAnswered(expected: Int(try fields.number("expected")), stopped: Int(try fields.number("stopped")))
        case .bulkVerified:
            .bulkVerified(
                before: try fields.textIfAny("before"), canceled: Int(try fields.number("canceled")),
                live: Int(try fields.number("live")))
        case .tagsPresent: .tagsPresent
        case .tagsVerified: .tagsVerified
        case .tagsMissing: .tagsMissing
        case .tagsUnverified: .tagsUnverified(try fields.text("why"))
        case .tagsMayBeWrittenAgain: .tagsMayBeWrittenAgain
        case .deletionVerified: .deletionVerified
        case .notDeleted: .notDeleted
        case .sentAgain: .sentAgain
        case .resolved: .resolved(by: try fields.text("by"), reason: try fields.text("reason"))
        }
    }
}

extension Fields {
    fileprivate mutating func proof(_ key: String) throws(MalformedRecord) -> Proof {
        let text = try text(key), refusal = "refusal:"
        if text.utf8.starts(with: refusal.utf8) {
            return .refusal(String(decoding: text.utf8.dropFirst(refusal.utf8.count), as: UTF8.self))
        }
        let plain: [Proof] = [.notSent, .redirect, .throttled, .startingUp, .neverSent, .accounted]
        guard let proof = plain.first(where: { $0.description == text }) else {
            throw MalformedRecord("\(key) is '\(text)'")
        }
        return proof
    }
}
