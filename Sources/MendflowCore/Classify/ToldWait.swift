/// How long a service asks to be left alone, as its words tell it: "retry after 245", "try again in 6m10s",
/// `"retryDelay":"12s"`, "retry after 2026-11-28T13:30:00Z".
public struct ToldWait: Sendable, Hashable {
    /// The longest time from the error on; nil where none is told.
    public private(set) var period: Period?
    /// The latest time of the calendar; nil where none is told. The clock of the service that tells it is taken to be n8n's.
    public private(set) var instant: ServerTime?

    /// Longer ones are no waits but slips: no quota resets later than after a month.
    private static let longest = Period.days(32)

    /// The waits that any of these texts tells, the longest of each kind.
    public init(in texts: [String]) {
        for text in texts {
            let bytes = Array(text.utf8)
            for index in bytes.indices {
                for sign in WaitSign.signs(beginning: bytes[index]) where sign.stands(in: bytes, at: index) {
                    read(sign, in: bytes, at: index + sign.words.count)
                }
            }
        }
    }

    private mutating func read(_ sign: WaitSign, in bytes: [UInt8], at start: Int) {
        var reader = WaitReader(bytes, at: start, sign)
        switch sign.isBehind ? reader.waitBefore(start - sign.words.count) : reader.wait() {
        case .period(let told) where told <= ToldWait.longest: period = max(period ?? .zero, told)
        case .instant(let told): instant = max(instant ?? told, told)
        case .period, nil: break
        }
    }
}

/// Words behind which a wait is told.
private struct WaitSign {
    let words: [UInt8]
    /// What a number without a unit counts, in milliseconds; nil where it says nothing.
    let bare: Double?
    /// Whether the wait stands before the words.
    let isBehind: Bool

    private init(_ words: String, bare: Double?, isBehind: Bool = false) {
        self.words = Array(words.utf8)
        self.bare = bare
        self.isBehind = isBehind
    }

    /// The signs that begin with a byte; few bytes begin any.
    static func signs(beginning byte: UInt8) -> [WaitSign] { byFirst[Int(RequiredLiterals.small(byte))] }

    private static let byFirst: [[WaitSign]] = (0...255).map { byte in all.filter { $0.words[0] == UInt8(byte) } }

    private static let all: [WaitSign] =
        ["retry_after_ms", "retryafterms", "retry-after-ms"].map { WaitSign($0, bare: 1) }
        + [
            "retry after", "retry_after", "retry-after", "retryafter", "retrydelay", "retry_in_seconds", "retry in",
            "try again after", "try again in", "again after",
        ].map { WaitSign($0, bare: 1000) }
        + [
            "again in", "again at", "back in", "reset in", "resets in", "reset after", "resets after", "reset at",
            "resets at", "reset on", "resets on", "available in", "available after", "available at", "wait", "wait for",
            "wait at least", "wait until", "retry at", "another request in", "next request in", "new request in",
            "allowed in", "allowed after", "locked in", "locked for", "locked until", "banned for", "banned until",
            "suspended for", "suspended until", "throttled for", "throttled until", "limited until", "listed for",
            "refill in", "refills in", "refill after", "refills after", "renews in", "renews on", "renews at",
            "lifted in", "lifted at", "lifted on", "access on", "access at", "access in",
        ].map { WaitSign($0, bare: nil) }
        + [
            "until next", "until the next", "until your next", "until you can", "before next", "before the next",
            "before retrying", "before trying again", "before making another", "before sending another",
        ].map { WaitSign($0, bare: nil, isBehind: true) }

    /// Whether the words stand at a place of a text; letters of either case are one.
    func stands(in bytes: [UInt8], at start: Int) -> Bool {
        guard start + words.count <= bytes.count else { return false }
        for offset in words.indices where RequiredLiterals.small(bytes[start + offset]) != words[offset] {
            return false
        }
        return true
    }
}

/// Reads a time behind the words that announce it.
private struct WaitReader {
    enum Wait {
        case period(Period)
        case instant(ServerTime)
    }

    private let bytes: [UInt8]
    private let sign: WaitSign
    private var at: Int

    init(_ bytes: [UInt8], at start: Int, _ sign: WaitSign) {
        self.bytes = bytes
        self.sign = sign
        at = start
    }

    /// The wait that stands before a place: `45 seconds until the next request`.
    mutating func waitBefore(_ end: Int) -> Wait? {
        var start = end
        while start > 0, bytes[start - 1] == 0x20 || isLetter(bytes[start - 1]) || isDigit(bytes[start - 1]) {
            start -= 1
            guard end - start <= 30 else { return nil }
        }
        while start < end, !isDigit(bytes[start]) { start += 1 }
        at = start
        guard start < end, case .period(let told)? = number(), at >= end else { return nil }
        return .period(told)
    }

    /// The wait, nil where none follows.
    mutating func wait() -> Wait? {
        guard !isLetter(peek), peek != UInt8(ascii: "_") || skip("_seconds") || skip("_secs") else { return nil }
        skipSigns()
        for word in ["about ", "approximately ", "at least ", "another ", "the next ", "your "] where skip(word) {}
        if let date = date() { return .instant(date) }
        if let clock = clock() { return .period(clock) }
        if skip("a ") || skip("an ") || skip("one ") {
            return unit().map { .period(Period(milliseconds: Int64($0))) }
        }
        return number()
    }

