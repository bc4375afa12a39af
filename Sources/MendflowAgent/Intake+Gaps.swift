import MendflowCore

extension Intake {
    /// How many ids beyond the highest known one are asked for: a run that waits in a queue may be the newest of all.
    private static let ahead: UInt64 = 3

    /// Asks by id for what no list shows, the newest first (DESIGN 5.4). n8n's ids are one dense sequence: what is between
    /// two known ones is hidden, or gone for ever.
    func probeGaps(_ book: inout ExecutionBook, _ coverage: ListCoverage, _ report: inout Report) async throws {
        let edge = clock.now() + report.clockOffset - configuration.lookBack
        // What is not listed because it was not read yet is no gap.
        let made = (book.watch.floor(edge)?.number).map { $0 + 1 }
        let low = coverage.holes.isEmpty ? made ?? coverage.lowest?.number : coverage.contiguousFrom?.number
        guard let low, var highest = book.highest?.number, low <= highest else { return }
        var misses: UInt64 = 0
        while misses < Intake.ahead, report.load.probesLeft > 0 {
            // An id that is not given yet may be given any moment: this answer is not remembered.
            let next = highest + misses + 1
            if try await probe(next, &book, &report) {
                highest = next
                misses = 0
            } else {
                misses += 1
            }
        }
        for gap in book.accounted.gaps(in: low...highest) {
            for number in gap.reversed() {
                guard report.load.probesLeft > 0 else { break }
                if try await !probe(number, &book, &report) {
                    book.noteMissing(ExecutionID("\(number)"))
                    report.missing.insert(number...number)
                }
            }
        }
        report.gapsLeft = book.accounted.gaps(in: low...highest).reduce(0) { $0 + $1.count }
    }

    /// Whether there is such a row; it is in the book then.
    private func probe(
        _ number: UInt64, _ book: inout ExecutionBook, _ report: inout Report
    ) async throws -> Bool {
        report.load.probe()
        guard let row = try await reader.execution(ExecutionID("\(number)")) else { return false }
        try noteHidden(row, &book, &report)
        return true
    }
}
