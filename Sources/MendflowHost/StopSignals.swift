private import Dispatch
private import Glibc
import Synchronization

/// Turns SIGTERM and SIGINT into a graceful stop. A second one ends the process at once, as it would without this.
public final class StopSignals: Sendable {
    private let sources: Mutex<[any DispatchSourceSignal]>

    /// Calls `stop` on the first signal, on a queue of its own, as long as this object lives.
    public init(_ stop: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "mendflow.signals")
        sources = Mutex(
            [SIGTERM, SIGINT].map { number in
                _ = signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler {
                    _ = signal(number, SIG_DFL)
                    stop()
                }
                source.resume()
                return source
            })
    }

    /// Writing to a pipe that nobody reads is an error to be seen, not the end of the process.
    public static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    /// Runs work until it ends or a signal asks to stop.
    public static func untilStopped(_ work: @escaping @Sendable () async -> Void) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let signals = StopSignals { continuation.finish() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await work() }
            group.addTask { for await _ in stream {} }
            await group.next()
            group.cancelAll()
            continuation.finish()
        }
        withExtendedLifetime(signals) {}
    }

    /// From here on a signal ends the process again.
    deinit {
        for number in [SIGTERM, SIGINT] { _ = signal(number, SIG_DFL) }
        sources.withLock { $0.forEach { $0.cancel() } }
    }
}

/// Turns SIGHUP into a call, as long as this object lives.
final class ReloadSignal: Sendable {
    private let source: Mutex<any DispatchSourceSignal>

    init(_ reload: @escaping @Sendable () -> Void) {
        _ = signal(SIGHUP, SIG_IGN)
        let made = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "mendflow.reload"))
        made.setEventHandler(handler: reload)
        made.resume()
        source = Mutex(made)
    }

    deinit {
        _ = signal(SIGHUP, SIG_DFL)
        source.withLock { $0.cancel() }
    }
}
