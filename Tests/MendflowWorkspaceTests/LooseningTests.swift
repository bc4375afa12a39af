import MendflowCore
import MendflowHostKit
import MendflowTestKit
import Testing

@testable import MendflowWorkspace

@Suite("What a change of the files loses")
struct LooseningTests {
    private static let start = """
        policies:
          - name: a
            mode: enforce
            match: {status: error, workflow: Orders, error: {class: transient}, newer_than: 24h}
            exceptions: [{match: {workflow: Payments}, reason: by hand}]
            actions: [retry: {max_retries: 2, backoff: {initial_interval: 2m}}]
            guards:
              max_actions: [{amount: 5, per: 1h}]
              rate_limit: {max: 2, per: 10m, group_by: workflow}
              cooldown: 5m
              yield_to_humans: 1h
              give_up_after: 12h
              max_in_flight: 2
              circuit_breaker: {failure_threshold: 3, window: 1h, open_for: 1h}
              active_during: {from: "01:00", to: "05:00", zone: UTC}
              not_during: {days: sun, from: "22:00", to: "04:00", zone: UTC}

        """

    /// What is said of one text in the place of another one.
    private func losses(_ changes: (String, String)...) throws -> [String] {
        let folder = try Folder()
        try folder.remove("policies/b.yaml")
        try folder.write("policies/a.yaml", Self.start)
        let old = try #require(try folder.load().workspace)
        var text = Self.start
        for (from, to) in changes {
            #expect(text.contains(from))
            text = text.replacing(from, with: to)
        }
        try folder.write("policies/a.yaml", text)
        let (new, report) = try folder.load()
        let read = try #require(new, "\(report.text())")
        return old.loosenings(to: read).map { words in
            words.words.replacing("policy 'a': ", with: "")
        }
    }

    @Test("is every guard that goes, also one that is added later")
    func everyGuard() throws {
        let lines = [
            "maxActions": "      max_actions: [{amount: 5, per: 1h}]\n",
            "rateLimits": "      rate_limit: {max: 2, per: 10m, group_by: workflow}\n",
            "cooldown": "      cooldown: 5m\n",
            "yieldToHumans": "      yield_to_humans: 1h\n",
            "giveUpAfter": "      give_up_after: 12h\n",
            "maxInFlight": "      max_in_flight: 2\n",
            "circuitBreaker": "      circuit_breaker: {failure_threshold: 3, window: 1h, open_for: 1h}\n",
            "activeDuring": "      active_during: {from: \"01:00\", to: \"05:00\", zone: UTC}\n",
            "notDuring": "      not_during: {days: sun, from: \"22:00\", to: \"04:00\", zone: UTC}\n",
        ]
        #expect(Set(lines.keys) == Set(Mirror(reflecting: Guards()).children.compactMap(\.label)))
        for (guarded, line) in lines {
            let found = try losses((line, ""))
            #expect(found.count == 1, "\(guarded): \(found)")
        }
    }

    @Test(
        "is everything that holds a policy back and is gone or weaker",
        arguments: [
            (
                "    exceptions: [{match: {workflow: Payments}, reason: by hand}]\n", "",
                "its exception 'by hand' is gone"
            ),
            (", newer_than: 24h", "", "it asks no more for age"),
            ("max_retries: 2", "max_retries: 3", "max_retries was 2"),
            ("max_retries: 2,", "max_retries: 2, repeats: allow,", "it accepts repeats that it held"),
            ("amount: 5", "amount: 6", "its cap of 5 per 1h is gone or higher"),
            ("{max: 2, per: 10m", "{max: 3, per: 10m", "its rate limit of 2 per 10m is gone or higher"),
            ("cooldown: 5m", "cooldown: 4m", "its cooldown was 5m"),
            ("yield_to_humans: 1h", "yield_to_humans: 10m", "yield_to_humans was 1h"),
            ("give_up_after: 12h", "give_up_after: 13h", "give_up_after was 12h"),
            ("max_in_flight: 2", "max_in_flight: 3", "max_in_flight was 2"),
            ("failure_threshold: 3", "failure_threshold: 4", "its circuit breaker is gone or opens later"),
        ])
    func lost(from: String, to: String, words: String) throws {
        #expect(try losses((from, to)) == [words])
        // The other way round it only gets stricter, and needs nobody.
        #expect(try losses(("mode: enforce", "mode: dry_run"), (from, to)).isEmpty)
    }

    @Test(
        "is nothing where a text gets stricter, is moved or described, or where only another thing is asked for",
        arguments: [
            ("max_retries: 2", "max_retries: 1"), ("amount: 5", "amount: 4"), ("cooldown: 5m", "cooldown: 6m"),
            ("    mode: enforce\n", "    description: x\n    mode: enforce\n"),
            ("workflow: Orders", "workflow: Order sync"),
            ("newer_than: 24h", "newer_than: 24h, older_than: 1m"), ("mode: enforce", "mode: 'off'"),
            ("reason: by hand}", "reason: by hand}, {match: {workflow: Refunds}, reason: too}"),
        ])
    func kept(from: String, to: String) throws { #expect(try losses((from, to)).isEmpty) }

    @Test("is a policy that no file has, unless it only looked on; limits of an instance, too")
    func others() throws {
        let folder = try Folder()
        let old = try #require(try folder.load().workspace)
        try folder.write("policies/a.yaml", Folder.policy("c", "Other"))
        let limits = "    limits: {max_in_flight: 9, max_actions: [{amount: 20, per: tick}, {amount: 60, per: 1h}]}\n"
        try folder.write("mendflow.yaml", Folder.configuration(instances: limits))
        let losses = old.loosenings(to: try #require(try folder.load().workspace))
        let words = losses.map(\.words)
        #expect(words.count == 2 && words[0].contains("policies/a.yaml has it no more"))
        #expect(words[1] == "the limits of 'production': max_in_flight was 3")
        // What holds meanwhile is said of what waits, and not where it is let go.
        #expect(
            losses.map(\.meanwhile) == ["what it matches is held meanwhile", "they stay as they were meanwhile"])
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*").replacing("enforce", with: "dry_run"))
        let looker = try #require(try folder.load().workspace)
        try folder.write("policies/a.yaml", Folder.policy("c", "Other"))
        #expect(looker.loosenings(to: try #require(try folder.load().workspace)).isEmpty)
    }
}
