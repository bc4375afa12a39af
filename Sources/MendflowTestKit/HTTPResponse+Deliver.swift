public import MendflowHTTP

extension HTTPResponse {
    /// Hands it to an observer as a transport does: its head, then its body in pieces of so many bytes, until it is stopped.
    public func deliver(
        in size: Int, to observer: (TransferEvent) -> TransferDemand, isBare: Bool = false, bytesSent: Int
    ) -> TransferSummary {
        precondition(size > 0, "a piece has at least one byte")
        var summary = TransferSummary(
            head: head, bytesSent: bytesSent, bytesReceived: 0, framing: isBare ? .none : .contentLength,
            stopped: observer(.head(head)) == .stop)
        var rest = isBare ? [] : body[...]
        while !summary.stopped, !rest.isEmpty {
            let piece = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            summary.bytesReceived += piece.count
            summary.stopped = observer(.body(piece)) == .stop
        }
        return summary
    }
}
