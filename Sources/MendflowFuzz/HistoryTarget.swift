import MendflowCore
import MendflowN8N
import MendflowRehearsal
import MendflowSimulator

extension FuzzTarget {
    /// Recorded histories, of which a simulated n8n is made.
    static let history = FuzzTarget(
        "history", seeds: ["Tests/Fixtures/fuzz/history"]
    ) { bytes throws(BrokenPromise) in
        var past = RecordedPast()
        guard (try? past.read(bytes, from: "a.jsonl")) != nil else { return }
        let now = ServerTime(milliseconds: 1_780_000_000_000)
        guard let simulator = try? past.simulator(at: now, .init()) else { return }
        let written = simulator.export
        var again = RecordedPast()
        do { try again.read(written.lines, from: "b.jsonl") } catch {
            throw BrokenPromise(description: "what a simulated n8n holds can be read: \(error)")
        }
        let until = written.end.map { ServerTime(milliseconds: $0) }
        guard let other = try? again.simulator(at: now, until: until, .init()) else {
            throw BrokenPromise(description: "what a simulated n8n holds can be taken over")
        }
        let (one, two) = (executions(written.lines), executions(other.export.lines))
        try promise(one == two, "what is taken over is the same: \(one) \(two)")
    }

    /// What lines say of executions, as far as it does not change where a run goes on.
    private static func executions(_ lines: [UInt8]) -> [[String]] {
        lines.split(separator: 0x0A).compactMap { try? Simulator.JSON(parsing: $0) }.filter { $0["status"] != nil }.map
        {
            row in ["id", "workflowId", "mode", "retryOf", "startedAt"].map { "\(row[$0] ?? .null)" }
        }
    }

    /// Cursors of pages: sent back as they came, and never more than a refusal where they are not the server's.
    static let cursor = FuzzTarget(
        "cursor", seeds: ["Tests/Fixtures/fuzz/cursor"], splitsSeeds: true
    ) { bytes throws(BrokenPromise) in
        let text = bytes.text
        let server = Answers(Array(#"{"data":[],"nextCursor":null}"#.utf8), pieces: 16_384)
        _ = try Answers.outcome(from: server) { reader throws(ReadFailure) in
            try await reader.list(ListQuery(cursor: text))
        }
        let sent = server.urls.first?.firstRange(of: "cursor=").map { server.urls[0][$0.upperBound...] }
        try promise(sent.map(decoded) == Array(text.utf8), "a cursor is sent back as it came: \(server.urls)")
        let listed = try Answers.outcome(from: Answers.listing()) { reader throws(ReadFailure) in
            try await reader.list(ListQuery(cursor: text, limit: 2))
        }
        switch listed {
        case .success(let page): try promise(page.executions.count <= 5, "a page is bounded")
        case .failure(let failure): try promise(failure.kind == .refused, "a wrong cursor is refused: \(failure)")
        }
    }

    private static func decoded(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.prefix { $0 != "&" }.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else {
                bytes.append(byte)
                continue
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return bytes
    }
}
