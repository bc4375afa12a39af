package import MendflowCore
import MendflowHTTP
package import MendflowPolicy
import MendflowReview
import MendflowText

/// What is sent: one notice, or several in one.
package struct NoticeMessage: Sendable {
    /// What it tells, oldest first; never empty.
    package var notices: [Notice]
    /// The channel that it goes by.
    package var channel: Configuration.Channel
    /// The pages of executions, by instance.
    var links: [String: String]
    /// Where people reach the console; nil where nobody said.
    var console: String?

    /// The most notices of a digest that are told one by one.
    private static let mostLines = 50

    /// Makes a message; `links` are the addresses of n8n's by instance, `console` is that of the service.
    package init(
        _ notices: [Notice], _ channel: Configuration.Channel, links: [String: String], console: String? = nil
    ) {
        self.notices = notices
        self.channel = channel
        self.links = links
        self.console = console
    }

    private var first: Notice { notices[0] }
    private var isDigest: Bool { notices.count > 1 }

    /// What tells it from all others, the same however often it is sent.
    package var key: String { isDigest ? "\(first.key)..\(notices[notices.count - 1].record)" : first.key }

    /// The line that says what happened.
    package var subject: String {
        guard !isDigest else { return digestSubject }
        return channel.subject.map { $0.filled { value($0, of: first) } } ?? plainSubject(first)
    }

    /// What stands below it.
    package var text: String {
        if isDigest { return digestText }
        if let template = channel.text { return template.filled { value($0, of: first) } }
        let answer = consoleLink(first).map { "or there: \($0)" }
        return [first.text, answer ?? "", link(first) ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func plainSubject(_ notice: Notice) -> String { (notice.isDryRun ? "[dry-run] " : "") + notice.subject }

    private var digestSubject: String {
        let counts = Dictionary(grouping: notices, by: \.event).map { (event: $0.key.rawValue, count: $0.value.count) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.event < $1.event }
        return "\(notices.count) messages: " + counts.map { "\($0.count) \($0.event)" }.joined(separator: ", ")
    }

    private var digestText: String {
        let lines = notices.prefix(NoticeMessage.mostLines).map { notice in
            "\(notice.at.rfc3339) \(plainSubject(notice))\(answer(notice))"
        }
        let rest = notices.count - lines.count
        return (lines + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: "\n")
    }

    private func link(_ notice: Notice) -> String? {
        guard let instance = notice.instance, let url = links[instance], let execution = notice.execution,
            let workflow = notice.workflow
        else { return nil }
        return ExecutionLink.text(url, workflow, execution)
    }

    /// How an ask among others is answered.
    private func answer(_ notice: Notice) -> String {
        guard notice.event == .approval, notice.phase == .open else { return "" }
        return " `mendflow approve \(notice.record)`" + (consoleLink(notice).map { ", or \($0)" } ?? "")
    }

    /// Where an ask is answered.
    private func consoleLink(_ notice: Notice) -> String? {
        guard notice.event == .approval, notice.phase == .open, let console else { return nil }
        return "\(console)/inbox#ask-\(notice.record)"
    }

    private func value(_ field: NoticeField, of notice: Notice) -> String? {
        switch field {
        case .subject: plainSubject(notice)
        case .text: notice.text
        case .event: notice.event.rawValue
        case .phase: notice.phase.rawValue
        case .level: notice.level.rawValue
        case .time: notice.at.rfc3339
        case .instance: notice.instance
        case .execution: notice.execution?.text
        case .executionLink: link(notice)
        case .answerLink: consoleLink(notice)
        case .workflow: notice.workflow?.text
        case .policy: notice.policy
        case .key: notice.key
        case .topic: notice.topic
        case .mode: notice.isDryRun ? "dry-run" : nil
        }
    }
}

// As it is sent.
extension NoticeMessage {
    /// Everything that is known, as JSON: what a webhook and a command get.
    package var json: [UInt8] {
        var object = isDigest ? JSONObject() : members(first)
        object["version"] = 1
        object["key"] = .text(key)
        object["channel"] = .text(channel.name)
        object["subject"] = .text(subject)
        object["text"] = .text(text)
        object["level"] = .text((notices.map(\.level).max() ?? .info).rawValue)
        if isDigest { object["notices"] = .list(notices.map { .object(members($0)) }) }
        return bytes(object)
    }

    private func members(_ notice: Notice) -> JSONObject {
        var object: JSONObject = [
            "key": .text(notice.key), "topic": .text(notice.topic), "event": .text(notice.event.rawValue),
            "phase": .text(notice.phase.rawValue), "level": .text(notice.level.rawValue),
            "time": .text(notice.at.rfc3339), "record": .integer(notice.record),
            "subject": .text(plainSubject(notice)), "dry_run": .flag(notice.isDryRun),
        ]
        object["instance"] = notice.instance.map { .text($0) }
        object["execution"] = notice.execution.map { .text($0.text) }
        object["workflow"] = notice.workflow.map { .text($0.text) }
        object["policy"] = notice.policy.map { .text($0) }
        object["link"] = link(notice).map { .text($0) }
        object["link_console"] = consoleLink(notice).map { .text($0) }
        return object
    }

    /// As Slack takes it: one text, in which what could be read as markup is spelt out.
    package var slack: [UInt8] { bytes(["text": .text("*\(escaped(subject))*\n\(escaped(text))")]) }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private func bytes(_ object: JSONObject) -> [UInt8] {
        var writer = JSONWriter(escapes: .display)
        writer.value(.object(object))
        return writer.bytes
    }

    /// The message that goes out by mail, header and text.
    package func mail(from: String, to: [String], host: String) -> [UInt8] {
        let id = key.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return isPlain || byte == 46 || byte == 45 ? String(UnicodeScalar(byte)) : "="
        }.joined()
        let header = [
            "From: Mendflow <\(from)>", "To: \(to.joined(separator: ", "))",
            "Subject: \(MailText.header("[mendflow] " + subject))", "Date: \(MailText.date(first.at))",
            "Message-ID: <\(id)@\(host)>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
            "X-Mendflow-Key: \(id)",
        ]
        return Array((header + ["", MailText.base64(subject + "\n\n" + text + "\n")]).joined(separator: "\r\n").utf8)
    }
}
