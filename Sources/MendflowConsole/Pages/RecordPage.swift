import MendflowCore
import MendflowHTML
import MendflowLedger
import MendflowOperations
import MendflowText

/// *Record*: the ledger, searched from its end.
struct RecordPage {
    let query: RecordSearch.Query
    let found: RecordSearch
    let instances: [String]
    let head: AuditHead
    /// What the last check of the whole record found, and when.
    let verified: (at: AgentTime, found: AuditVerification)?
    let visit: Visit

    var page: ConsolePage {
        ConsolePage(title: "Record", section: .record, content: "\(form)\(results)\(check)")
    }

    private var place: Place {
        Place(
            "record",
            query: [
                "instance": query.instance, "execution": query.execution?.text, "policy": query.policy,
                "kind": query.kind?.rawValue, "since": query.since?.rfc3339Seconds,
                "until": query.until?.rfc3339Seconds,
            ])
    }

    // MARK: - What is looked for

    private var form: HTMLText {
        """
        <form action="/record" role="search" aria-label="The record">
        <label>Instance<select name="instance">\(option("", "any", query.instance ?? ""))\
        \(HTMLText.all(instances.map { option($0, $0, query.instance ?? "") }))</select></label>
        <label>Execution<input name="execution" inputmode="numeric" size="10" maxlength="40" value="\(query.execution?.text ?? "")"></label>
        <label>Policy<input name="policy" size="18" maxlength="200" value="\(query.policy ?? "")"></label>
        <label>Kind<select name="kind">\(option("", "any", query.kind?.rawValue ?? ""))\
        \(HTMLText.all(AuditKind.allCases.map { option($0.rawValue, $0.rawValue, query.kind?.rawValue ?? "") }))</select></label>
        <label>Since (UTC)<input name="since" size="20" maxlength="30" placeholder="2026-05-01T10:00:00Z" value="\(query.since?.rfc3339Seconds ?? "")"></label>
        <label>Until (UTC)<input name="until" size="20" maxlength="30" placeholder="2026-05-01T12:00:00Z" value="\(query.until?.rfc3339Seconds ?? "")"></label>
        <button>Search</button></form>
        """
    }

    private func option(_ value: String, _ words: String, _ chosen: String) -> HTMLText {
        let isChosen: HTMLText = value == chosen ? " selected" : ""
        return "<option value=\"\(value)\"\(isChosen)>\(words)</option>"
    }

    // MARK: - What was found

    private var results: HTMLText {
        let rows = found.entries.map { entry -> [HTMLText] in
            let record = entry.record
            let execution = record.execution.flatMap { id in
                record.instance.map { HTMLText.execution(id, on: $0.name) }
            }
            return [
                Place.record(entry.sequence).link("\(entry.sequence)"), .time(record.clock ?? record.at),
                "\(record.kind.rawValue)", instances.count > 1 ? "\(record.instance?.name ?? "")" : "", execution ?? "",
                record.policy.map { Place.policy($0).link("\($0)") } ?? "", "\(entry.words.joined(separator: ", "))",
            ]
        }
        let table = Table(
            "Records, the newest first", ["Number", "Time", "Kind", "Instance", "Execution", "Policy", "What it says"],
            rows)
        let newest = query.before == nil ? "" as HTMLText : "\(place.link("Newest")) "
        let older = found.older.map { place.with("before", String($0)).link("Older") } ?? ""
        let looked =
            found.older == nil
            ? "That is all." : "\(count(found.looked, "record was", "records were")) looked at for this page."
        let sealed: HTMLText =
            if found.older == nil, let segment = found.segment {
                "<p class=\"note\">Older records are not in the ledger: \(segment.words). <code>mendflow audit export --segments</code> shows them.</p>"
            } else { "" }
        return """
            \(found.entries.isEmpty ? HTMLText.nothing("Nothing of this kind was found here.") : table.html)
            <nav class="pages" aria-label="Parts of the record">\(newest)\(older) \(looked)</nav>\(sealed)
            """
    }

    // MARK: - Its proof

    private var check: HTMLText {
        var parts: [HTMLText] = [
            "<p>The record ends with number \(head.sequence); its head is <code>\(head)</code>. Who keeps a head elsewhere can prove later that nothing before it was changed.</p>"
        ]
        if let verified {
            parts.append(RecordPage.verdict(verified.found, at: verified.at))
        }
        let form = visit.form(Place("record", "verify"), "<button>Check every record</button>")
        parts.append(
            form.isEmpty ? "<p class=\"note\">On the command line: <code>mendflow audit verify</code></p>" : form)
        return "<h2>Is it whole?</h2>\(HTMLText.all(parts))"
    }

    static func verdict(_ found: AuditVerification, at time: AgentTime) -> HTMLText {
        if let fault = found.fault {
            return .notice(
                "<p><strong>Broken</strong>: \(fault). \(found.count.words("record", "records")) before it \(found.count == 1 ? "is" : "are") good. Checked \(HTMLText.time(time)).</p>",
                .bad)
        }
        let sealed: HTMLText =
            found.segments.last.map {
                "<br>\($0.last.words("record", "records")) before them were sealed into files, which were not read."
            } ?? ""
        return .notice(
            "<p>Checked \(HTMLText.time(time)): \(found.count.words("record", "records")), the chain is intact up to head <code>\(found.head)</code>.\(sealed)</p>",
            .good)
    }
}

/// One record with everything that it says.
struct OneRecordPage {
    let entry: Audit.Entry
    let head: Int64

    var page: ConsolePage {
        let record = entry.record
        let facts = HTMLText.facts([
            ("time", .time(record.clock ?? record.at)), ("kind", "\(record.kind.rawValue)"),
            ("instance", "\(record.instance.map { "\($0.name), epoch \($0.epoch)" } ?? "")"),
            (
                "execution",
                record.execution.flatMap { id in record.instance.map { .execution(id, on: $0.name) } } ?? ""
            ),
            ("policy", record.policy.map { Place.policy($0).link("\($0)") } ?? ""),
        ])
        let before: HTMLText = entry.sequence > 1 ? Place.record(entry.sequence - 1).link("Record before") : ""
        let behind: HTMLText = entry.sequence < head ? Place.record(entry.sequence + 1).link("Record behind") : ""
        return ConsolePage(
            title: "Record \(entry.sequence)", section: .record,
            content: """
                \(facts)<p>\(entry.words.joined(separator: ", "))</p>
                <h2>As it is sealed</h2>
                <pre tabindex="0"><code>\(HTMLText.block(String(decoding: entry.line, as: UTF8.self)))</code></pre>
                <nav class="pages" aria-label="Records beside it">\(before) \(behind)</nav>
                """)
    }
}
