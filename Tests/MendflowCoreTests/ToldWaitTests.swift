import MendflowCore
import Testing

@Suite("Waits that services tell in words")
struct ToldWaitTests {
    @Test(
        "a time from the error on",
        arguments: [
            ("Too Many Requests: retry after 245", 245_000), ("{\"retry_after\":1}", 1000),
            ("Please try again in 6m10s.", 370_000), ("Please try again in 7.66s", 7660), ("retry in 500ms", 500),
            ("{\"retryDelay\":\"12s\"}", 12_000), ("retryDelay: 41.5s", 41_500), ("retry_after: 64.57", 64_570),
            ("please come back in 300 seconds", 300_000), ("reset in 17 seconds", 17_000),
            ("{\\\"retry_after_ms\\\":12345}", 12_345), ("Expected available in 1 second.", 1000),
            ("Please wait 2 minutes and 30 seconds", 150_000), ("try again in an hour", 3_600_000),
            ("\"retry_in_seconds\":17}", 17_000), ("Retry-After: 30", 30_000), ("retry in about 5 minutes", 300_000),
            ("You can make another request in 30 seconds.", 30_000), ("Quota will refill after 60 seconds.", 60_000),
            ("Next request allowed in 90s.", 90_000), ("You will be unblocked in 1 hour.", 3_600_000),
            ("Too Many Requests - 45 seconds until next request allowed", 45_000),
            ("3 minutes before the next request", 180_000), ("Greylisted for 5 minutes", 300_000),
            ("4.7.1 Please try again in 00:04:59", 299_000), ("account locked for 15 minutes", 900_000),
        ])
    func periods(_ text: String, _ milliseconds: Int64) {
        #expect(ToldWait(in: [text]).period == .milliseconds(milliseconds))
        #expect(ToldWait(in: [text]).instant == nil)
    }

    @Test(
        "a time of the calendar",
        arguments: [
            "User-rate limit exceeded.  Retry after 2026-11-28T13:30:00.000Z",
            "limit exceeded, try again after: Sat, 28 Nov 2026 13:30:00 GMT", "resets at 1795872600",
            "{\"retry_after\":1795872600000}", "Retry after 2026-11-28T13:30:00Z.", "resets on 2026-11-28T13:30:00Z",
            "Please retry after 2026-11-28 13:30:00 UTC", "You are blocked until 2026-11-28 13:30:00",
            "You will regain access on 2026-11-28 at 13:30 UTC.", "resets at 2026-11-28 14:30:00 +01:00",
        ])
    func instants(_ text: String) {
        #expect(ToldWait(in: [text]).instant == ServerTime(rfc3339: "2026-11-28T13:30:00Z"))
        #expect(ToldWait(in: [text]).period == nil)
    }

    @Test(
        "no wait where none is told",
        arguments: [
            "timed out in 30 seconds", "please try again in a few minutes", "retry later", "wait 3", "awaiting 5 s",
            "connection timed out after 60 seconds", "100 requests in 60 seconds", "valid until 2026-12-01",
            "30 seconds",
            "gave up 30 tries before the next one", "try again on Monday", "it ran for 5 minutes", "until next week",
            "retry after the 3rd", "try again in 2000 days", "retry-after", "",
        ])
    func none(_ text: String) { #expect(ToldWait(in: [text]) == ToldWait(in: [])) }

    @Test("the longest that any text tells")
    func longest() {
        #expect(ToldWait(in: ["retry in 33.2s", "retryDelay: 33s", "x"]).period == .milliseconds(33_200))
    }
}
