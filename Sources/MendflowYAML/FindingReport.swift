import MendflowText

/// The findings of one file. Their number is limited, so that a file full of faults does not become a report of
/// megabytes.
struct FindingReport {
    let file: String
    let limit: Int
    private(set) var findings: [Finding] = []
    private var dropped = 0

    init(file: String, limit: Int) {
        self.file = file
        self.limit = limit
    }

    mutating func error(
        _ id: String, _ message: String, at range: SourceRange, suggestion: String? = nil, notes: [Finding.Note] = []
    ) {
        guard findings.count < limit else {
            dropped += 1
            return
        }
        findings.append(
            Finding(.error, id, message, file: file, range: range, suggestion: suggestion, notes: notes))
    }

    /// Whether a character of the line was refused.
    func hasBadCharacter(onLine line: Int) -> Bool {
        findings.contains { $0.line == line && ($0.id == "invalid-utf8" || $0.id == "control-character") }
    }

    /// All of them in the order of their places, and how many were left out.
    func finished() -> [Finding] {
        let ordered = Finding.inOrder(findings)
        guard dropped > 0 else { return ordered }
        return ordered + [Finding(.note, Finding.tooMany, "\(dropped) more are not shown", file: file, range: nil)]
    }
}
