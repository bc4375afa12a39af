import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowOperations
import MendflowTestKit
import Testing

/// What the one set of policies does before a history's end, the other may do a little later.
@Suite("A diff, at the end of the history")
struct DiffSpanTests {
    private let folder: Folder
    private let history: String

    init() throws {
        folder = try Folder()
        // A run fails half an hour before the history ends; another one waits all the time, for a time long after the end.
        let rows = [
            #"{"id":"1","finished":false,"mode":"webhook","retryOf":null,"retrySuccessId":null,"status":"waiting","startedAt":"2026-05-04T11:00:00.000Z","stoppedAt":"2026-05-04T11:00:01.000Z","workflowId":"w1","waitTill":"2026-05-09T12:00:00.000Z"}"#,
            #"{"id":"2","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T11:30:00.000Z","stoppedAt":"2026-05-04T11:30:01.000Z","workflowId":"w1","waitTill":null,"data":{"resultData":{"error":{"message":"read ECONNRESET","httpCode":"ECONNRESET"},"runData":{}}}}"#,
            #"{"id":"3","finished":true,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"success","startedAt":"2026-05-04T12:00:00.000Z","stoppedAt":"2026-05-04T12:00:01.000Z","workflowId":"w1","waitTill":null}"#,
            #"{"id":"w1","name":"Orders","active":true,"nodes":[]}"#,
        ]
        history = rows.joined(separator: "\n")
        try folder.write("history.jsonl", history)
    }

    private func policy(_ backoff: String, more: String = "") -> String {
        """
        policies:
          - name: retry
            mode: enforce
            match: {status: error}
            actions: [{retry: {max_retries: 1, repeats: allow, backoff: {initial_interval: \(backoff), max_interval: 3h, jitter: none}}}]
        \(more)
        """
    }

    private func diff(_ old: String, _ new: String) throws -> PolicyDiff {
        try folder.write("old.yaml", old)
        try folder.write("new.yaml", new)
        let environment = Environment.test(VirtualClock(.noon))
        let (found, _) = try Backtesting.diff(
            Backtesting.Request(histories: [folder.path + "/history.jsonl"]), old: folder.path + "/old.yaml",
            new: folder.path + "/new.yaml", from: environment.files, nil, environment: environment)
        return try #require(found)
    }

    @Test("counts a retry that comes behind the end for what failed before as later, and not as gone")
    func later() throws {
        let found = try diff(policy("1m"), policy("2h"))
        #expect(found.added.isEmpty && found.removed.isEmpty && found.changed.count == 1)
        let change = try #require(found.changed.first)
        #expect(change.old?.at == .noon - .minutes(29) + .seconds(30))
        #expect(change.new?.at == .noon + .minutes(90) + .seconds(30))
    }

    @Test("counts what a backtest counts: what one set alone would do behind the end is none of it")
    func same() throws {
        let off = policy("1m").replacing("mode: enforce", with: "mode: off")
        let found = try diff(off, policy("2h"))
        #expect(!found.hasChanges && found.settling == .days(3), "\(found.added)")
        var request = Backtesting.Request(histories: [folder.path + "/history.jsonl"])
        for (backoff, healed) in [("2h", 0), ("1m", 1)] {
            let diff = try diff(policy("2h"), policy(backoff))
            request.policies = [folder.path + "/new.yaml"]
            let told = try Backtesting.run(request, nil, environment: .test(VirtualClock(.noon))).report
            let report = try #require(told)
            #expect(diff.span == report.span && diff.new.total.acted.asObserved == report.total.acted.asObserved)
            #expect(diff.new.total.healed.asObserved == healed && report.total.healed.asObserved == healed)
            #expect(diff.new.actions == report.actions && diff.new.failures == report.failures)
        }
    }

    @Test("counts only what is done in the part that is asked for, where the history goes on behind it")
    func part() throws {
        let later =
            #"{"id":"4","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T13:30:00.000Z","stoppedAt":"2026-05-04T13:30:01.000Z","workflowId":"w1","waitTill":null,"data":{"resultData":{"error":{"message":"read ECONNRESET","httpCode":"ECONNRESET"},"runData":{}}}}"#
        try folder.write("history.jsonl", history + "\n" + later)
        try folder.write("new.yaml", policy("1m").replacing("max_retries: 1", with: "max_retries: 2"))
        let environment = Environment.test(VirtualClock(.noon + .days(1)))
        var request = Backtesting.Request(histories: [folder.path + "/history.jsonl"])
        request.until = .noon
        try folder.write("none.yaml", policy("1m").replacing("mode: enforce", with: "mode: off"))
        let (found, _) = try Backtesting.diff(
            request, old: folder.path + "/none.yaml", new: folder.path + "/new.yaml", from: environment.files, nil,
            environment: environment)
        #expect(found?.added.map(\.new?.execution) == ["2"], "\(String(describing: found?.added))")
    }

    @Test("counts nothing else that would be done behind it, for of that time nothing is known")
    func behind() throws {
        let stop = """
              - name: stop
                mode: enforce
                match: {status: waiting, older_than: 2h}
                actions: [stop]
            """
        let found = try diff(policy("1m"), policy("1m", more: stop))
        #expect(!found.hasChanges, "\(found.added)")
        #expect(found.new.span.upperBound == .noon + .milliseconds(1001))
    }
}
