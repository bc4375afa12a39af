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

    /// HTTP statuses, each a rule of its own.
    static let statuses: [ErrorRuleSpec] =
        [.codes("http-3xx", .data, source: statusSource, "3[0-9][0-9]")]
        + status(.data, "400") + status(.auth, "401") + status(.quota, "402") + status(.auth, "403")
        + status(.data, "404") + status(.configuration, "405", "501", "505", "506", "510", "407")
        + status(.transient, "408") + status(.conflict, "409")
        + status(.data, "410", "412", "413", "414", "415", "422")
        + status(.rateLimit, source: "Mailgun, Shopify: statuses", "420", "430")
        + status(.transient, "423", "425", "449")
        + status(.configuration, source: "nginx: statuses", "426", "495", "496", "497") + status(.rateLimit, "429")
        + status(.auth, source: "IIS, Esri; RFC 6585", "440", "498", "511")
        + status(.quota, source: "DeepL 456; cPanel 509", "456", "509")
        + status(.timeout, source: "nginx 499", "499", "598", "599")
        + status(.transient, "500", "502", "503") + status(.timeout, "504")
        + status(.quota, source: "RFC 4918", "507") + status(.configuration, source: "RFC 5842", "508")
        + status(.timeout, source: cloudflare, "524") + status(.configuration, source: cloudflare, "525", "526")
        + status(.transient, source: cloudflare, "520", "521", "522", "523", "527", "530")
        + status(.rateLimit, source: "Anthropic: 529", "529")
        + [
            .codes("http-4xx", .data, source: statusSource, "4[0-9][0-9]"),
            .codes("http-5xx", .transient, source: statusSource, "5[0-9][0-9]"),
        ]

    private static let statusSource = "RFC 9110 and the IANA status registry; n8n: node-api.error.ts"
    private static let cloudflare = "Cloudflare: 5xx errors"

    private static func status(
        _ errorClass: ErrorClass, source: String = statusSource, _ codes: String...
    ) -> [ErrorRuleSpec] {
        codes.map { .codes("http-\($0)", errorClass, source: source, $0) }
    }

    /// What databases leave where others leave a status.
    static let databaseCodes: [ErrorRuleSpec] = [
        .codes(
            "duplicate-key", .conflict, source: "PostgreSQL: appendix A; MySQL: error reference", "23505", "23P01",
            "1062", "11000", "2627", "2601"),
        .codes(
            "deadlock", .transient, source: "PostgreSQL: appendix A; MySQL: error reference", "40P01", "40001",
            "55P03", "25P02", "1205", "1213"),
        .codes(
            "too-many-clients", .infra, source: "PostgreSQL: appendix A; MySQL: error reference", "53300", "1040",
            "1203"),
        .codes(
            "database-full", .infra, source: "PostgreSQL: appendix A; MySQL: error reference", "53[0-9]00", "1021",
            "1041"),
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
