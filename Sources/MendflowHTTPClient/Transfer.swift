private import CLibCurl
import MendflowHTTP

/// One request and its answer, on one of libcurl's easy handles. It is made, used and freed on the loop's thread only,
/// so it needs no lock.
@safe final class Transfer {
    let ticket: Ticket
    /// Scheme, host and port of the URL. The limit on simultaneous reads counts requests with the same origin.
    let origin: String
    let easy: UnsafeMutableRawPointer
    /// libcurl's error code if an option could not be set. Such a transfer must not start: without that option it might
    /// follow a redirect or reuse a connection.
    private(set) var refusal: UInt32?

    private let continuation: TransferContinuation
    private let errorText: UnsafeMutablePointer<CChar>
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var head = ResponseHeadParser()
    private var received = 0
    private var announced = false
    private var stopped = false
    private var breach: TransportFailure.Kind?

    init?(_ ticket: Ticket, _ continuation: TransferContinuation, _ configuration: CurlTransport.Configuration) {
        guard let easy = unsafe mendflow_curl_easy_init() else { return nil }
        self.ticket = ticket
        origin = ticket.request.url.lowercased().split(separator: "/").prefix(2).joined(separator: "//")
        self.continuation = continuation
        unsafe self.easy = unsafe easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setConnection(configuration)
        setRequest(ticket.request)
        setCallbacks()
    }

    deinit {
        unsafe mendflow_curl_easy_cleanup(easy)
        unsafe mendflow_curl_slist_free_all(fields)
        unsafe errorText.deallocate()
    }

    var address: UInt { unsafe UInt(bitPattern: easy) }

    /// Tells the caller how the transfer ended. To be called once, after the easy handle was taken out of the multi
    /// handle.
    func end(_ code: UInt32) { continuation.resume(returning: outcome(CURLcode(rawValue: code))) }
}

// MARK: - Options