    /// `6m10.5s`, `2 minutes 30 seconds`, `245`, or a number of seconds since 1970.
    private mutating func number() -> Wait? {
        var total = 0.0
        var parts = 0
        while parts < 4, let value = decimal() {
            let end = at
            while peek == 0x20 { at += 1 }
            if let unit = unit() {
                total += value * unit
            } else if parts == 0 {
                at = end
                return bare(value)
            } else {
                break
            }
            parts += 1
            while peek == 0x20 || peek == UInt8(ascii: ",") { at += 1 }
            _ = skip("and ")
        }
        guard parts > 0, total < 1e13 else { return nil }
        return .period(Period(milliseconds: Int64(total.rounded(.up))))
    }

    private func bare(_ value: Double) -> Wait? {
        if value >= 1e12, value < 1e14 { return .instant(ServerTime(milliseconds: Int64(value))) }
        if value >= 1e9, value < 1e11 { return .instant(ServerTime(milliseconds: Int64(value) * 1000)) }
        // What goes on as a word or a date is no number of seconds.
        guard let bare = sign.bare, value < 1e9, !isLetter(peek), peek != UInt8(ascii: "-"),
            peek != UInt8(ascii: ":")
        else { return nil }
        return .period(Period(milliseconds: Int64((value * bare).rounded(.up))))
    }

    private mutating func decimal() -> Double? {
        let start = at
        while let byte = peek, isDigit(byte) { at += 1 }
        guard at > start, at - start <= 15 else { return nil }
        if peek == UInt8(ascii: "."), at + 1 < bytes.count, isDigit(bytes[at + 1]) {
            at += 1
            while let byte = peek, isDigit(byte) { at += 1 }
        }
        return Double(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    /// The milliseconds of a unit that comes next.
    private mutating func unit() -> Double? {
        let start = at
        while isLetter(peek) { at += 1 }
        let word = String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
        switch word {
        case "ms", "millis", "millisecond", "milliseconds": return 1
        case "s", "sec", "secs", "second", "seconds": return 1000
        case "m", "min", "mins", "minute", "minutes": return 60_000
        case "h", "hr", "hrs", "hour", "hours": return 3_600_000
        case "d", "day", "days": return 86_400_000
        default:
            at = start
            return nil
        }
    }

    /// `00:04:59`, hours, minutes and seconds.
    private func clock() -> Period? {
        let word = bytes[at...].prefix { isDigit($0) || $0 == UInt8(ascii: ":") }
        let parts = word.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ $0.count == 2 }) else { return nil }
        let numbers = parts.compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 3 else { return nil }
        return .seconds((numbers[0] * 60 + numbers[1]) * 60 + numbers[2])
    }

    /// A time of the calendar, as RFC 3339 or HTTP write it, or day and time one after the other.
    private func date() -> ServerTime? {
        let text = bytes[at...].prefix(40).prefix { $0 >= 0x20 && ![0x22, 0x27, 0x5C, 0x29, 0x3C].contains($0) }
        if isDigit(text.first) {
            let words = text.split { $0 == 0x20 || $0 == UInt8(ascii: ",") }.map { word in
                // A full stop ends a sentence.
                let end = word.lastIndex { ![UInt8]((".;!").utf8).contains($0) }
                return String(decoding: end.map { word[...$0] } ?? [], as: UTF8.self)
            }
            return words.first.flatMap { ServerTime(rfc3339: $0) } ?? dayAndTime(words)
        }
        guard isLetter(text.first), text.count >= 29 else { return nil }
        return ServerTime(httpDate: String(decoding: text.prefix(29), as: UTF8.self))
    }

    /// `2026-12-01 00:00:00 UTC`, or `2026-12-01 at 00:00 UTC`; without a zone it is taken to be UTC.
    private func dayAndTime(_ words: [String]) -> ServerTime? {
        guard words.count > 1, words[0].utf8.count == 10 else { return nil }
        let rest = words.dropFirst().drop { $0.lowercased() == "at" }
        guard let time = rest.first else { return nil }
        let zone = rest.dropFirst().first.flatMap { $0.hasPrefix("+") || $0.hasPrefix("-") ? $0 : nil } ?? "Z"
        let seconds = time.utf8.count == 5 ? ":00" : ""
        return ServerTime(rfc3339: "\(words[0])T\(time)\(seconds)\(zone)") ?? ServerTime(rfc3339: "\(words[0])T\(time)")
    }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSigns() {
        while let byte = peek, [0x20, 0x22, 0x27, 0x3A, 0x3D, 0x5C, 0x28].contains(byte) { at += 1 }
    }

    private mutating func skip(_ word: String) -> Bool {
        let wanted = Array(word.utf8)
        guard at + wanted.count <= bytes.count,
            wanted.indices.allSatisfy({ RequiredLiterals.small(bytes[at + $0]) == wanted[$0] })
        else { return false }
        at += wanted.count
        return true
    }

    private func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    private func isLetter(_ byte: UInt8?) -> Bool { byte.map { (0x61...0x7A).contains($0 | 0x20) } ?? false }
}
