extension ErrorRuleTable {
    /// What Node.js and the clients on it call network errors.
    static let networkCodes: [ErrorRuleSpec] = [
        .codes("econnreset", .transient, source: "Node.js: system errors", "ECONNRESET"),
        .codes("econnrefused", .transient, source: "Node.js: system errors", "ECONNREFUSED"),
        .codes(
            "etimedout", .timeout, source: "Node.js: system errors", "ETIMEDOUT", "ESOCKETTIMEDOUT", "ETIME",
            "PROTOCOL_SEQUENCE_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"),
        .codes(
            "econnaborted", .timeout, source: "Node.js: system errors", "ECONNABORTED", "ERR_CANCELED", "ABORT_ERR",
            "UND_ERR_ABORTED"),
        .codes("ehostunreach", .transient, source: "Node.js: system errors", "EHOSTUNREACH", "EHOSTDOWN"),
        .codes("enetunreach", .transient, source: "Node.js: system errors", "ENETUNREACH", "ENETDOWN", "ENETRESET"),
        .codes("eai-again", .transient, source: "Node.js: system errors", "EAI_AGAIN", "ESERVFAIL", "EREFUSED"),
        .codes("enotfound", .configuration, source: "Node.js: system errors", "ENOTFOUND", "EDNS", "ENODATA"),
        .codes("getaddrinfo", .transient, source: "Node.js: system errors", "GETADDRINFO"),
        .codes("epipe", .transient, source: "Node.js: system errors", "EPIPE", "ENOTCONN"),
        .codes(
            "aborted", .transient, source: "Node.js: system errors", "ERR_STREAM_PREMATURE_CLOSE", "UND_ERR_SOCKET",
            "ERR_NETWORK", "ERR_HTTP2_*", "ERR_STREAM_DESTROYED"),
        .codes("eaddrnotavail", .configuration, source: "Node.js: system errors", "EADDRNOTAVAIL"),
        .codes("eaddrinuse", .configuration, source: "Node.js: system errors", "ERRADDRINUSE", "EADDRINUSE"),
        .codes(
            "certificate", .configuration, source: "Node.js: system errors", "CERT_*", "*SELF_SIGNED_CERT*",
            "UNABLE_TO_VERIFY*", "UNABLE_TO_GET_ISSUER*", "ERR_TLS_CERT_*", "HOSTNAME_MISMATCH"),
        .codes("eproto", .configuration, source: "Node.js: system errors", "EPROTO", "ERR_SSL_*", "ETLS", "HPE_*"),
        .codes(
            "file-system", .configuration, source: "Node.js: system errors", "ENOENT", "EISDIR", "ENOTDIR", "EACCES",
            "EPERM", "EEXIST"),
        .codes(
            "machine-full", .infra, source: "Node.js: system errors", "ENOSPC", "EMFILE", "ENFILE", "ENOMEM", "EDQUOT"),
    ]

