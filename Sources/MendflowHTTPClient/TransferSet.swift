private import CLibCurl
import MendflowHTTP

/// The transfers that are under way on one of libcurl's multi handles, and those that wait for room. Made, used and
/// freed on the loop's thread only.
@safe final class TransferSet {
    private let configuration: CurlTransport.Configuration
    private let multi: UnsafeMutableRawPointer
    private var running: [UInt: Transfer] = [:]
    /// Reads that wait because their host has as many as it may, in the order in which they came. They are counted here
    /// because libcurl's own limit (CURLMOPT_MAX_HOST_CONNECTIONS) can leave a waiting transfer asleep although a
    /// connection is free.
    private var waiting: [Transfer] = []

    /// The longest sleep if nothing happens. libcurl's own timers shorten it, and a command wakes the thread at once.
    private static let idleMilliseconds: Int32 = 60_000
    private static let readsPerHost = 4

    init?(_ configuration: CurlTransport.Configuration) {
        guard let multi = unsafe mendflow_curl_multi_init() else { return nil }
        self.configuration = configuration
        unsafe self.multi = unsafe multi
    }

    deinit { unsafe mendflow_curl_multi_cleanup(multi) }

    var address: UInt { unsafe UInt(bitPattern: multi) }

    func start(_ ticket: Ticket, _ continuation: TransferContinuation) {
        guard let transfer = Transfer(ticket, continuation, configuration) else {
            let failure = TransportFailure(.other, bytesSent: 0, message: "libcurl cannot prepare a transfer")
            return continuation.resume(returning: .failure(failure))
        }
        if ticket.isCancelled { return transfer.end(CURLE_ABORTED_BY_CALLBACK.rawValue) }
        if let code = transfer.refusal { return transfer.end(code) }
        if mayRun(transfer) { launch(transfer) } else { waiting.append(transfer) }
    }

    func cancel(_ ticket: Ticket) {
        if let place = waiting.firstIndex(where: { $0.ticket === ticket }) {
            return waiting.remove(at: place).end(CURLE_ABORTED_BY_CALLBACK.rawValue)
        }
        guard let transfer = running.values.first(where: { $0.ticket === ticket }) else { return }
        end(transfer, CURLE_ABORTED_BY_CALLBACK.rawValue)
    }

    /// Ends everything, as cancelled or because libcurl cannot go on.
    func endAll(cancelled: Bool) {
        let code = cancelled ? CURLE_ABORTED_BY_CALLBACK : CURLE_OUT_OF_MEMORY
        for transfer in waiting { transfer.end(code.rawValue) }
        waiting = []
        for transfer in running.values { end(transfer, code.rawValue) }
    }

    /// Lets libcurl read and write what it can, ends the transfers that are done, then sleeps until something happens.
    /// False if libcurl itself fails; then nothing can go on.
    func step() -> Bool {
        var count: Int32 = 0
        guard unsafe mendflow_curl_multi_perform(multi, &count) == CURLM_OK else { return false }
        while let message = unsafe mendflow_curl_multi_info_read(multi, &count) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let code = unsafe mendflow_curl_message_result(message)
            guard let easy = unsafe message.pointee.easy_handle,
                let transfer = running[UInt(bitPattern: easy)]
            else { continue }
            end(transfer, code.rawValue)
        }
        return unsafe mendflow_curl_multi_poll(multi, TransferSet.idleMilliseconds) == CURLM_OK
    }

    private func end(_ transfer: Transfer, _ code: UInt32) {
        running[transfer.address] = nil
        unsafe mendflow_curl_multi_remove_handle(multi, transfer.easy)
        transfer.end(code)
        while let place = waiting.firstIndex(where: mayRun) { launch(waiting.remove(at: place)) }
    }

    private func mayRun(_ transfer: Transfer) -> Bool {
        configuration.role == .mutations
            || running.values.count { $0.origin == transfer.origin } < TransferSet.readsPerHost
    }

    private func launch(_ transfer: Transfer) {
        guard unsafe mendflow_curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            return transfer.end(CURLE_FAILED_INIT.rawValue)
        }
        running[transfer.address] = transfer
    }
}
