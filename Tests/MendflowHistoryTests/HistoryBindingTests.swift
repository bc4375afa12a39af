import CDemoHistory
import CSimdJSON
import CZlib
import Testing

@Suite("The bindings that read history")
struct HistoryBindingTests {
    @Test("simdjson reads a list row")
    func row() throws {
        let parser = try #require(csimdjson_create())
        defer { csimdjson_free(parser) }
        var row = csimdjson_row()
        let json = #"{"id":"48","finished":true,"retryOf":null,"status":"success","extra":[1,{"a":2}]}"#
        #expect(csimdjson_read_row(parser, json, json.utf8.count, &row) == nil)
        #expect(row.id.count == 2)
        #expect(row.finished)
        #expect(row.retry_of.bytes == nil)
        #expect(csimdjson_read_row(parser, "{\"id\":", 6, &row) != nil)
    }

    @Test("zlib knows its version, and the recorded month is in the binary")
    func month() {
        #expect(String(cString: zlibVersion()).hasPrefix("1."))
        #expect(mendflow_demo_executions_count > 10_000)
    }
}
