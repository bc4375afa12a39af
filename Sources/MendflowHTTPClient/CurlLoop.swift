private import CLibCurl
private import Glibc
import MendflowHTTP
import Synchronization

typealias TransferResult = Result<TransferSummary, TransportFailure>
typealias TransferContinuation = CheckedContinuation<TransferResult, Never>

/// The thread of one transport, and the mailbox through which other threads give it commands.
final class CurlLoop: Sendable {
    private enum Command: Sendable {
        case start(Ticket, TransferContinuation)
        case cancel(Ticket)
    }

    private struct Inbox: Sendable {
        var commands: [Command] = []
        var closed = false
        /// The address of libcurl's multi handle while the thread runs, for waking it. Nil before and after, so that a
        /// handle that was freed is never woken.
        var multi: UInt?
    }

    private let inbox = Mutex(Inbox())

    /// Starts a loop with its thread. If the system gives no thread, the loop is closed from the start and fails every
    /// request with zero bytes sent.
    static func started(_ configuration: CurlTransport.Configuration) -> CurlLoop {
        let loop = CurlLoop()
        let start = unsafe Unmanaged.passRetained(Start(loop: loop, configuration: configuration))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.loop.run(start.configuration)
                return nil
            }, start.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            unsafe start.release()
            loop.close()
        }
        return loop
    }

    func start(_ ticket: Ticket, _ continuation: TransferContinuation) {
        guard post(.start(ticket, continuation)) else {
            return continuation.resume(returning: .failure(CurlLoop.closedBeforehand))
        }
    }

    func cancel(_ ticket: Ticket) {
        ticket.cancel()
        post(.cancel(ticket))
    }

    func close() {
        inbox.withLock { box in
            box.closed = true
            CurlLoop.wake(box)
        }
    }

    @discardableResult private func post(_ command: Command) -> Bool {
        inbox.withLock { box in
            guard !box.closed else { return false }
            box.commands.append(command)
            CurlLoop.wake(box)
            return true
        }
    }

    private static func wake(_ box: Inbox) {
        guard let address = box.multi, let multi = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
        unsafe mendflow_curl_multi_wakeup(multi)
    }

    private func run(_ configuration: CurlTransport.Configuration) {
        CurlLoop.blockBrokenPipes()
        guard mendflow_curl_open(), let transfers = TransferSet(configuration) else { return end() }
        inbox.withLock { $0.multi = transfers.address }
        var sound = true
        while sound {
            let (commands, closed) = takeAll()
            for command in commands {
                switch command {
                case .start(let ticket, let continuation): transfers.start(ticket, continuation)
                case .cancel(let ticket): transfers.cancel(ticket)
                }
            }
            if closed { break }
            sound = transfers.step()
        }
        end()
        transfers.endAll(cancelled: sound)
    }

    /// Closes the mailbox: requests that come from now on fail, and so do those that still wait in it.
    private func end() {
        let late = inbox.withLock { box in
            box.closed = true
            box.multi = nil
            defer { box.commands = [] }
            return box.commands
        }
        for case .start(_, let continuation) in late {
            continuation.resume(returning: .failure(CurlLoop.closedBeforehand))
        }
    }

    private func takeAll() -> ([Command], closed: Bool) {
        inbox.withLock { box in
            defer { box.commands = [] }
            return (box.commands, box.closed)
        }
    }

    /// A write to a connection that the server has closed must be an error of that transfer, not the process's end.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private static var closedBeforehand: TransportFailure {
        mendflow_curl_open()
            ? TransportFailure(.cancelled, bytesSent: 0, message: "the HTTP client was shut down")
            : TransportFailure(.other, bytesSent: 0, message: "libcurl cannot be loaded (libcurl.so.4)")
    }

    private final class Start: Sendable {
        let loop: CurlLoop
        let configuration: CurlTransport.Configuration

        init(loop: CurlLoop, configuration: CurlTransport.Configuration) {
            self.loop = loop
            self.configuration = configuration
        }
    }
}