    /// HTTP statuses.
    static let statuses: [ErrorRuleSpec] = [
        .codes(
            "http-3xx", .data, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "3[0-9][0-9]"),
        .codes("http-400", .data, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "400"),
        .codes("http-401", .auth, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "401"),
        .codes("http-402", .quota, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "402"),
        .codes("http-403", .auth, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "403"),
        .codes("http-404", .data, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "404"),
        .codes(
            "http-405", .configuration, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts",
            "405", "501", "505", "506", "510"),
        .codes(
            "http-407", .configuration, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "407"),
        .codes("http-408", .transient, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "408"),
        .codes("http-409", .conflict, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "409"),
        .codes(
            "http-410", .data, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "410", "412",
            "413", "414", "415", "422"),
        .codes("http-420", .rateLimit, source: "Mailgun, Shopify: statuses", "420", "430"),
        .codes(
            "http-423", .transient, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "423",
            "425", "449"),
        .codes("http-426", .configuration, source: "nginx: statuses", "426", "495", "496", "497"),
        .codes("http-429", .rateLimit, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "429"),
        .codes("http-440", .auth, source: "IIS, Esri; RFC 6585", "440", "498", "511"),
        .codes("http-456", .quota, source: "DeepL 456; cPanel 509", "456", "509"),
        .codes("http-499", .timeout, source: "nginx 499", "499", "598", "599"),
        .codes("http-500", .transient, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "500"),
        .codes("http-502", .transient, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "502"),
        .codes("http-503", .transient, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "503"),
        .codes("http-504", .timeout, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "504"),
        .codes("http-507", .quota, source: "RFC 4918", "507"),
        .codes("http-508", .configuration, source: "RFC 5842", "508"),
        .codes("http-524", .timeout, source: "Cloudflare: 5xx errors", "524"),
        .codes("http-525", .configuration, source: "Cloudflare: 5xx errors", "525", "526"),
        .codes("http-520", .transient, source: "Cloudflare: 5xx errors", "52[0-37]", "530"),
        .codes("http-529", .rateLimit, source: "Anthropic: 529", "529"),
        .codes(
            "http-4xx", .data, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts", "4[0-9][0-9]"),
        .codes(
            "http-5xx", .transient, source: "RFC 9110 and the IANA status registry; n8n: node-api.error.ts",
            "5[0-9][0-9]"),
    ]

    /// What databases leave where others leave a status.
    static let databaseCodes: [ErrorRuleSpec] = [
        .codes(
            "duplicate-key", .conflict, source: "PostgreSQL: appendix A; MySQL: error reference", "23505", "23P01",
            "1062", "11000", "2627", "2601"),
        .codes(
            "deadlock", .transient, source: "PostgreSQL: appendix A; MySQL: error reference", "40P01", "40001",
            "55P03", "25P02", "1205", "1213"),
        .codes(
            "too-many-clients", .infra, source: "PostgreSQL: appendix A; MySQL: error reference", "53[0-9]00", "1040",
            "1203"),
        .codes(
            "sql-definition", .configuration, source: "PostgreSQL: appendix A; MySQL: error reference", "42P01",
            "42601", "42703", "42883", "42P02", "3D000", "3F000", "25006", "1146", "1064", "1054"),
        .codes(
            "sql-rights", .auth, source: "PostgreSQL: appendix A; MySQL: error reference", "28[0-9]0[0-9]", "28P01",
            "42501", "1045", "1044", "1142"),
        .codes(
            "sql-value", .data, source: "PostgreSQL: appendix A; MySQL: error reference", "22[0-9][0-9][0-9]",
            "22P0[0-9]", "23502", "23503", "23514"),
        .codes("sql-timeout", .timeout, source: "PostgreSQL: appendix A; MySQL: error reference", "57014"),
        .codes(
            "database-unavailable", .transient, source: "PostgreSQL: appendix A; MySQL: error reference", "57P0[0-9]",
            "08[0-9][0-9][0-9]", "08P01", "PROTOCOL_CONNECTION_LOST"),
    ]

    /// n8n's sentences for statuses, which replace what the service said.
    static let statusSentences: [ErrorRuleSpec] = [
        sentence("http-400", .data, "Bad request - please check your parameters"),
        sentence("http-401", .auth, "Authorization failed - please check your credentials"),
        sentence("http-402", .quota, "Payment required - perhaps check your payment details"),
        sentence("http-403", .auth, "Forbidden - perhaps check your credentials"),
        sentence("http-404", .data, "The resource you are requesting could not be found"),
        sentence("http-405", .configuration, "Method not allowed - please check"),
        sentence("http-500", .transient, "The service was not able to process your request"),
        sentence("http-502", .transient, "Bad gateway - the service failed to handle your request"),
        sentence("http-503", .transient, "Service unavailable - try again later"),
        sentence("http-504", .timeout, "Gateway timed out - perhaps try again later"),
        sentence("http-4xx", .data, "Your request is invalid or could not be processed by the service"),
        sentence("http-5xx", .transient, "The service failed to process your request"),
    ]

    private static func sentence(_ id: String, _ errorClass: ErrorClass, _ text: String) -> ErrorRuleSpec {
        .words(id, errorClass, example: text, source: "n8n: node-api.error.ts, STATUS_CODE_MESSAGES", text)
    }
}
