import MendflowCore
import MendflowText
import MendflowYAML

/// Reads `notify`, channel by channel.
struct NotifyParser {
    let report: Report
    /// Reads header fields as those of instances are read.
    private var instances: InstanceParser { InstanceParser(report: report, protections: { _ in [] }) }

    /// The most characters of a template.
    private static let longestTemplate = 4000

    /// The channels; what is wrong with one is reported, and it is left out.
    func parse(_ node: YAMLNode) -> [Configuration.Channel] {
        if node.items?.isEmpty == true { return [] }
        var names: Set<String> = []
        return report.list(node, "`notify`") { item in
            guard let channel = channel(item) else { return nil }
            if !names.insert(channel.name).inserted {
                report.error(
                    "duplicate-name", "another channel is named \(channel.name.inBackticks)", at: item["name"]?.range)
            }
            return channel
        } ?? []
    }

    private func channel(_ node: YAMLNode) -> Configuration.Channel? {
        let shape = MapShape(
            what: "a channel", keys: ConfigurationKeys.channel.map(\.key),
            required: ConfigurationKey.required(ConfigurationKeys.channel),
            inside: [
                "url": "webhook", "format": "webhook", "headers": "webhook", "host": "email", "from": "email",
                "to": "email", "run": "command",
            ])
        guard let map = MapReader(node, shape, report) else { return nil }
        let name = map["name"].flatMap { instances.plainName($0, of: "a channel") }
        let destination = destination(map)
        guard let name, let destination else {
            _ = settings(map, Configuration.Channel(name: "", destination: .command(.init(words: []))))
            return nil
        }
        return settings(map, Configuration.Channel(name: name, destination: destination))
    }

    private func settings(_ map: MapReader, _ channel: Configuration.Channel) -> Configuration.Channel {
        var channel = channel
        if let node = map["events"],
            let events = report.oneOrMore(node, "`events`", { report.word($0, "an event", as: NoticeEvent.self) })
        {
            channel.events = Set(events)
        }
        if let node = map["min_level"], let level = report.word(node, "`min_level`", as: NoticeLevel.self) {
            channel.minLevel = level
        }
        if let node = map["dry_run"], let flag = report.flag(node, "`dry_run`") { channel.tellsDryRun = flag }
        if let number = report.whole(map, ConfigurationKeys.digestAbove) { channel.digestAbove = number }
        if let period = report.period(map, ConfigurationKeys.giveUpAfter) { channel.giveUpAfter = period }
        if let node = map["template"] { (channel.subject, channel.text) = templates(node) }
        return channel
    }

    private func destination(_ map: MapReader) -> Configuration.Destination? {
        let kinds = ["webhook", "email", "command"].filter { map[$0] != nil }
        if kinds.isEmpty, map.isMissing("webhook"), map.isMissing("email"), map.isMissing("command"), !map.isPartial {
            report.error(
                "missing-key", "a channel needs `webhook`, `email` or `command`",
                at: map.key("name")?.range ?? map.node.range)
        }
        if kinds.count > 1 {
            report.error(
                "two-destinations", "`\(kinds[0])` and `\(kinds[1])` exclude each other: a channel has one destination",
                at: map.key(kinds[1])?.range)
        }
        var found: [Configuration.Destination] = []
        if let node = map["webhook"], let webhook = webhook(node) { found.append(.webhook(webhook)) }
        if let node = map["email"], let mail = mail(node) { found.append(.email(mail)) }
        if let node = map["command"], let command = command(node) { found.append(.command(command)) }
        return found.first
    }

    private func templates(_ node: YAMLNode) -> (subject: NoticeTemplate?, text: NoticeTemplate?) {
        let shape = MapShape(what: "`template`", keys: ConfigurationKeys.template.map(\.key))
        guard let map = MapReader(node, shape, report) else { return (nil, nil) }
        return (map["subject"].flatMap { template($0, "`subject`") }, map["text"].flatMap { template($0, "`text`") })
    }

    private func template(_ node: YAMLNode, _ what: String) -> NoticeTemplate? {
        guard let source = node.string, !source.isEmpty else {
            report.wrongKind(node, what, wanted: "text")
            return nil
        }
        guard source.unicodeScalars.count <= NotifyParser.longestTemplate else {
            report.error(
                "too-long", "\(what) has more than \(NotifyParser.longestTemplate) characters", at: node.range)
            return nil
        }
        do throws(NoticeTemplate.Fault) { return try NoticeTemplate(source) } catch {
            switch error {
            case .brace:
                report.error(
                    "bad-template", "\(what) has a brace that is not closed, or that closes nothing", at: node.range,
                    notes: ["a brace itself is written twice: {{"])
            case .unknown(let name):
                let names = NoticeField.allCases.map(\.rawValue)
                let near = Spelling.nearest(to: name, among: names)
                report.error(
                    "unknown-placeholder", "\(what) names \("{\(name)}".inBackticks), which is no part of a message",
                    at: node.range, suggestion: near.map { "{\($0)}" },
                    notes: near == nil ? ["known: \(names.map { "{\($0)}" }.joined(separator: ", "))"] : [])
            }
            return nil
        }
    }
}
