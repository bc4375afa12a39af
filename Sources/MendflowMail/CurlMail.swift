private import CLibCurl
private import Dispatch
public import MendflowCore
public import MendflowEnvironment
private import Synchronization

/// Sends mail with libcurl, each message on a thread and a connection of its own.
public struct CurlMail: MailSender {
    private static let queue = DispatchQueue(label: "mendflow.mail", attributes: .concurrent)

    /// Makes it; libcurl is opened when a message is sent.
    public init() {}

    /// Hands a message over, within a time.
    public func send(_ message: MailMessage, within limit: Period) async throws(DeliveryFault) {
        let answer = Answer()
        let result: Result<Void, DeliveryFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { done in
                answer.wait(done)
                CurlMail.queue.async {
                    answer.give(
                        Result { () throws(DeliveryFault) in
                            guard let transfer = MailTransfer(message, within: limit) else {
                                throw DeliveryFault("libcurl is not installed, or does not start")
                            }
                            try transfer.perform()
                        })
                }
            }
        } onCancel: {
            // The thread ends by itself within the time; nobody waits for it.
            answer.give(.failure(DeliveryFault("given up")))
        }
        try result.get()
    }
}

/// An answer that is given once: by the thread, or by whoever does not want to wait any more.
private final class Answer: Sendable {
    private enum State {
        case begun
        case awaited(CheckedContinuation<Result<Void, DeliveryFault>, Never>)
        case given(Result<Void, DeliveryFault>)
    }
    private let state = Mutex(State.begun)

    func wait(_ done: CheckedContinuation<Result<Void, DeliveryFault>, Never>) {
        let early: Result<Void, DeliveryFault>? = state.withLock { state in
            if case .given(let result) = state { return result }
            state = .awaited(done)
            return nil
        }
        if let early { done.resume(returning: early) }
    }

    func give(_ result: Result<Void, DeliveryFault>) {
        let waiting: CheckedContinuation<Result<Void, DeliveryFault>, Never>? = state.withLock { state in
            defer { if case .given = state {} else { state = .given(result) } }
            if case .awaited(let done) = state { return done }
            return nil
        }
        waiting?.resume(returning: result)
    }
}

/// One message on one of libcurl's easy handles; made, used and freed on one thread.
@safe private final class MailTransfer {
    private let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var recipients: UnsafeMutablePointer<curl_slist>?
    private var rest: ArraySlice<UInt8>
    private var refusal = CURLE_OK

    init?(_ message: MailMessage, within limit: Period) {
        guard mendflow_curl_open(), let easy = unsafe mendflow_curl_easy_init() else { return nil }
        unsafe self.easy = unsafe easy
        rest = message.bytes[...]
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe note(mendflow_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        setServer(message, limit)
        setMessage(message)
    }

    deinit {
        unsafe mendflow_curl_easy_cleanup(easy)
        unsafe mendflow_curl_slist_free_all(recipients)
        unsafe errorText.deallocate()
    }

    private func setServer(_ message: MailMessage, _ limit: Period) {
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        let host = message.host.contains(":") ? "[\(message.host)]" : message.host
        set(CURLOPT_URL, "\(message.encryption == .tls ? "smtps" : "smtp")://\(host):\(message.port)/")
        let encryption = message.encryption == .starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE
        if message.encryption != .tls { set(CURLOPT_USE_SSL, Int(encryption.rawValue)) }
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(limit.milliseconds))
        set(CURLOPT_TIMEOUT_MS, Int(limit.milliseconds))
        if let file = message.caFile { set(CURLOPT_CAINFO, file) }
        if let user = message.user { set(CURLOPT_USERNAME, user) }
        if let password = message.password { set(CURLOPT_PASSWORD, password) }
    }

    private func setMessage(_ message: MailMessage) {
        set(CURLOPT_MAIL_FROM, "<\(message.from)>")
        for address in message.to {
            unsafe recipients = unsafe mendflow_curl_slist_append(recipients, "<\(address)>")
        }
        unsafe note(mendflow_curl_set_list(easy, CURLOPT_MAIL_RCPT, recipients))
        set(CURLOPT_UPLOAD, 1)
        unsafe note(
            mendflow_curl_set_data_callback(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
                guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                let transfer = unsafe Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
                return unsafe transfer.give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            })
        unsafe note(
            mendflow_curl_set_pointer(easy, CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque()))
    }

    /// Copies as much of the message as there is room for.
    private func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let piece = rest.prefix(room.count)
        unsafe room.copyBytes(from: piece)
        rest = rest.dropFirst(piece.count)
        return piece.count
    }

    func perform() throws(DeliveryFault) {
        if refusal == CURLE_OK { refusal = unsafe mendflow_curl_easy_perform(easy) }
        guard refusal != CURLE_OK else { return }
        var code = 0
        _ = unsafe mendflow_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &code)
        let words = unsafe String(cString: errorText)
        let known = unsafe mendflow_curl_easy_strerror(refusal).map { unsafe String(cString: $0) } ?? "libcurl failed"
        let text = words.isEmpty ? known : words
        throw DeliveryFault(
            code >= 400 ? "\(text) (the server says \(code))" : text, isFinal: (550...559).contains(code))
    }

    private func set(_ option: CURLoption, _ value: Int) { unsafe note(mendflow_curl_set_long(easy, option, value)) }
    private func set(_ option: CURLoption, _ value: String) {
        unsafe note(mendflow_curl_set_text(easy, option, value))
    }
    private func note(_ code: CURLcode) { if refusal == CURLE_OK { refusal = code } }
}
