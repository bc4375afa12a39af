import CDemoHistory
import CZlib
import Testing

@Suite("The bindings that read history")
struct HistoryBindingTests {
    @Test("zlib knows its version, and the recorded month is in the binary")
    func month() {
        #expect(String(cString: zlibVersion()).hasPrefix("1."))
        #expect(mendflow_demo_executions_count > 10_000)
    }
}
