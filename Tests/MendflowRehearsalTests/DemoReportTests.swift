import MendflowCore
import Testing

@testable import MendflowRehearsal

@Suite("The demo's report")
struct DemoReportTests {
    /// What a whole demo comes to.
    private var whole: DemoFacts {
        var facts = DemoFacts()
        (facts.orders, facts.ordersHealed, facts.invoicesFailed, facts.invoicesTagged) = (5, 5, 3, 1)
        (facts.remindersStopped, facts.unresolved, facts.payments) = (3, 1, 2)
        return facts
    }

    private func marks(_ facts: DemoFacts, _ minutes: Int64) -> [String] {
        Demo.Report.lines(facts, .minutes(minutes)).map { !$0.ok ? "FAIL" : $0.reached ? "ok" : "-" }
    }

    @Test("is good when everything came about")
    func good() { #expect(Set(marks(whole, 60)) == ["ok"]) }

    @Test("does not blame a short run for what had no time to happen")
    func short() {
        #expect(marks(DemoFacts(), 5) == ["-", "-", "-", "-", "-", "ok", "ok"])
        #expect(marks(DemoFacts(), 60) == ["FAIL", "FAIL", "FAIL", "FAIL", "FAIL", "ok", "ok"])
    }

    @Test("blames a short run for what may never happen")
    func wrong() {
        var facts = DemoFacts()
        (facts.invoicesTagged, facts.unresolved, facts.paymentsTouched) = (2, 2, 1)
        (facts.twice, facts.pastTouched) = (1, 1)
        #expect(marks(facts, 1) == ["-", "FAIL", "-", "FAIL", "FAIL", "FAIL", "FAIL"])
    }

    @Test("counts once as 1 time")
    func words() {
        let seen = Demo.Report.lines(whole, .minutes(60)).map(\.seen)
        #expect(seen.contains("invoice export failed 3 times, tagged 1 time"))
    }
}
