import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// What a person reads of an instance in five seconds: how it stands, what needs somebody, what happened, what comes next.
enum HeadlineText {
    static func lines(_ status: InstanceStatus, options: String = "") -> [ReportLine] {
        var lines: [ReportLine] = ["\(status.instance, .heading): \(word(status)), \(why(status))"]
        if let lead = status.lead { lines.append(row("led by", FleetText.words(lead))) }
        // A command, where there is one, ends the sentence.
        let needs = status.needs.map { words($0, of: status) }.map { $0.contains("mendflow ") ? $0 + options : $0 }
        if needs.isEmpty {
            lines.append(row("needs you", "nothing"))
        } else {
            lines += needs.enumerated().map { index, words in
                row(index == 0 ? "needs you" : "", StyledText(words, .held))
            }
        }
        if let recent = status.recent {
            lines.append(row("last 24 h", StyledText(happened(recent))))
            let next = next(recent, status)
            lines.append(row("next", StyledText(next.contains("mendflow ") ? next + options : next)))
        }
        return lines
    }

    private static func row(_ topic: StyledText, _ words: StyledText) -> ReportLine {
        .row(of: "headline", always: true, [topic, words])
    }

    private static func word(_ status: InstanceStatus) -> StyledText {
        switch status.standing {
        case .acting: StyledText("ACTING", .acts)
        case .dryRun: StyledText("DRY-RUN", .held)
        case .off: StyledText("OFF", .held)
        case .paused: StyledText("PAUSED", .held)
        case .suspended: StyledText("SUSPENDED", .wrong)
        case .blind: StyledText("BLIND", .wrong)
        case .unled: StyledText("NOT LED", .wrong)
        case .otherLedger: StyledText("OTHER LEDGER", .wrong)
        case .notRunning: StyledText("NOT RUNNING", .wrong)
        case .notSetUp: StyledText("NOT SET UP", .wrong)
        }
    }

    private static func why(_ status: InstanceStatus) -> String {
        let enforced = status.held.isEmpty ? "is enforced" : "that a file still has is enforced"
        let policies = status.acting.count.words("policy", "policies")
        var tick = status.record?.lastTick.map { "looked \(ago($0.at, status.now))" } ?? "has not looked yet"
        if let gap = status.record?.lastTick?.gap, status.lastingGap == nil { tick += ", and \(gap.held)" }
        return switch status.standing {
        case .acting: "\(policies) may act; \(tick)"
        case .dryRun:
            "nothing is sent"
                + (status.mode == .enforce
                    ? ", for no policy \(enforced)"
                    : status.isOverruled
                        ? ", as the agent was started with --dry-run, whatever the files say"
                        : ", as the mode is \(status.mode.rawValue)")
                + "; \(tick)"
        case .off: "nothing is looked at"
        case .paused: "\(status.record?.paused ?? ""); \(tick)"
        case .suspended:
            status.record?.alarm == nil
                ? "\(suspended(status)); \(tick)" : "n8n's database seems to be another one"
        case .blind where status.isKeyRefused: "there is no key that n8n takes; \(tick)"
        case .blind: status.isReachable ? tick : "n8n cannot be read; \(tick)"
        case .unled: "agents are there, and none of them leads it; \(tick)"
        case .otherLedger: "the agent works on \(status.elsewhere?.ledger ?? "it"), and the files name another one now"
        case .notRunning: life(status)
        case .notSetUp: "there is no ledger that knows it"
        }
    }

    private static func suspended(_ status: InstanceStatus) -> String {
        guard let gap = status.lastingGap, status.record?.refused.isEmpty ?? true else {
            return "n8n refuses what policies want"
        }
        return gap.held
    }

    /// How long ago something was.
    private static func ago(_ time: AgentTime, _ now: AgentTime) -> String {
        time > now ? "at \(time.rfc3339Seconds)" : "\(rounded(now - time)) ago"
    }

    /// Nobody reads milliseconds.
    private static func rounded(_ period: Period) -> Period {
        Period(milliseconds: (period.milliseconds + 500) / 1000 * 1000)
    }

    private static func life(_ status: InstanceStatus) -> String {
        let now = status.now
        return switch (status.life, status.errand) {
        case (.busy(let errand), _): "a command \(errand.words), and nothing else is done before an agent runs"
        case (.stopped(let time), let errand?):
            "no agent runs; a command that \(errand.past) ended \(ago(time, now))"
        case (.silent(let time), let errand?):
            "no agent runs; a command that \(errand.past) was heard of \(ago(time, now)), and did not say that it ends"
        case (let life, _): words(life, now)
        }
    }

    private static func words(_ life: AgentLife, _ now: AgentTime) -> String {
        switch life {
        case .running, .busy: "an agent runs"
        case .stopped(let time): "the agent stopped \(ago(time, now))"
        case .silent(let time): "the agent was heard of \(ago(time, now)), and did not say that it stops"
        case .never: "no agent ever has"
        }
    }

