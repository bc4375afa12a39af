import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowReview

/// *Policies*: every policy, and how it did in the last seven days.
struct PoliciesPage {
    let standings: PolicyOverviews

    var page: ConsolePage {
        let people = standings.retriedByPeople
        let all = standings.policies + standings.former
        let agreed: HTMLText =
            all.contains { $0.week.agreed > 0 }
            ? HTMLText.nothing(
                "Agreed with people: chains that the policy acted on, or would have in dry-run, and that people retried too."
            )
            : ""
        let table = Table(
            "The policies and their last seven days",
            [
                "Policy", "Mode", .number("Acted"), .number("Would have acted"), .number("Healed"),
                .number("Not healed"), .number("Running"), .number("No answer"), .number("Agreed with people"),
                .number("Given up"), .number("Due"), .number("Held"),
            ], all.map(row))
        return ConsolePage(
            title: "Policies", section: .policies,
            content: """
                \(FilesNotice(files: standings.files).html)
                <p>The last seven days, since \(HTMLText.time(standings.since)). People retried \
                \(count(people, "chain", "chains")) in this time. Healed, not healed (the run of the last \
                retry failed too) and running are chains; given up are those of them of which no retry is left; acted are requests.</p>
                \(standings.policies.isEmpty ? HTMLText.nothing("There is no policy.") : "")\(table.html)
                \(agreed)
                """)
    }

    private func row(_ it: PolicyOverview) -> [HTMLText] {
        let week = it.week
        func number(_ count: Int, isTold: Bool = false) -> HTMLText { count == 0 && !isTold ? "" : "\(count)" }
        return [
            Place.policy(it.name).link("\(it.name)"), PolicyPage.mode(it),
            number(week.acted, isTold: !it.acting.isEmpty),
            number(week.wouldHaveActed, isTold: !it.dryRun.isEmpty), number(week.healed), number(week.notHealed),
            number(week.running),
            number(week.unresolved), number(week.agreed), number(week.exhausted), number(it.due + it.waiting),
            number(it.held.values.reduce(0, +)),
        ]
    }
}

/// One policy: how it did, what it would do now, and its text.
struct PolicyPage {
    let policy: PolicyOverview
    let standings: PolicyOverviews
    let visit: Visit

    var page: ConsolePage {
        ConsolePage(
            title: policy.name, section: .policies,
            content: """
                <p>\(PolicyPage.mode(policy)) \(place)</p>
                \(lost)
                \(policy.description.map { words -> HTMLText in "<p>\(words)</p>" } ?? "")
                \(HTMLText.all(policy.demotions.map { demotion($0.instance, $0.standing) }))
                <h2>The last seven days</h2>
                <p>\(sentence)</p>\(numbers)
                <p>\(Place("record", query: ["policy": policy.name]).link("Its records"))</p>
                <h2>Now</h2>\(now)
                \(text)
                """)
    }

    /// Whether it can act anywhere, and where.
    static func mode(_ it: PolicyOverview) -> HTMLText {
        guard it.text != nil else { return .badge(Replay.number(in: it.name) == nil ? "gone" : "replay") }
        if it.isLost { return .badge("kept", .bad) }
        if it.mode == .off { return .mode(.off) }
        // It went back by itself, or its instance is in dry-run, whatever it says.
        let back = it.demotions.map(\.instance)
        let others = it.dryRun.filter { !back.contains($0) }
        var why: [String] = []
        if !back.isEmpty { why.append("went back to dry-run by itself\(where_(back, of: it))") }
        if it.mode == .enforce, !others.isEmpty { why.append("\(others.joined(separator: ", ")) in dry-run") }
        if !it.acting.isEmpty {
            let rest = why.isEmpty ? "" : " on \(it.acting.joined(separator: ", ")) (\(why.joined(separator: "; ")))"
            return "\(HTMLText.mode(.enforce))\(rest)"
        }
        guard it.mode == .enforce, !why.isEmpty else { return .mode(.dryRun) }
        return "\(HTMLText.mode(.dryRun)) (enforce, but \(why.joined(separator: "; ")))"
    }

    /// Which of its instances some are, where it has others.
    private static func where_(_ some: [String], of it: PolicyOverview) -> String {
        some.count == it.acting.count + it.dryRun.count ? "" : " on \(some.joined(separator: ", "))"
    }

