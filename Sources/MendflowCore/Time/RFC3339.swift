/// The one form in which points in time are written, for n8n and for people: RFC 3339.
enum RFC3339 {
    /// The times that can be written: the years 0 to 9999. A leap second or an offset may lead out of them.
    static let writable: Range<Int64> = -62_167_219_200_000..<253_402_300_800_000

    /// Reads milliseconds since 1970 off a text's bytes; nil for anything else.
    static func milliseconds(_ text: some Sequence<UInt8>) -> Int64? {
        var reader = DigitReader(bytes: Array(text))
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2)
        else { return nil }
        var second: Int64 = 0
        var fraction: Int64 = 0
        if reader.skip(":") {
            guard let value = reader.number(2) else { return nil }
            second = value
            if reader.skip(".") {
                guard let value = reader.thousandths() else { return nil }
                fraction = value
            }
        }
        guard let offset = reader.zoneOffset(), reader.isAtEnd, (1...12).contains(month), hour < 24, minute < 60,
            second <= 60, (1...CivilDate.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let time = (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + fraction
        return writable.contains(time) ? time : nil
    }

    /// Writes milliseconds since 1970 as `2026-05-01T10:11:12.345Z`.
    static func text(_ milliseconds: Int64, fraction: Bool = true) -> String {
        let day = CivilDate(daysSince1970: milliseconds.floorDivided(by: 86_400_000))
        let remainder = milliseconds % 86_400_000
        let rest = remainder < 0 ? remainder + 86_400_000 : remainder
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return padded(day.year, 4) + "-" + padded(day.month, 2) + "-" + padded(day.day, 2) + "T"
            + padded(rest / 3_600_000, 2) + ":" + padded(rest / 60_000 % 60, 2) + ":" + padded(rest / 1000 % 60, 2)
            + (fraction ? "." + padded(rest % 1000, 3) : "") + "Z"
    }
}

/// Reads fixed digits off a text of ASCII.
struct DigitReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Character) -> Bool {
        guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        guard position + width <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + width] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        position += width
        return value
    }

    mutating func thousandths() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while position < bytes.count, (48...57).contains(bytes[position]) {
            if digits < 3 { value = value * 10 + Int64(bytes[position] - 48) }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in digits..<max(3, digits) { value *= 10 }
        return value
    }

    /// Minutes east of UTC.
    mutating func zoneOffset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
