extension ErrorRuleTable {
    /// Network errors in the words of HTTP clients.
    static let networkWords: [ErrorRuleSpec] = [
        .words(
            "econnreset", .transient, example: "read ECONNRESET",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bECONNRESET\b"#,
            "connection to the server w[ea]s closed unexpectedly", "connection reset by peer"),
        .words(
            "econnrefused", .transient, example: "connect ECONNREFUSED 127.0.0.1:9",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bECONNREFUSED\b"#,
            "service refused the connection", "^connection refused$"),
        .words(
            "etimedout", .timeout, example: "connect ETIMEDOUT 10.0.0.9:443",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bE(?:SOCKET)?TIMEDOUT\b"#,
            "connection timed out, consider setting the 'Retry on Fail'",
            "(?:headers|body|connect|socket|response|read|request) timeout error", #"\bUND_ERR_\w+_TIMEOUT\b"#),
        .words(
            "econnaborted", .timeout, example: "The connection was aborted, perhaps the server is offline",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bECONNABORTED\b"#,
            "connection was aborted, perhaps the server is offline"),
        .words(
            "ehostunreach", .transient, example: "connect EHOSTUNREACH 10.0.0.9:443",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bEHOST(?:UNREACH|DOWN)\b"#,
            "host is unreachable"),
        .words(
            "enetunreach", .transient, example: "connect ENETUNREACH 10.0.0.9:443",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bENET(?:UNREACH|DOWN|RESET)\b"#),
        .words(
            "eai-again", .transient, example: "getaddrinfo EAI_AGAIN api.example.com",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bEAI_AGAIN\b"#,
            "DNS server returned an error", #"\bESERVFAIL\b"#, "query(?:A|AAAA|Srv|Txt)? E(?:TIMEOUT|CONNREFUSED)"),
        .words(
            "enotfound", .configuration, example: "getaddrinfo ENOTFOUND api.example.com",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bENOTFOUND\b"#,
            "usually occurs due to an incorrect host", #"\bENODATA\b"#, "could not resolve host", "host not found",
            "name or service not known"),
        .words(
            "getaddrinfo", .transient, example: "The server closed the connection unexpectedly",
            source: "Node.js: system errors; axios, undici, node-fetch", "server closed the connection unexpectedly"),
        .words(
            "epipe", .transient, example: "write EPIPE", source: "Node.js: system errors; axios, undici, node-fetch",
            #"\bEPIPE\b"#),
        .words(
            "aborted", .transient,
            example: "Invalid response body while trying to fetch https://example.com/token: "
                + "Premature close",
            source: "Node.js: system errors; axios, undici, node-fetch", "^aborted$", "stream has been aborted",
            #"\bERR_STREAM_PREMATURE_CLOSE\b"#, "premature close", "invalid response body while trying to fetch",
            "other side closed", #"\bUND_ERR_SOCKET\b"#,
            "^terminated$", "^network error$", "connection (?:was )?closed (?:unexpectedly|prematurely|before)",
            "unexpected socket close"),
        .words(
            "socket-hang-up", .transient, example: "socket hang up",
            source: "Node.js: system errors; axios, undici, node-fetch", "socket hang up"),
        .words(
            "eaddrnotavail", .configuration, example: "connect EADDRNOTAVAIL 10.0.0.9",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bEADDRNOTAVAIL\b"#,
            "address is not available"),
        .words(
            "eaddrinuse", .configuration, example: "The port is already occupied by some other process",
            source: "Node.js: system errors; axios, undici, node-fetch", "port is already occupied",
            #"\bEADDRINUSE\b"#),
        .words(
            "tls-disconnected", .transient,
            example: "Client network socket disconnected before secure TLS connection was established",
            source: "Node.js: system errors; axios, undici, node-fetch",
            "Client network socket disconnected before secure TLS"),
        .words(
            "certificate", .configuration, example: "self-signed certificate",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bCERT_HAS_EXPIRED\b"#,
            "self.signed certificate", "UNABLE_TO_VERIFY", "UNABLE_TO_GET_ISSUER",
            "unable to (?:verify the first|get (?:local )?issuer) certificate",
            "certificate (?:has expired|is not yet valid|is not trusted|verify failed)",
            "match(?:es)? certificate's altnames"),
        .words(
            "eproto", .configuration,
            example: "write EPROTO 408D:error:0A00010B:SSL "
                + "routines:tls_validate_record_header:wrong version number",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\bEPROTO\b"#, "wrong version number",
            "SSL routines", "sslv3 alert", "tlsv1 alert", "Parse Error: Expected HTTP"),
        .words(
            "file-system", .configuration, example: "ENOENT: no such file or directory, open '/data/x.csv'",
            source: "Node.js: system errors; axios, undici, node-fetch",
            #"\b(?:ENOENT|EISDIR|ENOTDIR|EACCES|EPERM|EEXIST)\b"#, "file or directory does not exist",
            "given path is a (?:directory|file)", "Forbidden by access permissions",
            "file or directory already exists", "Operation not permitted, make sure", "DisallowedFilepath"),
        .words(
            "machine-full", .infra, example: "ENOSPC: no space left on device, write",
            source: "Node.js: system errors; axios, undici, node-fetch", #"\b(?:ENOSPC|EMFILE|ENFILE|ENOMEM)\b"#,
            "no space left on device", "too many open files", "cannot allocate memory"),
        .words(
            "timeout-exceeded", .timeout, example: "timeout of 1000ms exceeded",
            source: "Node.js: system errors; axios, undici, node-fetch", #"timeout of \d+ ?ms exceeded"#,
            "time-?out exceeded",
            "(?:request|operation|connection|query|socket|handshake|server|command|call|execution) "
                + "(?:has )?timed out",
            "(?:request|operation|connection|socket|read|handshake|gateway|navigation|connect|response) "
                + #"time-?out(?:$|[^ \w]| (?:after|of|while|error|expired|reached|exceeded|occurred))"#,
            #"timed out after \d"#, #"timed out \("#, "timed out waiting", "operation was aborted",
            "request was aborted", "AbortError", #"timed out\.?$"#, #"timed? ?out in \d"#),
        .words(
            "fetch-failed", .transient, example: "fetch failed",
            source: "Node.js: system errors; axios, undici, node-fetch", "^fetch failed$", "fetch failed",
            #"^connection error\.?$"#, "error connecting to", "unable to connect to",
            "failed to (?:connect|establish)[^.]*(?:connection|server|host|to)", "could not connect to",
            "network is unreachable", "upstream connect error", "no healthy upstream", "unexpected eof"),
    ]

    /// What HTTP clients say of addresses, certificates and bodies.
    static let clientRules: [ErrorRuleSpec] = [
        .names("ssl", .configuration, source: "n8n: node-ssl.error.ts", "NodeSslError"),
        .words(
            "ssl", .configuration, example: "SSL Issue: consider using the 'Ignore SSL issues' option",
            source: "n8n: node-ssl.error.ts", "SSL Issue: consider using the 'Ignore SSL issues'"),
        .words(
            "http-settings", .configuration, example: "URL parameter must be a string, got undefined",
            source: "n8n: HTTP Request; axios", "url parameter must be", "invalid url", "only absolute urls",
            "protocol .* not supported", "unsupported protocol", "maximum number of redirects", "max redirects",
            "redirect count exceeded", "invalid character in header", "tunneling socket"),
        .words(
            "http-body", .data, example: #"Response body is not valid JSON. Change "Response Format" to "Text""#,
            source: "n8n: HTTP Request; axios", "response body is not valid", "not valid json", "invalid json",
            "contains invalid json", "maxContentLength", "maxBodyLength", "entity too large", "payload too large",
            "incorrect header check", "unexpected end of (?:file|json|data|form)", "unable to parse",
            "could not parse", "failed to parse", "parse error"),
        .words(
            "feed-unreachable", .transient, example: "It was not possible to connect to the URL.",
            source: "n8n: RSS Read", "it was not possible to connect to the url"),
    ]
}
