import MendflowHTTP
import Testing

@Suite("HTTP messages")
struct HTTPMessageTests {
    @Test("header names compare without regard to case, and setting replaces every field of that name")
    func headers() {
        var headers: HTTPHeaders = ["Retry-After": "5", "retry-after": "6"]
        #expect(headers["RETRY-AFTER"] == "5")
        headers["Retry-After"] = "7"
        #expect(headers.fields == [.init("Retry-After", "7")])
        headers["retry-after"] = nil
        #expect(headers.fields.isEmpty)
    }

    @Test(
        "the media type is told without its parameters",
        arguments: [
            ("application/json; charset=utf-8", "application/json"), (" Text/HTML ;x", "text/html"), ("a/b", "a/b"),
        ])
    func mediaType(field: String, type: String) {
        #expect(HTTPResponseHead(status: 200, headers: ["Content-Type": field]).mediaType == type)
    }
}
