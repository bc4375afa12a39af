package import MendflowCore
import MendflowEnvironment
import MendflowOperations
import MendflowPolicy
package import MendflowWorkspace

/// What a channel would send, to be looked at, and to be tried.
package struct NoticePreview: Sendable {
    /// The channel's name, and where it leads: `webhook`, `email` or `command`.
    package var channel: String, kind: String
    /// What it would send, literally but for secrets.
    package var messages: [Message]

    /// One message.
    package struct Message: Sendable {
        /// The event, and which part of it.
        package var event: NoticeEvent, phase: Notice.Phase
        /// Where it goes, with header fields, and what is sent.
        package var head: [String], body: String
    }

    /// What each channel would send, by default of every event that it is told of.
    package static func make(
        _ workspace: Workspace, channel: String?, event: NoticeEvent?
    ) throws(MendflowFailure) -> [NoticePreview] {
        let samples = NoticeSamples.all(
            at: workspace.clock.now(), instance: workspace.configuration.instances[0].name)
        return try workspace.channels(channel).map { channel in
            let wanted = samples.filter { notice in event.map { $0 == notice.event } ?? channel.wants(notice) }
            return NoticePreview(
                channel: channel.name, kind: channel.destination.kind,
                messages: wanted.map { notice in
                    let message = NoticeMessage(
                        [notice], channel, links: workspace.links, console: workspace.configuration.service?.url)
                    let (head, body) = message.shown
                    return Message(event: notice.event, phase: notice.phase, head: head, body: body)
                })
        }
    }

    /// Sends one message by a channel, now; answers the channel's name and the message's key.
    package static func test(
        _ workspace: Workspace, channel: String?
    ) async throws(MendflowFailure) -> (channel: String, key: String) {
        let channels = try workspace.channels(channel)
        guard channels.count == 1, let only = channels.first else {
            throw MendflowFailure(
                .usage,
                "there are several channels; name one with --channel: "
                    + channels.map(\.name).joined(separator: ", "))
        }
        let now = workspace.clock.now()
        var notice = Notice(
            .agent, .once, .info, topic: "test", record: now.milliseconds, at: now,
            subject: "a test message of Mendflow", text: "Sent by \(workspace.user) to try channel '\(only.name)'.")
        notice.instance = nil
        let message = NoticeMessage([notice], only, links: workspace.links)
        do throws(DeliveryFault) { try await NoticeSender(workspace).send(message) } catch {
            throw MendflowFailure(.failed, "channel '\(only.name)': \(error)")
        }
        return (only.name, message.key)
    }
}

extension Workspace {
    /// The channel of a name; all of them where none is named.
    fileprivate func channels(_ name: String?) throws(MendflowFailure) -> [Configuration.Channel] {
        let all = configuration.channels
        guard !all.isEmpty else {
            let words = "\(path) has no channel under `notify`; docs/notifications.md has some to begin with"
            throw MendflowFailure(.usage, words)
        }
        guard let name else { return all }
        let found = all.filter { $0.name == name }
        guard found.isEmpty else { return found }
        throw MendflowFailure(.usage, Workspace.unknown("channel", name, all.map(\.name)))
    }
}

extension NoticeMessage {
    /// Where it goes and what is sent, for people: no secret stands in it, and mail is shown as it is read.
    var shown: (head: [String], body: String) {
        switch channel.destination {
        case .webhook(let webhook):
            let headers = webhook.headers.map { "\($0.name): (\($0.value.place))" }
            return (
                ["POST \(webhook.url.shown)", "Content-Type: application/json", "Idempotency-Key: \(key)"] + headers,
                String(decoding: webhook.format == .slack ? slack : json, as: UTF8.self)
            )
        case .email(let mail):
            return (
                [
                    "smtp \(mail.host):\(mail.port) \(mail.encryption.rawValue)", "From: \(mail.from)",
                    "To: \(mail.to.joined(separator: ", "))", "Subject: [mendflow] \(subject)",
                ], "\(subject)\n\n\(text)"
            )
        case .command(let command):
            return (
                ["run \(command.words.joined(separator: " "))", "on standard input:"],
                String(decoding: json, as: UTF8.self)
            )
        }
    }
}

extension Configuration.Secret {
    /// Where it stands.
    var place: String {
        switch self {
        case .environment(let name): "variable \(name)"
        case .file(let path): "file \(path)"
        }
    }
}

extension Configuration.Text {
    fileprivate var shown: String {
        switch self {
        case .plain(let text): text
        case .secret(let secret): "(\(secret.place))"
        }
    }
}
