import MendflowCore
import Testing

@Suite("Time windows")
struct TimeWindowTests {
    /// Berlin's clock in 2026: forward on March 29th, back on October 25th, both at 01:00 UTC.
    private static let berlin = ZoneTable(
        name: "Europe/Berlin", firstOffsetSeconds: 3600,
        transitions: [
            .init(at: time("2026-03-29T01:00:00Z"), offsetSeconds: 7200),
            .init(at: time("2026-10-25T01:00:00Z"), offsetSeconds: 3600),
        ])

    private static func time(_ text: String) -> ServerTime { ServerTime(rfc3339: text) ?? ServerTime(milliseconds: 0) }
    private func time(_ text: String) -> ServerTime { Self.time(text) }
    private func window(
        _ from: Int, _ to: Int, days: Set<TimeWindow.Weekday> = [], zone: ZoneTable = .utc
    ) -> TimeWindow {
        TimeWindow(days: days, fromMinute: from * 60, toMinute: to * 60, zone: zone)
    }

    @Test("a zone's offset changes at the very millisecond of a transition")
    func offsets() {
        #expect(Self.berlin.offsetSeconds(at: time("2026-03-29T00:59:59.999Z")) == 3600)
        #expect(Self.berlin.offsetSeconds(at: time("2026-03-29T01:00:00Z")) == 7200)
        #expect(Self.berlin.offsetSeconds(at: time("2026-10-25T01:00:00Z")) == 3600)
        #expect(Self.berlin.nextTransition(after: time("2026-03-29T01:00:00Z")) == time("2026-10-25T01:00:00Z"))
        #expect(Self.berlin.nextTransition(after: time("2026-10-25T01:00:00Z")) == nil)
        let before1970 = ZoneTable.utc.localTime(at: ServerTime(milliseconds: -1))
        #expect(before1970 == ZoneTable.LocalTime(day: -1, millisecondOfDay: 86_399_999))
    }

    @Test("weekdays are right around 1970 and today")
    func weekdays() {
        #expect(TimeWindow.Weekday(daysSince1970: 0) == .thu)
        #expect(TimeWindow.Weekday(daysSince1970: -1) == .wed)
        #expect(TimeWindow.Weekday(daysSince1970: -4) == .sun)
        #expect(
            TimeWindow.Weekday(daysSince1970: CivilDate(year: 2026, month: 3, day: 29).daysSince1970) == .sun)
    }

    @Test("the start belongs to a window, the end does not")
    func bounds() {
        let window = window(9, 17)
        #expect(!window.contains(time("2026-05-04T08:59:59.999Z")))
        #expect(window.contains(time("2026-05-04T09:00:00Z")))
        #expect(window.contains(time("2026-05-04T16:59:59.999Z")))
        #expect(!window.contains(time("2026-05-04T17:00:00Z")))
        #expect(self.window(9, 24).contains(time("2026-05-04T23:59:59.999Z")))
        #expect(!self.window(9, 24).contains(time("2026-05-05T00:00:00Z")))
    }

    @Test("a window over midnight belongs to the day on which it starts")
    func overMidnight() {
        let window = window(22, 6, days: [.fri])
        #expect(window.contains(time("2026-05-01T22:00:00Z")))
        #expect(window.contains(time("2026-05-02T05:59:00Z")))
        #expect(!window.contains(time("2026-05-01T05:59:00Z")))
        #expect(!window.contains(time("2026-05-02T22:00:00Z")))
        #expect(window.end(containing: time("2026-05-01T23:00:00Z")) == time("2026-05-02T06:00:00Z"))
        #expect(window.nextStart(after: time("2026-05-02T06:00:00Z")) == time("2026-05-08T22:00:00Z"))
    }

    @Test("local time decides, in summer and in winter")
    func local() {
        let window = window(9, 17, days: [.mon, .tue, .wed, .thu, .fri], zone: Self.berlin)
        #expect(window.contains(time("2026-01-05T08:00:00Z")))
        #expect(!window.contains(time("2026-01-05T07:00:00Z")))
        #expect(window.contains(time("2026-07-06T07:00:00Z")))
        #expect(window.nextStart(after: time("2026-03-27T20:00:00Z")) == time("2026-03-30T07:00:00Z"))
    }

    @Test("a window in the skipped hour does not open that day")
    func springForward() {
        let window = window(2, 3, zone: Self.berlin)
        #expect(!window.contains(time("2026-03-29T00:59:59Z")))
        #expect(!window.contains(time("2026-03-29T01:00:00Z")))
        #expect(window.nextStart(after: time("2026-03-28T02:00:00Z")) == time("2026-03-30T00:00:00Z"))
        let sundays = self.window(2, 3, days: [.sun], zone: Self.berlin)
        #expect(sundays.nextStart(after: time("2026-03-23T00:00:00Z")) == time("2026-04-05T00:00:00Z"))
    }

    @Test("a window that spans the skipped hour is shorter that day, and one that starts in it opens after it")
    func shortened() {
        let spanning = window(1, 4, zone: Self.berlin)
        #expect(spanning.end(containing: time("2026-03-29T00:30:00Z")) == time("2026-03-29T02:00:00Z"))
        let starting = TimeWindow(fromMinute: 150, toMinute: 240, zone: Self.berlin)
        #expect(starting.nextStart(after: time("2026-03-28T12:00:00Z")) == time("2026-03-29T01:00:00Z"))
    }

    @Test("an hour that the clock shows twice counts twice")
    func fallBack() {
        let window = window(2, 3, zone: Self.berlin)
        #expect(window.contains(time("2026-10-25T00:30:00Z")))
        #expect(window.contains(time("2026-10-25T01:30:00Z")))
        #expect(window.end(containing: time("2026-10-25T00:30:00Z")) == time("2026-10-25T02:00:00Z"))
        let half = TimeWindow(fromMinute: 150, toMinute: 180, zone: Self.berlin)
        #expect(half.end(containing: time("2026-10-25T00:45:00Z")) == time("2026-10-25T01:00:00Z"))
        #expect(half.nextStart(after: time("2026-10-25T00:45:00Z")) == time("2026-10-25T01:30:00Z"))
    }

    @Test("a window that is always open neither opens nor closes")
    func always() {
        let window = window(0, 24)
        #expect(window.contains(time("2026-05-04T00:00:00Z")))
        #expect(window.end(containing: time("2026-05-04T00:00:00Z")) == nil)
        #expect(window.nextStart(after: time("2026-05-04T00:00:00Z")) == nil)
        #expect(self.window(6, 6).end(containing: time("2026-05-04T00:00:00Z")) == nil)
    }

    @Test("from inside a window the next start is that of the next opening")
    func nextFromInside() {
        let window = window(9, 17)
        #expect(window.nextStart(after: time("2026-05-04T10:00:00Z")) == time("2026-05-05T09:00:00Z"))
        #expect(window.nextStart(after: time("2026-05-04T08:59:59.999Z")) == time("2026-05-04T09:00:00Z"))
        #expect(window.end(containing: time("2026-05-04T08:00:00Z")) == nil)
        let monday = self.window(12, 12, days: [.mon])
        #expect(monday.end(containing: time("2026-05-04T13:00:00Z")) == time("2026-05-05T12:00:00Z"))
    }
}
