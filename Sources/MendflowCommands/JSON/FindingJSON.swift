import MendflowYAML

/// A finding of a configuration or a policy as JSON.
struct FindingJSON: Encodable {
    var id: String, severity: String, message: String, file: String
    /// Its place, from 1; 0 for a whole file.
    var line: Int, column: Int
    /// The nearest right spelling.
    var suggestion: String?

    init(_ finding: Finding) {
        id = finding.id
        severity = finding.severity.rawValue
        message = finding.message
        file = finding.file
        line = finding.line ?? 0
        column = finding.column ?? 0
        suggestion = finding.suggestion
    }
}