    private var place: HTMLText {
        policy.place.map { place -> HTMLText in
            "<span class=\"note\">\(policy.isLost ? "stood at " : "")\(place)</span>"
        } ?? ""
    }

    /// That no file has it any more.
    private var lost: HTMLText {
        guard policy.isLost else { return "" }
        return .notice(
            "<p><strong>Its file has it no more.</strong> The agent keeps it and holds what it matches, so that no other policy acts on that, until the file has it again or <code>mendflow reload --confirm</code> lets it go.</p>",
            .bad)
    }

    /// That it went back to dry-run by itself, and what lets it act again.
    private func demotion(_ instance: String, _ standing: PolicyStanding) -> HTMLText {
        let form = visit.form(
            Place("policies", policy.name, "promote"),
            """
            <input type="hidden" name="instance" value="\(instance)">
            <label>Why<input name="reason" required maxlength="300" size="30"></label><button>Let it act again</button>
            """)
        return .notice(
            "<p><strong>It went back to dry-run by itself</strong> on \(instance), \(HTMLText.countdown(standing.demotedAt, from: visit.now)): \(standing.demotion.words).</p>\(form)"
        )
    }

    /// What it did, or would have done, as a sentence.
    private var sentence: HTMLText {
        let week = policy.week
        var parts: [HTMLText] = []
        if week.acted > 0 || week.wouldHaveActed == 0 && !policy.acting.isEmpty {
            parts.append("It <strong>acted \(times(week.acted))</strong>\(kinds(week.done))")
            if week.retried > 0 {
                parts.append(
                    " and retried \(count(week.retried, "chain", "chains")): \(week.healed) healed, \(week.notHealed) not healed\(week.running > 0 ? ", \(week.running) running" : "")"
                )
            }
            parts.append(". ")
        }
        if week.wouldHaveActed > 0 || policy.acting.isEmpty {
            parts.append(
                "In dry-run it <strong>would have acted \(times(week.wouldHaveActed))</strong>\(kinds(week.wouldHave)). "
            )
        }
        if week.chains > 0 {
            parts.append(
                "That is \(count(week.chains, "chain", "chains")), of which people retried \(week.agreed); in all they retried \(standings.retriedByPeople). "
            )
        }
        if week.unresolved > 0 {
            parts.append(
                "\(Place("inbox").link("\(count(week.unresolved, "request has", "requests have")) no answer")). ")
        }
        return .all(parts, between: "")
    }

    private func times(_ number: Int) -> String { count(number, "time", "times") }

    private func kinds(_ counts: [ActionKind: Int]) -> String {
        guard !counts.isEmpty else { return "" }
        let parts = counts.sorted { $0.key < $1.key }.map { kind, number in
            count(number, kind.rawValue, kind == .retry ? "retries" : "\(kind.rawValue)s")
        }
        return " (\(parts.joined(separator: ", ")))"
    }

    private var numbers: HTMLText {
        let week = policy.week
        return .facts([
            ("did nothing for certain", week.void > 0 ? "\(week.void)" : ""),
            ("not sent after a last look", week.unsent > 0 ? "\(week.unsent)" : ""),
            ("chains given up", week.exhausted > 0 ? "\(week.exhausted)" : ""),
            ("last", week.last.map { .time($0) } ?? ""),
        ])
    }

    private var now: HTMLText {
        let held = policy.held.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        let items = held.map { reason, number -> HTMLText in
            let place = Place("held", query: ["reason": reason.rawValue, "policy": policy.name])
            return "<li>\(number) \(place.link("\(reason.rawValue)")): \(reason.words)</li>"
        }
        let list: HTMLText = items.isEmpty ? "" : "<ul>\(HTMLText.all(items))</ul>"
        let holds = items.isEmpty ? "nothing is held" : "held are"
        return "<p>\(policy.due) due now, \(policy.waiting) waiting, \(holds)\(items.isEmpty ? "." : ":")</p>\(list)"
    }

    private var text: HTMLText {
        guard let text = policy.text else {
            return HTMLText.nothing("This policy is not in force any more; what it did is on record.")
        }
        return "<h2>Its text</h2><pre tabindex=\"0\"><code>\(HTMLText.block(text))</code></pre>"
    }
}
