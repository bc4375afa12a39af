import MendflowCore
import MendflowN8N
import MendflowSimulator
import MendflowZones

extension FuzzTarget {
    /// Points in time and lengths of time, as n8n, proxies and people write them.
    static let time = FuzzTarget(
        "time", seeds: ["Tests/Fixtures/fuzz/time"], splitsSeeds: true
    ) { bytes throws(BrokenPromise) in
        let text = bytes.text
        let time = ServerTime(rfc3339: text)
        try promise(ServerTime(rfc3339: text.utf8.span) == time, "a time is the same as a text and as bytes")
        if let time {
            try promise(ServerTime(rfc3339: time.rfc3339) == time, "a time reads back the same: \(time)")
            let row: Simulator.JSON = [
                "id": "1", "workflowId": "w", "status": "error", "mode": "manual", "startedAt": .string(text),
            ]
            if case .execution(_, _, let started?, _)? = try? Simulator.recorded(row) {
                try promise(started == time.milliseconds, "a time is the same to another reader: \(time)")
            }
        }
        if let period = Period(text) {
            try promise(Period(period.description) == period, "a period reads back the same: \(period)")
            try promise(period >= .zero, "no period that is written is negative: \(period)")
        }
        if let date = ServerTime(httpDate: text) {
            try promise((0..<253_402_300_800_000).contains(date.milliseconds), "a date is of these years: \(date)")
            try promise(date.milliseconds % 1000 == 0, "a date has whole seconds: \(date)")
        }
        if let wait = Period(retryAfter: text, now: ServerTime(milliseconds: 1_780_000_000_000)) {
            try promise(
                (Period.zero...Period.minutes(15)).contains(wait), "a server is left alone for a while: \(wait)")
        }
    }

    /// Files of time zones, and windows in them.
    static let zone = FuzzTarget("zone", seeds: ["Tests/Fixtures/fuzz/zone"]) { bytes throws(BrokenPromise) in
        guard let zone = ZoneFile.read(name: "A/B", folder: "z", { _ in bytes }) else { return }
        var (last, offset) = (ServerTime(milliseconds: .min), zone.firstOffsetSeconds)
        for transition in zone.transitions {
            try promise(last < transition.at, "a zone's changes are in order")
            try promise(transition.offsetSeconds != offset, "each of them changes something")
            (last, offset) = (transition.at, transition.offsetSeconds)
        }
        let changes = zone.transitions.map(\.at)
        for time in changes.prefix(3) + changes.suffix(3) + [ServerTime(milliseconds: 1_780_000_000_000)] {
            let number = bytes.reduce(0) { $0 &* 31 &+ Int($1) } & 0xFFFF
            try windows(zone, at: time, from: number % 1440, to: number / 7 % 1440 + 1)
        }
    }

    private static func windows(_ zone: ZoneTable, at time: ServerTime, from: Int, to: Int) throws(BrokenPromise) {
        let window = TimeWindow(days: [.mon, .sun], fromMinute: from, toMinute: to, zone: zone)
        if let end = window.end(containing: time) {
            try promise(window.contains(time) && end > time, "a window ends later, and only where it is open")
            try promise(!window.contains(end), "at its end it is closed")
        }
        if let start = window.nextStart(after: time) {
            try promise(start > time && window.contains(start), "a window opens later, and is open then")
        }
    }
}
