import CMicroHTTPD
import Testing

@Suite("The libmicrohttpd binding")
struct MicroHTTPDBindingTests {
    @Test("answers its version, so the library is linked")
    func version() {
        #expect(String(cString: MHD_get_version()).hasPrefix("0.9."))
    }
}
