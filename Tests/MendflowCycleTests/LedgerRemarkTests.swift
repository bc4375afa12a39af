import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowCycle

@Suite("What is said of a ledger that took nothing")
struct LedgerRemarkTests {
    @Test("that another agent leads by now is how it should be; all else is an error")
    func fenced() {
        let fenced = Remark(LedgerFailure.fenced("the lease 7 of 'main' is over"), "; retry is not sent")
        #expect(
            fenced.level == .info && fenced.name == "ledger.fenced" && fenced.message.hasSuffix("; retry is not sent"))
        let full = Remark(LedgerFailure.full("/"))
        #expect(full.level == .error && full.name == "ledger.failed")
    }
}
