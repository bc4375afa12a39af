private import Glibc
public import MendflowCore
import MendflowText
import Synchronization

/// How log lines are written.
public enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// `at=... level=info event=tick msg="..."`.
    case logfmt
    /// One JSON object per line.
    case json
}

/// Writes events to a descriptor, one line each. Events carry no secrets: what speaks to n8n takes them out.
public final class LogWriter: EventSink {
    private let format: LogFormat
    private let level: AgentEvent.Level
    private let write: @Sendable ([UInt8]) -> Void
    private let turn = Mutex(())

    /// Makes a writer of events of a level and above; to standard error unless told otherwise.
    public init(
        format: LogFormat, level: AgentEvent.Level, write: @escaping @Sendable ([UInt8]) -> Void = LogWriter.stderr
    ) {
        self.format = format
        self.level = level
        self.write = write
    }

    /// Writes a line; lines of several tasks do not mix.
    public func emit(_ event: AgentEvent) {
        guard event.level >= level else { return }
        let line = Array((LogWriter.line(event, format) + "\n").utf8)
        turn.withLock { _ in write(line) }
    }

    /// Writes bytes to standard error; what cannot be written is lost, for a log must not stop the agent.
    @Sendable
    public static func stderr(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    /// One event as a line without its end.
    static func line(_ event: AgentEvent, _ format: LogFormat) -> String {
        var fields = [("at", event.at.rfc3339), ("level", event.level.rawValue), ("event", event.name)]
        if let instance = event.instance { fields.append(("instance", instance)) }
        fields.append(("msg", event.message))
        fields += event.fields.map { ($0.name, $0.value) }
        switch format {
        case .logfmt: return fields.map { "\($0.0)=\(logfmt($0.1))" }.joined(separator: " ")
        case .json:
            var writer = JSONWriter(escapes: .display)
            writer.object { for (name, value) in fields { $0.member(name, value) } }
            return writer.string
        }
    }

    private static func logfmt(_ value: String) -> String {
        let isBare = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D && $0 != 0x5C }
        return isBare && !value.isEmpty ? value : JSONWriter.quoted(value, escapes: .display)
    }
}
