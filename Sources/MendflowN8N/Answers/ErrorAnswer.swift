internal import MendflowCore

/// Turns what was kept of an error into evidence: bounded texts without secrets.
struct ErrorAnswer {
    let tree: JSONTree
    /// The type of the node that the error is of, where it is known.
    var nodeType: String?
    /// Takes secrets out of a text.
    let scrub: @Sendable (String) -> String

    private static let maxCodes = 8
    private static let maxDetails = 12
    /// Bytes of one detail, and of all of them.
    private static let detailLimit = 512
    private static let detailsLimit = 2048

    /// The evidence.
    var evidence: ErrorEvidence {
        let failure = tree["failure"]
        var error = ErrorEvidence(
            name: (tree["name"] ?? tree["type"])?.text, message: text(tree["message"]),
            description: text(tree["description"]), httpCode: tree["httpCode"]?.word,
            cause: failure?["cause"]?.word,
            messages: (tree["messages"]?.items ?? []).compactMap { text($0) },
            status: (tree["status"] ?? tree["statusCode"])?.word.map(scrub), codes: codes,
            answerCodes: answerCodes, details: details,
            at: ErrorAnswer.time(tree["timestamp"]),
            retryAfter: failure?["retryAfterMs"]?.integer.flatMap { $0 >= 0 ? .milliseconds($0) : nil },
            resetsAt: failure?["resetsAtEpochMs"]?.integer.map { ServerTime(milliseconds: $0) },
            itemIndex: tree["context"]?["itemIndex"]?.integer.flatMap { Int(exactly: $0) })
        if error.retryAfter == nil, error.resetsAt == nil {
            let told = ToldWait(in: error.spokenTexts(ofNode: nodeType))
            error.retryAfter = told.period
            error.resetsAt = told.instant
        }
        return error
    }

    /// n8n writes this time in milliseconds; errors that libraries make may carry a date as text.
    static func time(_ tree: JSONTree?) -> ServerTime? {
        if let milliseconds = tree?.integer { return ServerTime(milliseconds: milliseconds) }
        return tree?.text.flatMap { ServerTime(rfc3339: $0) }
    }

    private func text(_ tree: JSONTree?) -> String? {
        guard let text = tree?.text, !text.isEmpty else { return nil }
        return ErrorAnswer.capped(scrub(text), to: 2048)
    }

    /// At most so many bytes, cut between characters.
    static func capped(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: limit)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }

    // MARK: - What stands beside and below

    /// Codes of the error, of two causes and of its parts, nearest first.
    private var codes: [String] {
        let cause = tree["cause"]
        let parts = (tree["errors"]?.items ?? []) + (cause?["errors"]?.items ?? [])
        var codes: [String] = []
        for error in [tree, cause, cause?["cause"]] + parts.map(Optional.some) {
            for key in ["code", "lc_error_code", "responseCode", "errorCode"] {
                guard let code = error?[key]?.word.map(scrub), !codes.contains(code) else { continue }
                codes.append(ErrorAnswer.capped(code, to: 64))
            }
        }
        return Array(codes.prefix(ErrorAnswer.maxCodes))
    }

    /// Codes of the answer that is kept beside the error, and statuses that are words.
    private var answerCodes: [String] {
        let found = [
            tree["errorResponse"]?["code"], tree["errorResponse"]?["error"]?["code"], tree["context"]?["errorCode"],
            tree["status"], tree["statusCode"],
        ]
        var codes: [String] = []
        for code in found.compactMap({ $0?.word }) where !codes.contains(code) {
            let isStatus = code.utf8.count == 3 && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
            if !isStatus { codes.append(ErrorAnswer.capped(scrub(code), to: 64)) }
        }
        return codes
    }

    /// What causes, parts and the answers of services say: sentences as they are, all else behind its name.
    private var details: [String] {
        let context = tree["context"]
        var found: [String] = []
        let sources = [
            ("cause", tree["cause"]), ("errors", tree["errors"]), ("response", tree["errorResponse"]),
            ("data", context?["data"]), ("errorCode", context?["errorCode"]),
            ("reason", context?["outputParserFailReason"]),
        ]
        for (name, source) in sources { if let source { collect(source, named: name, into: &found) } }
        var left = ErrorAnswer.detailsLimit
        return found.prefix(ErrorAnswer.maxDetails).compactMap { detail in
            let kept = ErrorAnswer.capped(scrub(detail), to: min(left, ErrorAnswer.detailLimit))
            left -= kept.utf8.count
            return kept.isEmpty ? nil : kept
        }
    }

    private static let sentences: Set<String> = [
        "message", "messages", "description", "detail", "error", "errors", "error_description", "title", "cause",
    ]

    private func collect(_ tree: JSONTree, named name: String, into found: inout [String]) {
        guard found.count < ErrorAnswer.maxDetails else { return }
        switch tree {
        case .object(let members, _): for (key, value) in members.entries { collect(value, named: key, into: &found) }
        case .array(let items, _): for item in items { collect(item, named: name, into: &found) }
        case .text, .number:
            guard let written = tree.written, !written.isEmpty else { return }
            found.append(ErrorAnswer.sentences.contains(name) ? written : "\(name): \(written)")
        case .bool(let value): found.append("\(name): \(value)")
        case .null: break
        }
    }
}
