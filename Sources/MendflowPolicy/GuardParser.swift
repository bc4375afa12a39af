internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses `guards`.
struct GuardParser {
    let report: Report
    let options: PolicyOptions

    static let shape = MapShape(
        what: "`guards`",
        keys: [
            "max_actions", "rate_limit", "max_in_flight", "cooldown", "give_up_after", "yield_to_humans",
            "circuit_breaker", "active_during", "not_during",
        ],
        elsewhere: ["exceptions": "put it into the policy, beside `guards:`"])
    static let breakerShape = MapShape(
        what: "`circuit_breaker`", keys: ["failure_threshold", "window", "open_for", "group_by"],
        required: ["failure_threshold", "window", "open_for"])
    /// The longest time that a breaker may look back over. The ledger is read that far, so it must be bounded.
    static let longestBreaker = Period.days(30)

    /// The guards, with findings for what cannot be read.
    func parse(_ node: YAMLNode) -> Guards {
        var guards = Guards()
        guard let map = MapReader(node, GuardParser.shape, report) else { return guards }
        let caps = CapParser(report: report, allowsPercent: true)
        if let node = map["max_actions"], let read = caps.caps(node, "`max_actions`") { guards.maxActions = read }
        if let node = map["rate_limit"], let limits = report.oneOrMore(node, "`rate_limit`", rateLimit) {
            guards.rateLimits = limits
        }
        guards.maxInFlight = map["max_in_flight"].flatMap { report.whole($0, "`max_in_flight`", in: 1...100) }
        guards.cooldown = map["cooldown"].flatMap { report.period($0, "`cooldown`", unit: "m") }
        guards.giveUpAfter = map["give_up_after"].flatMap { report.period($0, "`give_up_after`", unit: "h") }
        if let node = map["yield_to_humans"],
            let period = report.period(node, "`yield_to_humans`", atLeast: .zero)
        {
            guards.yieldToHumans = period
        }
        guards.circuitBreaker = map["circuit_breaker"].flatMap(breaker)
        guards.activeDuring = map["active_during"].flatMap { report.oneOrMore($0, "`active_during`", window) } ?? []
        guards.notDuring = map["not_during"].flatMap { report.oneOrMore($0, "`not_during`", window) } ?? []
        return guards
    }

    private func rateLimit(_ node: YAMLNode) -> RateLimit? {
        let shape = MapShape(what: "a rate limit", keys: ["max", "per", "group_by"], required: ["max", "per"])
        guard let map = MapReader(node, shape, report) else { return nil }
        let most = map["max"].flatMap { report.whole($0, "`max`", in: 1...1_000_000) }
        let per = map["per"].flatMap { report.period($0, "`per`") }
        let group = map["group_by"].map { report.word($0, "`group_by`", as: RateLimit.Group.self) }
        if case .some(nil) = group { return nil }
        guard let most, let per else { return nil }
        return RateLimit(max: most, per: per, groupBy: (group ?? nil) ?? .policy)
    }

    private func breaker(_ node: YAMLNode) -> CircuitBreaker? {
        guard let map = MapReader(node, GuardParser.breakerShape, report) else { return nil }
        func length(_ key: String) -> Period? {
            map[key].flatMap {
                report.period($0, "`\(key)`", atLeast: .seconds(1), atMost: GuardParser.longestBreaker)
            }
        }
        let threshold = map["failure_threshold"].flatMap { report.whole($0, "`failure_threshold`", in: 1...10_000) }
        let (window, openFor) = (length("window"), length("open_for"))
        let group = map["group_by"].map { report.word($0, "`group_by`", as: RateLimit.Group.self) }
        if case .some(nil) = group { return nil }
        guard let threshold, let window, let openFor else { return nil }
        return CircuitBreaker(
            failureThreshold: threshold, window: window, openFor: openFor, groupBy: (group ?? nil) ?? .policy)
    }

    private func window(_ node: YAMLNode) -> TimeWindow? {
        let shape = MapShape(what: "a window", keys: ["days", "from", "to", "zone"], required: ["zone"])
        guard let map = MapReader(node, shape, report) else { return nil }
        let before = report.errors
        let days = map["days"].flatMap { report.oneOrMore($0, "`days`", weekdays) }?.flatMap(\.self) ?? []
        let from = map["from"].flatMap { minute($0, "`from`", in: 0...1439) }
        let to = map["to"].flatMap { minute($0, "`to`", in: 1...1440) }
        let zone = map["zone"].flatMap(zone)
        if map["from"] == nil, map["to"] == nil, map["days"] == nil {
            report.error("missing-key", "a window needs `days`, or `from` and `to`", at: node.range)
        } else if (map["from"] == nil) != (map["to"] == nil) {
            let missing = map["from"] == nil ? "from" : "to"
            report.error("missing-key", "a window needs `\(missing)` too", at: node.range)
        }
        if let from, let to, from == to {
            report.error(
                "empty-window", "`from` and `to` are the same", at: map["to"]?.range,
                notes: ["a whole day is from \"00:00\" to \"24:00\""])
        }
        guard report.errors == before, let zone else { return nil }
        return TimeWindow(days: Set(days), fromMinute: from ?? 0, toMinute: to ?? 1440, zone: zone)
    }

    /// A day, or `mon..fri`.
    private func weekdays(_ node: YAMLNode) -> [TimeWindow.Weekday]? {
        guard let text = report.text(node, "a day") else { return nil }
        let all = TimeWindow.Weekday.allCases
        let words = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if words.count == 3, words[1].isEmpty, let first = all.firstIndex(where: { $0.rawValue == words[0] }),
            let last = all.firstIndex(where: { $0.rawValue == words[2] })
        {
            return first <= last ? Array(all[first...last]) : Array(all[first...]) + Array(all[...last])
        }
        if let day = TimeWindow.Weekday(rawValue: text) { return [day] }
        let names = all.map(\.rawValue)
        report.error(
            "unknown-value", "a day cannot be \(text.inBackticks)", at: node.range,
            suggestion: GuardParser.days(meantBy: words, among: names),
            notes: ["known: \(names.joined(separator: ", ")), and ranges such as mon..fri"])
        return nil
    }

