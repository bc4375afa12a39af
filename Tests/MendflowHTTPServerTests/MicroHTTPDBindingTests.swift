import CMicroHTTPD
import Testing

@Suite("The libmicrohttpd binding")
struct MicroHTTPDBindingTests {
    @Test("opens the library, which answers its version")
    func version() {
        #expect(mendflow_mhd_open())
        #expect(String(cString: mendflow_mhd_get_version()).hasPrefix("0.9."))
    }
}
