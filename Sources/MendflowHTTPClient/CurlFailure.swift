private import CLibCurl
import MendflowHTTP

extension TransportFailure.Kind {
    /// The kind of a libcurl code. Some codes mean different things before and after the request has left.
    init(curl raw: UInt32, bytesSent: Int, announced: Bool) {
        switch CURLcode(rawValue: raw) {
        case CURLE_ABORTED_BY_CALLBACK: self = .cancelled
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .unresolved
        case CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_PROXY, CURLE_INTERFACE_FAILED: self = .unconnected
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: self = .invalidRequest
        case CURLE_UNSUPPORTED_PROTOCOL: self = bytesSent == 0 ? .invalidRequest : .notHTTP
        case CURLE_WEIRD_SERVER_REPLY: self = .notHTTP
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            self = announced ? .cutOff : .unconnected
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_SSL_SHUTDOWN_FAILED, CURLE_USE_SSL_FAILED:
            self = .tls
        default: self = .other
        }
    }
}

/// libcurl's words about a failure.
enum CurlMessage {
    /// The details, else the code's own words. Details that quote a proxy's URL may hold its password: they are dropped.
    static func text(_ code: UInt32, details: UnsafePointer<CChar>) -> String {
        if CURLcode(rawValue: code) == CURLE_ABORTED_BY_CALLBACK { return "cancelled" }
        let words = unsafe printable(String(cString: details))
        if !words.isEmpty, !words.contains("@"), !words.contains("://") { return words }
        guard let general = unsafe mendflow_curl_easy_strerror(CURLcode(rawValue: code)) else {
            return "libcurl error \(code)"
        }
        return unsafe String(cString: general)
    }

    /// A server can have a hand in the details (names in certificates, odd header values).
    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value < 0x7F }))
    }
}
