internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// The findings of one file, bounded, and the reading of values that makes them: what cannot be read is reported, never
/// guessed and never left out.
final class Report {
    /// Findings that are kept for a file.
    static let limit = 100

    let file: String
    private var kept: [Finding] = []
    private var dropped = 0
    private(set) var errors = 0

    init(file: String) { self.file = file }

    /// All of them in the order of their places, and how many were left out.
    var findings: [Finding] {
        let ordered = Finding.inOrder(kept)
        guard dropped > 0 else { return ordered }
        return ordered + [Finding(.note, Finding.tooMany, "\(dropped) more are not shown", file: file, range: nil)]
    }

    func error(
        _ id: String, _ message: String, at range: SourceRange?, suggestion: String? = nil, notes: [String] = []
    ) {
        errors += 1
        add(.error, id, message, range, suggestion, notes)
    }

    func warning(
        _ id: String, _ message: String, at range: SourceRange?, suggestion: String? = nil, notes: [String] = []
    ) {
        add(.warning, id, message, range, suggestion, notes)
    }

    private func add(
        _ severity: Severity, _ id: String, _ message: String, _ range: SourceRange?, _ suggestion: String?,
        _ notes: [String]
    ) {
        guard kept.count < Report.limit else {
            dropped += 1
            return
        }
        kept.append(
            Finding(
                severity, id, message, file: file, range: range, suggestion: suggestion,
                notes: notes.map { Finding.Note($0) }))
    }

    /// Takes the findings of a part of the file.
    func append(_ part: Report) {
        let room = Report.limit - kept.count
        kept += part.kept.prefix(room)
        dropped += part.dropped + max(0, part.kept.count - room)
        errors += part.errors
    }

    func place(_ range: SourceRange) -> SourcePlace {
        SourcePlace(file: file, line: range.start.line, column: range.start.column)
    }

    /// Reports a value of the wrong kind; what is broken was reported already.
    func wrongKind(_ node: YAMLNode, _ what: String, wanted: String, notes: [String] = []) {
        guard !node.isBroken else {
            errors += 1
            return
        }
        error("wrong-kind", "\(what) must be \(wanted), not \(node.kind)", at: node.range, notes: notes)
    }

    /// Reports a word that is none of those allowed.
    func unknownWord(_ word: String, _ what: String, among words: [String], at range: SourceRange) {
        let near = Synonyms.meant(by: word, among: words)
        let notes = near == nil ? ["known: \(words.joined(separator: ", "))"] : []
        error("unknown-value", "\(what) cannot be \(word.inBackticks)", at: range, suggestion: near, notes: notes)
    }
}

/// Words that people may use instead of ours, beside misspellings: synonyms from other tools.
enum Synonyms {
    private static let table: [String: [String]] = [
        "new": ["queued"], "failed": ["error"], "failure": ["error"], "stuck": ["running"], "aborted": ["canceled"],
        "stopped": ["canceled"], "succeeded": ["success"], "mode": ["execution_mode"],
        "max_attempts": ["max_retries"], "attempts": ["max_retries"], "retries": ["max_retries"],
        "action": ["actions"], "then": ["actions"], "if": ["match"], "where": ["match"], "filter": ["match"],
        "age": ["older_than"], "min_age": ["older_than"], "max_age": ["newer_than"],
        "within": ["newer_than", "window"],
        "load_latest_workflow": ["load_workflow"], "factor": ["coefficient"], "multiplier": ["coefficient"],
        "initial": ["initial_interval"], "delay": ["initial_interval"], "max": ["max_interval", "amount"],
        "regex": ["matches"], "regexp": ["matches"], "like": ["glob"], "equals": ["eq"], "neq": ["ne"],
        "enabled": ["enforce", "mode"], "disabled": ["off"], "dry-run": ["dry_run"], "cancel": ["stop"],
        "kill": ["stop"], "rerun": ["retry"], "label": ["tag"], "timezone": ["zone"], "tz": ["zone"],
        "start": ["from"], "end": ["to"], "limit": ["amount", "max"], "window": ["per", "within"],
        "token": ["api_key_env", "token_env"],
        "workflow_name": ["workflow"], "workflow_id": ["workflow"], "error_class": ["error"], "tags": ["tag"],
        "policy": ["policies"], "rule": ["policies"], "rules": ["policies"], "message": ["matches"],
        "threshold": ["failure_threshold", "count"], "failures": ["failure_threshold"], "reset_after": ["open_for"],
        "open": ["open_for"], "breaker": ["circuit_breaker"], "share": ["percent"], "percentage": ["percent"],
        "per": ["within", "window"], "remove": ["delete"], "purge": ["delete"], "stop_all": ["bulk_stop"],
        "stop_many": ["bulk_stop"], "groups": ["when"], "minimum": ["at_least"], "by": ["group_by"],
        "text": ["matches"], "status_code": ["http_code"], "code": ["http_code"], "method": ["http_method"],
    ]

    /// The word that was probably meant: one spelt nearly so, or one that means the same.
    static func meant(by word: String, among candidates: [String]) -> String? {
        table[word.lowercased()]?.first(where: candidates.contains) ?? Spelling.nearest(to: word, among: candidates)
    }
}
