/// What a file may cost at most.
public struct YAMLLimits: Sendable, Hashable {
    /// Bytes of the file.
    public var bytes = 1 << 20
    /// How deep lists and maps may nest, aliases counted as what they stand for.
    public var depth = 64
    /// Aliases in the file.
    public var aliases = 100
    /// Nodes that aliases add, all together.
    public var aliasedNodes = 20_000
    /// Findings that are kept.
    public var findings = 100

    /// 1 MiB, 64 levels, 100 aliases that add 20,000 nodes, 100 findings.
    public static let `default` = YAMLLimits()

    /// Makes the default limits.
    public init() {}
}

/// What reading a YAML file gave.
public struct YAMLReading: Sendable {
    /// The document; nil if the file is empty, or if an error kept it from being read to its end. After an error that
    /// leaves the rest readable the document is there, so that later checks can find more faults in one go.
    public var root: YAMLNode?
    /// The problems in the order of their places.
    public var findings: [Finding]

    /// Whether the file cannot be used.
    public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

/// Reads YAML 1.2 strictly: one document, no tags, no merge keys, no key twice; aliases within limits.
public enum YAMLReader {
    /// The most lines that may begin with `%`. libyaml compares each directive with all before it, so its cost grows
    /// with the square of their number.
    private static let directiveLimit = 16

    /// Reads a file's bytes; `file` is the name in the findings. Never fails otherwise than by findings.
    public static func read(bytes: [UInt8], file: String, limits: YAMLLimits = .default) -> YAMLReading {
        var report = FindingReport(file: file, limit: limits.findings)
        let whole = SourceRange(at: .start)
        guard bytes.count <= limits.bytes else {
            let message = "the file has \(bytes.count) bytes; \(limits.bytes) is the limit"
            report.error("file-too-large", message, at: whole)
            return YAMLReading(root: nil, findings: report.finished())
        }
        guard !CharacterCheck.isWide(bytes) else {
            report.error("not-utf8", "the file is in UTF-16 or UTF-32; save it as UTF-8", at: whole)
            return YAMLReading(root: nil, findings: report.finished())
        }
        let characters = CharacterCheck(bytes, report: &report)
        guard characters.directives <= directiveLimit else {
            report.error("too-many-directives", "more than \(directiveLimit) lines begin with `%`", at: whole)
            return YAMLReading(root: nil, findings: report.finished())
        }
        var builder = TreeBuilder(limits: limits, report: report)
        let events = EventStream(characters.text)
        do throws(SyntaxFault) {
            while builder.add(try events.next()) {}
        } catch {
            builder.fail(error, text: SourceText(bytes: characters.text))
        }
        return YAMLReading(root: builder.document, findings: builder.report.finished())
    }
}
