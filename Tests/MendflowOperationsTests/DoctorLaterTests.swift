import MendflowCore
import MendflowPolicy
import Testing

@testable import MendflowOperations

@Suite("What works today and bites later")
struct DoctorLaterTests {
    static let noon = ServerTime(milliseconds: 1_777_896_000_000)

    /// A token as n8n makes them: header, payload and signature in the alphabet of addresses.
    private static func token(_ payload: String) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var (text, bits, count): (String, UInt32, UInt32) = ("", 0, 0)
        for byte in payload.utf8 {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(digits[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(digits[Int(bits << (6 - count) & 63)]) }
        return "eyJhbGciOiJIUzI1NiJ9.\(text).signature"
    }

    private static func payload(_ end: String) -> String {
        #"{"sub":"0b8c","iss":"n8n","aud":"public-api","jti":"x/y?z~","iat":1777800000\#(end)}"#
    }

    @Test("a key tells when it ends, whatever else stands in it; what is no such token tells nothing")
    func expiry() {
        #expect(KeyExpiry(of: Self.token(Self.payload(#","exp":1777896000"#))) == .at(Self.noon))
        #expect(KeyExpiry(of: Self.token(Self.payload(#", "exp" : 1777896000"#))) == .at(Self.noon))
        #expect(KeyExpiry(of: Self.token(Self.payload(""))) == .never)
        for key in [
            "n8n_api_0123456789", "", "a.b.c", "..", "x.ü.z", Self.token("no object"), Self.token(#"{"exp":"soon"}"#),
        ] {
            #expect(KeyExpiry(of: key) == .untold, "\(key)")
        }
        #expect(KeyExpiry(of: Self.token(#"{"exp":99999999999999999999}"#)) == .untold)
    }

    @Test("a key that ends is told two weeks before, and is wrong once it has ended")
    func notice() {
        func levels(_ period: Period) -> [Doctor.Level] {
            DoctorChecks.expiry(.at(Self.noon + period), at: Self.noon).map(\.level)
        }
        #expect(levels(.days(15)) == [.ok] && levels(.days(14)) == [.warning] && levels(.minutes(5)) == [.warning])
        #expect(levels(.zero) == [.wrong] && levels(.zero - .days(3)) == [.wrong])
        let words = DoctorChecks.expiry(.at(Self.noon + .days(6)), at: Self.noon).first?.message
        #expect(
            words?.hasPrefix("it expires in 6 days, at 2026-05-10T12:00:00Z, and then nothing is read or done: ")
                == true)
        #expect(DoctorChecks.expiry(.never, at: Self.noon).map(\.level) == [.ok])
        #expect(DoctorChecks.expiry(.untold, at: Self.noon).isEmpty)
    }

    private func workflow(
        _ name: String, active: Bool = true, draft: String? = "1", published: String? = "1", saves: Bool? = true
    ) -> WorkflowInfo {
        WorkflowInfo(
            id: WorkflowID(name), name: name, active: active, draftVersion: draft, publishedVersion: published,
            savesSuccesses: saves, savesFailures: saves)
    }

    private func settings(_ workflows: [WorkflowInfo], _ policies: [Policy] = []) -> [Doctor.Check] {
        DoctorChecks.settings(
            Dictionary(workflows.map { ($0.id, $0) }) { one, _ in one },
            PolicySet(
                policies: policies, instance: "main",
                tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge())))
    }

    @Test("what is saved and not published is named, and weighs more where a policy would run it")
    func drafts() {
        let differs = workflow("Orders", draft: "2")
        #expect(settings([workflow("A"), differs]).map(\.level) == [.note])
        #expect(settings([workflow("B", active: false, draft: "2"), workflow("C", draft: nil)]).isEmpty)
        func policy(allow: Bool) -> Policy {
            Policy(
                name: "retry-orders", match: nil,
                remediation: .retry(RetryAction(loadWorkflow: true, allowDraft: allow)))
        }
        let told = settings([differs], [policy(allow: false)])
        #expect(told.map(\.level) == [.warning] && told[0].message.contains("(here: retry-orders)"))
        #expect(settings([differs], [policy(allow: true)]).map(\.level) == [.note])
    }

    @Test("workflows of which nobody can tell what they keep are named with the settings that decide")
    func unknownSettings() {
        let told = settings([workflow("A"), workflow("B", saves: nil), workflow("C", active: false, saves: nil)])
        #expect(told.map(\.level) == [.note] && told[0].message.hasPrefix("'B': ") == true)
        #expect(told[0].message.contains("EXECUTIONS_DATA_SAVE_ON_ERROR"))
    }

    @Test("what n8n removes before the look-back ends is told")
    func kept() {
        let kept = KeptRuns(oldest: "17", since: .hours(30))
        #expect(DoctorChecks.kept(kept, lookBack: .hours(48)).map(\.level) == [.note])
        #expect(
            DoctorChecks.kept(kept, lookBack: .hours(24)).isEmpty
                && DoctorChecks.kept(nil, lookBack: .hours(48)).isEmpty)
    }

    /// A snapshot of failures and retries that began so many seconds after them.
    private func snapshot(_ seconds: [Int64]) -> Snapshot {
        var snapshot = Snapshot(
            instance: InstanceKey(name: "main", epoch: 1), now: Self.noon, baseline: Self.noon - .days(1))
        var rows: [Execution] = []
        for (number, after) in seconds.enumerated() {
            let failed = Self.noon - .hours(Int64(number + 1))
            let (parent, child) = (ExecutionID("\(100 + number * 2)"), ExecutionID("\(101 + number * 2)"))
            rows.append(
                Execution(id: parent, workflow: "w", status: .error, startedAt: failed - .seconds(5), stoppedAt: failed)
            )
            rows.append(
                Execution(
                    id: child, workflow: "w", status: .success, mode: .retry, retryOf: parent,
                    startedAt: failed + .seconds(after), stoppedAt: failed + .seconds(after + 5)))
        }
        snapshot.executions = ExecutionTable(rows)
        return snapshot
    }

    @Test("retries that come too soon for a person look like another agent's; ours do not, and people's do not")
    func elsewhere() {
        let told = DoctorChecks.elsewhere(snapshot([30, 60, 61, 7200]), LedgerView())
        #expect(told.map(\.level) == [.warning])
        #expect(
            told.first?.message.hasPrefix(
                "3 of 4 retries that are not ours began within 2m of the failure (101, 103, 105)") == true)
        #expect(DoctorChecks.elsewhere(snapshot([30, 60, 7200, 9000]), LedgerView()).isEmpty)
        #expect(DoctorChecks.elsewhere(snapshot([30, 30, 30, 7200, 7200, 7200, 7200]), LedgerView()).isEmpty)
        let ours = LedgerView(
            intents: ["101", "103", "105"].enumerated().map { number, child in
                var intent = Intent(
                    id: IntentID(Int64(number + 1)),
                    draft: IntentDraft(
                        instance: InstanceKey(name: "main", epoch: 1), action: .retry,
                        execution: ExecutionID("\(100 + number * 2)"), root: ExecutionID("\(100 + number * 2)"),
                        workflow: "w",
                        policy: "a", policyVersion: "v"),
                    state: .applied, reservedAt: AgentTime(milliseconds: 0))
                intent.child = ExecutionID(child)
                return intent
            })
        #expect(DoctorChecks.elsewhere(snapshot([30, 60, 61, 90]), ours).isEmpty)
    }
}
