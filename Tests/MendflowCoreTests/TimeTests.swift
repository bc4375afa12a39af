import MendflowCore
import MendflowTestKit
import Testing

@Suite("Points in time")
struct MomentTests {
    @Test(
        "RFC 3339 is read with any offset and any number of fraction digits",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-05-04T12:00:00Z", 1_777_896_000_000), ("2026-05-04t14:00:00+02:00", 1_777_896_000_000),
            ("2026-05-04 06:30:00-05:30", 1_777_896_000_000), ("2026-05-04T12:00Z", 1_777_896_000_000),
            ("2026-05-04T12:00:00.5Z", 1_777_896_000_500), ("2026-05-04T12:00:00.1239999Z", 1_777_896_000_123),
            ("2000-02-29T00:00:00Z", 951_782_400_000), ("3000-01-01T00:00:00.000Z", 32_503_680_000_000),
        ])
    func reads(text: String, milliseconds: Int64) {
        #expect(ServerTime(rfc3339: text) == ServerTime(milliseconds: milliseconds))
    }

    @Test(
        "what is no point in time is refused",
        arguments: [
            "", "2026-05-04", "2026-05-04T12:00:00", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-05-04T24:00:00Z",
            "2026-05-04T12:60:00Z", "2026-05-04T12:00:61Z", "2026-05-04T12:00:00.Z", "2026-05-04T12:00:00Zx",
            "2026-05-04T12:00:00+2:00", "2026-05-04T12:00:00+02", "26-05-04T12:00:00Z", " 2026-05-04T12:00:00Z",
        ])
    func refuses(text: String) {
        #expect(ServerTime(rfc3339: text) == nil)
    }

    @Test("what is printed is read back, for every day of four centuries")
    func roundTrip() {
        var random = SplitMix64(seed: 1)
        for day in stride(from: Int64(-146_097), through: 146_097, by: 1) {
            let time = ServerTime(milliseconds: day * 86_400_000 + .random(in: 0..<86_400_000, using: &random))
            guard ServerTime(rfc3339: time.rfc3339) == time else {
                Issue.record("\(time.milliseconds) is printed as \(time.rfc3339)")
                return
            }
        }
    }

    @Test("the bytes of a text are read as the text is, whatever is wrong with it")
    func bytes() {
        var random = SplitMix64(seed: 2)
        let other = Array("0123456789-:.TZ/+ a".utf8)
        var readable = 0
        for _ in 0..<20_000 {
            let time = ServerTime(milliseconds: .random(in: 0..<4_000_000_000_000, using: &random))
            var text = Array(time.rfc3339.utf8)
            for _ in 0..<Int.random(in: 0..<3, using: &random) {
                text[Int.random(in: 0..<text.count, using: &random)] = other.randomElement(using: &random) ?? 0
            }
            if Int.random(in: 0..<8, using: &random) == 0 { text[0] = 0x80 | text[0] }
            let read = ServerTime(rfc3339: text.span)
            if read != nil { readable += 1 }
            #expect(read == ServerTime(rfc3339: String(decoding: text, as: UTF8.self)))
        }
        #expect((8000..<16_000).contains(readable))
    }

    @Test("days count up without gaps over leap years and centuries")
    func calendar() {
        var previous = CivilDate(daysSince1970: -146_098)
        for day in Int64(-146_097)...146_097 {
            let date = CivilDate(daysSince1970: day)
            let isNext =
                date.day == previous.day + 1 && date.month == previous.month
                || date.day == 1 && previous.day == CivilDate.days(inMonth: previous.month, of: previous.year)
            guard isNext, date.daysSince1970 == day else {
                Issue.record("day \(day) is \(date)")
                return
            }
            previous = date
        }
    }

    @Test("arithmetic stops at the ends of time, and the ends can be printed")
    func saturation() {
        let (first, last) = (ServerTime(milliseconds: .min), ServerTime(milliseconds: .max))
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(last - first == Period(milliseconds: .max))
        #expect(first - last == Period(milliseconds: .min))
        #expect(first.rfc3339.hasSuffix("Z") && last.rfc3339.hasSuffix("Z"))
    }
}

@Suite("Periods")
struct PeriodTests {
    @Test(
        "numbers carry units, the largest first",
        arguments: [
            ("90s", 90_000), ("2h", 7_200_000), ("1h30m", 5_400_000), ("7d", 604_800_000), ("250ms", 250),
            ("2w", 1_209_600_000), ("0s", 0), ("1m1ms", 60_001),
        ])
    func reads(text: String, milliseconds: Int64) { #expect(Period(text) == Period(milliseconds: milliseconds)) }

    @Test(
        "a bare number, a doubtful unit or a wrong order is refused",
        arguments: [
            "", "90", "s", "-1h", "+1h", "1.5h", "1h 30m", "30m1h", "1h1h", "1 h", "1H", "1y", "h1", "1hh",
            "99999999999999999999s", "9223372036854775807ms", "５m",
        ])
    func refuses(text: String) { #expect(Period(text) == nil) }

    @Test("what is printed is read back")
    func roundTrip() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<10_000 {
            let most: Int64 = 3_153_600_000_000 >> Int64.random(in: 0...40, using: &random)
            let period = Period(milliseconds: .random(in: 0...most, using: &random))
            #expect(Period(period.description) == period)
        }
        #expect(Period.hours(26).description == "1d2h")
        #expect(Period(milliseconds: -90_000).description == "-1m30s")
    }
}

@Suite("Execution ids")
struct ExecutionIDTests {
    @Test("order by length, then text, which is the order of creation")
    func order() {
        let ids: [ExecutionID] = ["100", "9", "20", "99", "10", "1000", "1"]
        #expect(ids.sorted() == ["1", "9", "10", "20", "99", "100", "1000"])
        #expect(ExecutionID("9") < "10")
        #expect(!(ExecutionID("10") < "10"))
    }

    @Test("have a place in the sequence only where they are decimal numbers")
    func number() {
        #expect(ExecutionID("4711").number == 4711)
        #expect(ExecutionID("").number == nil)
        #expect(ExecutionID("47a").number == nil)
        #expect(ExecutionID("+5").number == nil)
        #expect(ExecutionID("18446744073709551616").number == nil)
    }
}
