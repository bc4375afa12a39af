extension ErrorRule {
    /// What of a failure the rule looks at and finds, in words; empty where it does not match.
    public func parts(seenIn detail: ExecutionDetail) -> [String] {
        let failure = ClassifiedFailure(detail)
        guard matches(failure) else { return [] }
        var parts: [String] = []
        if statuses != nil { parts.append("the status \(detail.status.rawValue)") }
        if let reachedTimeLimit {
            parts.append("the run \(reachedTimeLimit ? "reached" : "did not reach") its workflow's time limit")
        }
        if !nodeTypes.isEmpty, let type = detail.lastNode?.type { parts.append("the node type \(type)") }
        guard let error = detail.error else { return parts + ["no error in the data"] }
        if let cause { parts.append("failure.cause \(cause)") }
        if !httpCodes.isEmpty, let code = failure.codes.first(where: httpCodes.match) {
            parts.append("the code \(code)")
        }
        if !codes.isEmpty, let code = error.allCodes.first(where: codes.match) { parts.append("the code \(code)") }
        if !names.isEmpty, let name = error.name { parts.append("the name \(name)") }
        if let text, let place = place(of: text, in: error, detail.lastNode?.type) { parts.append(place) }
        return parts
    }

    private func place(of text: TextMatch, in error: ErrorEvidence, _ nodeType: String?) -> String? {
        let spoken = SpokenText(of: error, nodeType: nodeType)
        let places =
            error.messages.enumerated().map { ("messages[\($0.offset)]", $0.element) }
            + [("description", error.description), ("message", error.message)].compactMap { name, text in
                text.map { (name, $0) }
            } + error.details.map { ("what stands below", $0) }
        return places.first { text.matches(spokenOnly ? spoken.spoken($0.1) : $0.1) }.map { "\($0.0) \"\($0.1)\"" }
    }
}