    private static func days(meantBy words: [String], among names: [String]) -> String? {
        let near = words.filter { !$0.isEmpty }.map { word in
            names.first { word.lowercased().hasPrefix($0) } ?? Spelling.nearest(to: word, among: names)
        }
        guard (1...2).contains(near.count), !near.contains(nil) else { return nil }
        return near.compactMap(\.self).joined(separator: "..")
    }

    private func minute(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = node.string else {
            report.wrongKind(node, what, wanted: "a time of day such as \"22:00\"")
            return nil
        }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.count == 2 ? Int(String(decoding: $0, as: UTF8.self)) : nil }
        guard parts.count == 2, numbers.count == 2, (0...59).contains(numbers[1]), numbers[0] >= 0,
            range.contains(numbers[0] * 60 + numbers[1])
        else {
            let isMidnight = what == "`to`" && parts.count == 2 && parts.allSatisfy { $0.allSatisfy { $0 == 48 } }
            let padded = parts.count == 2 ? GuardParser.padded(text) : nil
            report.error(
                "not-a-time", "\(what) is a time of day such as \"22:00\", not \(text.inBackticks)", at: node.range,
                suggestion: isMidnight ? "24:00" : padded,
                notes: isMidnight ? ["a window that ends at midnight ends at \"24:00\""] : [])
            return nil
        }
        return numbers[0] * 60 + numbers[1]
    }

    /// A time whose hour or minute lacks its zero, with it.
    private static func padded(_ text: String) -> String? {
        let parts = text.split(separator: ":").map { $0.count == 1 ? "0\($0)" : String($0) }
        let numbers = parts.compactMap { Int($0) }
        guard parts.count == 2, numbers.count == 2, (0...23).contains(numbers[0]), (0...59).contains(numbers[1]) else {
            return nil
        }
        let time = parts.joined(separator: ":")
        return time == text ? nil : time
    }

    /// Zones that do not do what most people who write them mean: they stay at one distance from UTC all year.
    private static let fixedZones = [
        "EST": ("UTC-5", "America/New_York"), "MST": ("UTC-7", "America/Denver"), "HST": ("UTC-10", "Pacific/Honolulu"),
    ]

    private func zone(_ node: YAMLNode) -> ZoneTable? {
        guard let name = report.text(node, "`zone`") else { return nil }
        if let (offset, place) = GuardParser.fixedZones[name] {
            report.warning(
                "fixed-zone", "\(name) is \(offset) all year, without summer time", at: node.range,
                notes: ["the clocks of most who write \(name) are those of \(place)"])
        } else if name.hasPrefix("Etc/GMT"), let sign = name.dropFirst(7).first, sign == "+" || sign == "-" {
            let offset = "\(sign == "+" ? "-" : "+")\(name.dropFirst(8))"
            report.warning(
                "fixed-zone", "\(name) is UTC\(offset) all year: its sign is the other way round", at: node.range,
                notes: ["write the zone of a place, such as Europe/Berlin"])
        }
        if let zone = options.zones(name) { return zone }
        report.error(
            "unknown-zone", "no time zone \(name.inBackticks) is known here", at: node.range,
            notes: ["zones have names such as Europe/Berlin or UTC"])
        return nil
    }
}

/// Parses caps on actions, of policies and of instances.
struct CapParser {
    let report: Report
    /// Whether a cap may be a percentage. Ceilings of an instance may not: they count everything, so there is nothing
    /// that they could be a share of.
    let allowsPercent: Bool

    static let policyKeys = ["amount", "percent", "per"]

    /// One cap or a list of them.
    func caps(_ node: YAMLNode, _ what: String) -> [ActionCap]? { report.oneOrMore(node, what, cap) }

    private func cap(_ node: YAMLNode) -> ActionCap? {
        let shape = MapShape(
            what: "`max_actions`", keys: allowsPercent ? CapParser.policyKeys : ConfigurationKeys.cap.map(\.key),
            required: allowsPercent ? ["per"] : ConfigurationKey.required(ConfigurationKeys.cap),
            elsewhere: allowsPercent ? [:] : ["percent": "a share is a share of one policy's executions: put it there"],
            inside: ["percent": "amount"])
        guard let map = MapReader(node, shape, report) else { return nil }
        if map.isMissing("amount"), map["percent"] == nil, allowsPercent, map.isMissing("percent") {
            report.error(
                "missing-key", "`max_actions` needs `amount` or `percent`",
                at: node.entries?.first?.key.range ?? node.range)
        }
        let before = report.errors
        let amount = report.whole(map, ConfigurationKeys.amount)
        let percent = map["percent"].flatMap { report.whole($0, "`percent`", in: 1...100) }
        let per = map["per"].flatMap(per)
        guard report.errors == before, amount != nil || percent != nil, let per else { return nil }
        return ActionCap(amount: amount ?? .max, percent: percent, per: per)
    }

    private func per(_ node: YAMLNode) -> ActionCap.Per? {
        if node.string == "tick" { return .tick }
        if let text = node.string, Period(text) == nil, let near = Spelling.nearest(to: text, among: ["tick"]) {
            report.error("unknown-value", "`per` cannot be \(text.inBackticks)", at: node.range, suggestion: near)
            return nil
        }
        return report.period(node, "`per`").map { .window($0) }
    }
}
