extension SyntaxFault {
    /// libyaml's words in one sentence.
    var message: String {
        guard let context else { return problem }
        return "\(problem) \(context.text)"
    }

    /// Where the broken construct began, and what the cause usually is.
    func notes(text: SourceText) -> [Finding.Note] {
        var notes: [Finding.Note] = []
        if let context, context.position != position {
            notes.append(Finding.Note("it began here", at: SourceRange(at: context.position)))
        }
        if let advice = advice(line: text.line(position.line)) { notes.append(Finding.Note(advice)) }
        return notes
    }

    private func advice(line: String?) -> String? {
        let scalars = (line ?? "").unicodeScalars
        let there = scalars.dropFirst(position.column - 1).first
        if there == "\t" || scalars.first(where: { $0 != " " }) == "\t" {
            return "indent with spaces; YAML does not allow tabs there"
        }
        if problem.hasPrefix("found character that cannot start any token") {
            return "a value that begins with \(there.map(String.init) ?? "this character") needs quotes"
        }
        if problem.hasPrefix("mapping values are not allowed") {
            return "a value that contains a colon and a space needs quotes; else look at the indentation"
        }
        if problem.hasPrefix("did not find expected key") || problem.hasPrefix("could not find expected ':'") {
            return "look at the indentation, at quotes inside quotes, and for a missing colon"
        }
        if problem.hasPrefix("found unknown escape character") {
            return "a backslash is literal inside single quotes; inside double quotes write \\\\"
        }
        return nil
    }
}
