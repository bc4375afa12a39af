internal import MendflowCore

/// A zone's rule for all later years, as a TZif file's last line tells it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct POSIXZoneRule {
    /// A day of every year, and the local time at which the clock is set.
    private struct Change {
        enum Day {
            /// 1 to 365; February 29th is never counted.
            case julian(Int64)
            /// 0 to 365, the leap day counted.
            case ofYear(Int64)
            /// The n-th weekday (0 is Sunday) of a month; the fifth is the last.
            case weekday(month: Int64, week: Int64, day: Int64)
        }
        let day: Day
        let seconds: Int64

        func daysSince1970(in year: Int64) -> Int64 {
            let newYear = CivilDate(year: year, month: 1, day: 1).daysSince1970
            switch day {
            case .julian(let day):
                let isLeap = CivilDate.days(inMonth: 2, of: year) == 29
                return newYear + day - 1 + (isLeap && day >= 60 ? 1 : 0)
            case .ofYear(let day): return newYear + day
            case .weekday(let month, let week, let day):
                let first = CivilDate(year: year, month: month, day: 1).daysSince1970
                // 1970-01-01 was a Thursday.
                let weekdayOfFirst = ((first + 4) % 7 + 7) % 7
                var date = first + (day - weekdayOfFirst + 7) % 7 + (week - 1) * 7
                if date >= first + CivilDate.days(inMonth: month, of: year) { date -= 7 }
                return date
            }
        }
    }

    /// Seconds east of UTC in standard time.
    let standardOffset: Int
    private let summerOffset: Int
    private let changes: (toSummer: Change, toStandard: Change)?

    /// Reads the rule; nil where it is none, or names a summer time without saying when.
    init?(_ text: [UInt8]) {
        var scanner = Scanner(rest: text[...])
        guard scanner.name(), let west = scanner.time(maximumHours: 24) else { return nil }
        standardOffset = Int(-west)
        if scanner.rest.isEmpty {
            summerOffset = standardOffset
            changes = nil
            return
        }
        guard scanner.name() else { return nil }
        if scanner.rest.first != UInt8(ascii: ",") {
            guard let west = scanner.time(maximumHours: 24) else { return nil }
            summerOffset = Int(-west)
        } else {
            summerOffset = standardOffset + 3600
        }
        guard scanner.skip(","), let toSummer = scanner.change(), scanner.skip(","),
            let toStandard = scanner.change(), scanner.rest.isEmpty
        else { return nil }
        changes = (toSummer, toStandard)
    }

    /// A year's transitions in order of time; a zone without summer time has one at the year's start, for it may differ
    /// from what the table before it ends with.
    func transitions(in year: Int64) -> [ZoneTable.Transition] {
        func instant(_ days: Int64, _ seconds: Int64, before offset: Int) -> ServerTime {
            ServerTime(milliseconds: (days * 86_400 + seconds - Int64(offset)) * 1000)
        }
        guard let changes else {
            let newYear = CivilDate(year: year, month: 1, day: 1).daysSince1970
            return [.init(at: instant(newYear, 0, before: standardOffset), offsetSeconds: standardOffset)]
        }
        let summer = instant(
            changes.toSummer.daysSince1970(in: year), changes.toSummer.seconds, before: standardOffset)
        let standard = instant(
            changes.toStandard.daysSince1970(in: year), changes.toStandard.seconds, before: summerOffset)
        let both: [ZoneTable.Transition] = [
            .init(at: summer, offsetSeconds: summerOffset), .init(at: standard, offsetSeconds: standardOffset),
        ]
        return summer < standard ? both : both.reversed()
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// `CET` or `<+0330>`.
        mutating func name() -> Bool {
            if skip("<") {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
                rest = rest[(end + 1)...]
                return true
            }
            let letters = rest.prefix { (65...90).contains($0) || (97...122).contains($0) }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
            let digits = rest.prefix { (48...57).contains($0) }
            guard (1...3).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
            return range.contains(value) ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(maximumHours: Int64) -> Int64? {
            let sign: Int64 = skip("-") ? -1 : 1
            if sign == 1 { _ = skip("+") }
            guard let hours = number(0...maximumHours) else { return nil }
            var seconds = hours * 3600
            for unit in [Int64(60), 1] where skip(":") {
                guard let value = number(0...59) else { return nil }
                seconds += value * unit
            }
            return sign * seconds
        }

        mutating func change() -> Change? {
            guard let day = day() else { return nil }
            // Up to a week either way: the extension of RFC 8536.
            guard skip("/") else { return Change(day: day, seconds: 7200) }
            return time(maximumHours: 167).map { Change(day: day, seconds: $0) }
        }

        private mutating func day() -> Change.Day? {
            if skip("J") { return number(1...365).map(Change.Day.julian) }
            guard skip("M") else { return number(0...365).map(Change.Day.ofYear) }
            guard let month = number(1...12), skip("."), let week = number(1...5), skip("."), let day = number(0...6)
            else { return nil }
            return .weekday(month: month, week: week, day: day)
        }
    }
}