extension Transfer {
    private func setConnection(_ configuration: CurlTransport.Configuration) {
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        // In HTTP/1.1 the count of sent bytes and the framing of answers mean the same with every server.
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_NOSIGNAL, 1)
        // Without it a cancellation during a slow name look-up holds up all other transfers until the look-up ends.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, 60)
        set(CURLOPT_TCP_KEEPINTVL, 30)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectTimeout / .milliseconds(1)))
        // A proxy's answer to CONNECT is not the server's.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if configuration.proxy == .none { set(CURLOPT_PROXY, "") }
        if let file = configuration.caFile { set(CURLOPT_CAINFO, file) }
        if configuration.role == .mutations {
            // On a reused connection that dies before the answer libcurl sends the request again, POST too.
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        }
    }

    private func setRequest(_ request: HTTPRequest) {
        set(CURLOPT_URL, request.url)
        if let body = request.body {
            unsafe note(mendflow_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, body.count))
            // A null pointer would mean "read the body from standard input", so an empty body still needs an address.
            var bytes = body + [0]
            unsafe note(mendflow_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, &bytes))
        }
        if request.method == .head { set(CURLOPT_NOBODY, 1) } else { set(CURLOPT_CUSTOMREQUEST, request.method.name) }
        add("Expect:")
        add("Accept-Encoding: identity")
        if request.body != nil, request.headers["content-type"] == nil { add("Content-Type:") }
        for field in request.headers.fields {
            add(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        unsafe note(mendflow_curl_set_list(easy, CURLOPT_HTTPHEADER, fields))
    }

    private func setCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe note(mendflow_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        unsafe note(
            mendflow_curl_set_ready_callback(easy) { context, _, _, _, _ in
                guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
                let go = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().requestLeaves()
                return go ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        unsafe note(mendflow_curl_set_pointer(easy, CURLOPT_PREREQDATA, context))
        unsafe note(
            mendflow_curl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                unsafe Transfer.deliver(bytes, size * count, context) { $0.receiveHeadLine($1) }
            })
        unsafe note(mendflow_curl_set_pointer(easy, CURLOPT_HEADERDATA, context))
        unsafe note(
            mendflow_curl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                unsafe Transfer.deliver(bytes, size * count, context) { $0.receiveBody($1) }
            })
        unsafe note(mendflow_curl_set_pointer(easy, CURLOPT_WRITEDATA, context))
    }

    private func set(_ option: CURLoption, _ value: Int) {
        unsafe note(mendflow_curl_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) {
        unsafe note(mendflow_curl_set_text(easy, option, value))
    }

    private func add(_ line: String) {
        guard let longer = unsafe mendflow_curl_slist_append(fields, line) else { return note(CURLE_OUT_OF_MEMORY) }
        unsafe fields = unsafe longer
    }

    private func note(_ code: CURLcode) {
        if code != CURLE_OK, refusal == nil { refusal = code.rawValue }
    }
}

// MARK: - What libcurl tells

extension Transfer {
    /// Hands bytes to a transfer. libcurl expects their number back; any other number ends the transfer.
    private static func deliver(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ receive: (Transfer, [UInt8]) -> Bool
    ) -> Int {
        guard let bytes = unsafe bytes, let context = unsafe context, count > 0 else { return 0 }
        let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let copy = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
        return receive(transfer, copy) ? count : 0
    }

    private func requestLeaves() -> Bool {
        if ticket.isCancelled { return false }
        // libcurl calls this again when it repeats a read on a new connection; the caller is told only once.
        if announced { return true }
        announced = true
        return ticket.observer(.sending) == .more
    }

    private func receiveHeadLine(_ line: [UInt8]) -> Bool {
        switch head.feed(line) {
        case .more: return true
        case .complete(let answer): return tell(.head(answer))
        case .malformed: breach = .notHTTP
        case .tooLarge: breach = .tooLarge
        }
        return false
    }

    private func receiveBody(_ bytes: [UInt8]) -> Bool {
        guard head.final != nil else {
            breach = .notHTTP
            return false
        }
        received += bytes.count
        return tell(.body(bytes))
    }

    private func tell(_ event: TransferEvent) -> Bool {
        if ticket.isCancelled { return false }
        stopped = ticket.observer(event) == .stop
        return !stopped
    }
}

// MARK: - How it ended

extension Transfer {
    private func outcome(_ code: CURLcode) -> TransferResult {
        if stopped, let answer = head.final { return .success(summary(answer)) }
        if let breach = breach ?? excess(code) { return .failure(failure(breach, words(breach))) }
        guard code == CURLE_OK else {
            let kind = TransportFailure.Kind(curl: code.rawValue, bytesSent: bytesSent, announced: announced)
            return .failure(failure(kind, unsafe CurlMessage.text(code.rawValue, details: errorText)))
        }
        // libcurl calls an answer that was cut off inside its headers a success.
        guard let answer = head.final else {
            return .failure(failure(.cutOff, "the connection ended inside the answer's headers"))
        }
        let summary = summary(answer)
        if summary.framing == .contentLength, received != declaredLength {
            return .failure(failure(.cutOff, "the answer's body is not as long as declared"))
        }
        return .success(summary)
    }

    /// libcurl has bounds of its own, of single lines among them, and says of what is longer that memory is out: by a code,
    /// or of trailers in words.
    private func excess(_ code: CURLcode) -> TransportFailure.Kind? {
        guard head.status != nil, code != CURLE_OK else { return nil }
        let words = unsafe CurlMessage.text(code.rawValue, details: errorText).lowercased()
        // CURLE_TOO_LARGE, which older headers have no name for.
        let isCode = code == CURLE_OUT_OF_MEMORY || code.rawValue == 100
        return isCode || words.hasPrefix("out of memory") || words.hasPrefix("too large") ? .tooLarge : nil
    }

    private func words(_ breach: TransportFailure.Kind) -> String {
        guard breach == .tooLarge else { return "the answer is not HTTP" }
        let (kibibytes, lines) = (ResponseHeadParser.byteLimit >> 10, ResponseHeadParser.lineLimit)
        return "its head and trailers are larger than is read: \(kibibytes) KiB, \(lines) lines, or a line without end"
    }

    private func summary(_ answer: HTTPResponseHead) -> TransferSummary {
        TransferSummary(
            head: answer, bytesSent: bytesSent, bytesReceived: received, framing: framing(answer), stopped: stopped)
    }

    private func failure(_ kind: TransportFailure.Kind, _ message: String) -> TransportFailure {
        TransportFailure(kind, bytesSent: bytesSent, status: head.status, message: message)
    }

    /// The request size counts over every connection a transfer used, a proxy's CONNECT included; bodies below 64 KiB
    /// leave with the head and are part of it, larger ones are counted as uploads.
    private var bytesSent: Int {
        var request = 0
        var uploaded: curl_off_t = 0
        guard unsafe mendflow_curl_get_long(easy, CURLINFO_REQUEST_SIZE, &request) == CURLE_OK,
            unsafe mendflow_curl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded) == CURLE_OK
        else { return 1 }
        let separate = (ticket.request.body?.count ?? 0) >= 65_536
        return separate ? request + Int(uploaded) : max(request, Int(uploaded))
    }

    private func framing(_ answer: HTTPResponseHead) -> BodyFraming {
        if ticket.request.method == .head || answer.status == 204 || answer.status == 304 { return .none }
        if answer.isChunked { return .chunked }
        return declaredLength >= 0 ? .contentLength : .untilClose
    }

    private var declaredLength: Int {
        var length: curl_off_t = -1
        guard unsafe mendflow_curl_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK else {
            return -1
        }
        return Int(length)
    }
}