    static func words(_ need: Chore, of status: InstanceStatus) -> String {
        let named = status.isOneOfSeveral ? " -i \(status.instance)" : ""
        return switch need {
        case .otherLedger(let agent): agent.words
        case .setUp: "set it up: \(setUp(status))"
        case .adopt(let why): "is the database meant? \(why): mendflow instance adopt\(named)"
        case .doubt: "the ledger may not know all that was sent; see to that, then: mendflow resume --force"
        case .mend(let count):
            "the files have \(count.words("error", "errors")), so none of their changes counts: mendflow validate"
        case .confirm(let count):
            "the files would lose \(count.words("thing", "things")) that the agent keeps: mendflow reload"
        case .start(.busy): "start the agent once that command is done: mendflow run"
        case .start: "start the agent: mendflow run"
        case .losesAtStart(let count):
            "a start takes the files as they are, and lets \(count.words("thing", "things")) go that the agent kept: "
                + "mendflow reload"
        case .restart(let what):
            "the agent has to be restarted for \(what.map(\.description).joined(separator: ", ")) of the files to count"
        case .lead: "no agent leads it: their logs say why (lease., agent.failed), and mendflow doctor"
        case .key(let trouble): "the key: \(trouble)"
        case .reach(let trouble): "n8n cannot be read: \(trouble)"
        case .unread(let gap): "\(gap.words(at: status.now)): mendflow doctor\(named)"
        case .allow(let kind, let why): "n8n refuses to \(kind.rawValue): \(why): mendflow doctor"
        case .resolve(let count):
            count.words("request has", "requests have") + " no answer; did they run? mendflow inbox"
        case .approve(let count):
            count.words("action waits", "actions wait") + " for a yes: mendflow approve list"
        case .promote(let demotion):
            "\(demotion.policy) is back in dry-run: \(demotion.words): edit it, or mendflow promote \(demotion.policy) --reason 'why'"
        case .clock(let trouble): "clock: \(trouble)"
        case .replay(let name): "\(name) waits for your word: mendflow replay show\(named) \(name)"
        case .follow(let name): "nobody carries \(name) out: start the agent, or mendflow replay follow\(named) \(name)"
        case .replayWaits(let name, let wait):
            "\(ReplayText.words(wait, name)) (mendflow replay show\(named) \(name))"
        case .incident(let incident): "\(incident.words): mendflow incidents show \(incident.key)"
        case .missed(let absence):
            "\(absence.shortWords): mendflow explain\(named) --workflow \(absence.workflowName.asShellWord)"
        case .givenUp(let count):
            count.words("chain was", "chains were")
                + " given up in the last day: mendflow report\(named) --last 1d"
        }
    }

    /// The command that makes an instance's baseline.
    static func setUp(_ status: InstanceStatus) -> String {
        "mendflow init" + (status.isOneOfSeveral ? " --name \(status.instance)" : "")
    }

    private static func happened(_ it: RecentActivity) -> String {
        var parts = counts(it.done, "")
        parts += counts(it.wouldHave, " in dry-run")
        for (number, one, many) in [
            (it.healed, "chain healed", "chains healed"), (it.givenUp, "given up", "given up"),
            (it.unanswered, "without an answer", "without an answer"), (it.void, "did nothing", "did nothing"),
            (it.unsent, "not sent after a last look", "not sent after a last look"),
            (it.underWay, "on its way", "on their way"),
        ] where number > 0 { parts.append(number.words(one, many)) }
        if it.retriedByPeople > 0 {
            parts.append("people retried \(it.retriedByPeople.words("chain", "chains"))")
        }
        if it.retriedBefore > 0 {
            parts.append("people had retried \(it.retriedBefore.words("chain", "chains")) before `init`")
        }
        if it.retriedBySomebody > 0 {
            parts.append(
                "\(it.retriedBySomebody.words("chain", "chains")) retried by people or by us, the ledger cannot tell"
            )
        }
        return parts.isEmpty ? "nothing was done" : parts.joined(separator: ", ")
    }

    private static func counts(_ kinds: [ActionKind: Int], _ mark: String) -> [String] {
        kinds.sorted { $0.key < $1.key }.map { kind, count in
            count.words(kind.rawValue, kind == .retry ? "retries" : "\(kind.rawValue)s") + mark
        }
    }

    private static func next(_ it: RecentActivity, _ status: InstanceStatus) -> String {
        if status.standing == .off { return "nothing, as long as its mode is off" }
        let after = status.nothingBefore.map { "nothing before \($0); then " } ?? ""
        var parts: [String] = []
        if let due = status.due.first {
            let more = status.due.count > 1 ? ", and \(status.due.count - 1) more later" : ""
            let dry = due.isDryRun ? ", in dry-run" : ""
            let when = after.isEmpty ? "in \(rounded(due.at - status.now))" : "not before \(due.at.rfc3339Seconds)"
            parts.append("\(due.execution) by \(due.policy) \(when)\(dry)\(more)")
        }
        func wait(_ count: Int, _ what: String) {
            guard count > 0 else { return }
            parts.append("\(count.words("execution waits", "executions wait")) for \(what)")
        }
        wait(status.capped, "room in a cap such as `max_actions`")
        wait(it.heldByIncidents, "what an incident lets go")
        guard !parts.isEmpty else { return "nothing waits for its time" }
        return after + parts.joined(separator: "; ") + (status.capped + it.heldByIncidents > 0 ? ": mendflow plan" : "")
    }
}
