/// A time in milliseconds since 1970 as JavaScript's `toISOString` writes it.
func timestamp(_ milliseconds: Int64) -> String {
    let (day, inDay) = milliseconds.quotientAndFlooredRemainder(dividingBy: 86_400_000)
    let (year, month, dayOfMonth) = civil(day: day)
    var text: [UInt8] = []
    text.reserveCapacity(24)
    func append(_ value: Int64, _ width: Int, _ end: Unicode.Scalar) {
        var unit: Int64 = 1
        for _ in 1..<width { unit *= 10 }
        while value / unit >= 10 { unit *= 10 }
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
            unit /= 10
        }
        text.append(UInt8(ascii: end))
    }
    append(year, 4, "-")
    append(month, 2, "-")
    append(dayOfMonth, 2, "T")
    append(inDay / 3_600_000, 2, ":")
    append(inDay / 60_000 % 60, 2, ":")
    append(inDay / 1_000 % 60, 2, ".")
    append(inDay % 1_000, 3, "Z")
    return String(decoding: text, as: UTF8.self)
}

/// Reads `2026-05-01T10:11:12.345Z`; fractions of any length and offsets such as `+02:00` too. Nil for anything else.
func milliseconds(_ text: String) -> Int64? {
    var rest = text.utf8[...]
    func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let byte = rest.popFirst(), (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return value
    }
    func literal(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: scalar) else { return false }
        rest.removeFirst()
        return true
    }
    guard let year = number(4), literal("-"), let month = number(2), literal("-"), let day = number(2), literal("T"),
        let hour = number(2), literal(":"), let minute = number(2), literal(":"), let second = number(2),
        (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    var fraction: Int64 = 0
    if literal(".") {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        fraction = Int64(String(decoding: digits.prefix(3), as: UTF8.self)) ?? 0
        for _ in digits.count..<max(3, digits.count) { fraction *= 10 }
        rest = rest.dropFirst(digits.count)
    }
    var offset: Int64 = 0
    if !literal("Z") {
        let sign: Int64 = rest.first == UInt8(ascii: "-") ? -1 : 1
        guard literal("+") || literal("-"), let hours = number(2), literal(":"), let minutes = number(2) else {
            return nil
        }
        offset = sign * (hours * 60 + minutes) * 60_000
    }
    guard rest.isEmpty else { return nil }
    let days = dayNumber(year: year, month: month, day: day)
    return days * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1_000 + fraction - offset
}

/// The value of a `Date` header field.
func httpDate(_ milliseconds: Int64) -> String {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let day = milliseconds.quotientAndFlooredRemainder(dividingBy: 86_400_000).quotient
    let iso = timestamp(milliseconds)
    let (year, month, _) = civil(day: day)
    let weekday = days[Int(day.quotientAndFlooredRemainder(dividingBy: 7).remainder)]
    let dayOfMonth = iso.dropFirst(8).prefix(2)
    let time = iso.dropFirst(11).prefix(8)
    return "\(weekday), \(dayOfMonth) \(months[Int(month) - 1]) \(year) \(time) GMT"
}

/// Days since 1970 to a date of the Gregorian calendar (Howard Hinnant's algorithm).
private func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let era = shifted.quotientAndFlooredRemainder(dividingBy: 146_097).quotient
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

private func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear.quotientAndFlooredRemainder(dividingBy: 400).quotient
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

extension Int64 {
    fileprivate func quotientAndFlooredRemainder(dividingBy divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
