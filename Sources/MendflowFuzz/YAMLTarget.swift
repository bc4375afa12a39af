import MendflowYAML

extension FuzzTarget {
    /// The YAML reader: what it accepts and is written again reads back the same.
    static let yaml = FuzzTarget(
        "yaml",
        seeds: [
            "Tests/Fixtures/yaml/bad", "Tests/Fixtures/yaml/good", "policies", "examples/production",
        ]
    ) { bytes throws(BrokenPromise) in
        let (reading, again) = (read(bytes), read(bytes))
        try promise(reading.root == again.root && reading.findings == again.findings, "a file reads the same twice")
        try Findings.check(reading.findings, of: bytes)
        guard let root = reading.root else { return }
        let limits = YAMLLimits.default
        try promise(
            count(root) <= bytes.count + 2 + limits.aliasedNodes, "no file has more values than bytes and aliases")
        guard !reading.hasErrors else { return }
        let written = Array(text(of: root).utf8)
        guard written.count <= limits.bytes else { return }
        let back = read(written)
        let findings = FindingRenderer().render(back.findings)
        try promise(!back.hasErrors, "what is accepted is accepted again: \(findings)")
        try promise(back.root.map(text) == text(of: root), "what is accepted reads back the same")
    }

    private static func read(_ bytes: [UInt8]) -> YAMLReading { YAMLReader.read(bytes: bytes, file: "a.yaml") }

    private static func count(_ node: YAMLNode) -> Int {
        1 + (node.items ?? []).reduce(0) { $0 + count($1) }
            + (node.entries ?? []).reduce(0) { $0 + 1 + count($1.value) }
    }

    /// The values as YAML in one line, all scalars in quotation marks.
    private static func text(of node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let scalar): quoted(scalar.text)
        case .sequence(let items): "[" + items.map { text(of: $0) }.joined(separator: ",") + "]"
        case .mapping(let entries):
            "{" + entries.map { "? \(quoted($0.key.text)) : \(text(of: $0.value))" }.joined(separator: ",") + "}"
        case .broken: ""
        }
    }

    private static func quoted(_ text: String) -> String {
        let characters = text.unicodeScalars.map { scalar in
            if (0x20...0x7E).contains(scalar.value), scalar != "\"", scalar != "\\" { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
        return "\"" + characters.joined() + "\""
    }
}

/// What has to hold of every list of findings.
enum Findings {
    /// More than any reader keeps.
    private static let most = 5_000

    static func check(_ findings: [Finding], of bytes: [UInt8], file: String = "a.yaml") throws(BrokenPromise) {
        let source = SourceText(bytes: bytes)
        try promise(findings.count <= most, "a file has at most \(most) findings, not \(findings.count)")
        for finding in findings {
            guard finding.file == file, let range = finding.range else { continue }
            try promise(range.start <= range.end, "\(finding.id) ends where it begins, or later: \(range)")
            let length = source.line(range.start.line)?.unicodeScalars.count
            // A file may end with the line in front of the place.
            try promise(
                length.map { (1...$0 + 1).contains(range.start.column) } ?? (range.start.line == source.count + 1),
                "\(finding.id) lies in the file: \(range)")
        }
        // Most of the time would go into showing them.
        let shown = Array(findings.prefix(4))
        let text = FindingRenderer(width: bytes.count % 2 == 0 ? 20 : 100).render(shown, sources: [file: source])
        try promise(text.isEmpty == shown.isEmpty, "findings are shown")
    }
}
