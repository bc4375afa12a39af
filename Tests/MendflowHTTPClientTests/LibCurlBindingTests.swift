import CLibCurl
import Testing

@Suite("The libcurl binding")
struct LibCurlBindingTests {
    @Test("speaks http and https, and takes options of each kind")
    func options() throws {
        try #require(mendflow_curl_open())
        let handle = try #require(mendflow_curl_easy_init())
        defer { mendflow_curl_easy_cleanup(handle) }
        #expect(mendflow_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK)
        #expect(mendflow_curl_set_long(handle, CURLOPT_NOSIGNAL, 1) == CURLE_OK)
        #expect(mendflow_curl_set_long(handle, CURLOPT_QUICK_EXIT, 1) == CURLE_OK)
    }
}
