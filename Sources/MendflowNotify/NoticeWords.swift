import MendflowCore
import MendflowLedger
import MendflowReview
import MendflowText

/// What people read of a notice.
enum NoticeWords {
    /// The most characters of a line and of a text: what stands in a record may be long.
    static let longestSubject = 200, longestText = 2000

    /// A text without what shows nothing by itself, cut where it is long.
    static func bounded(_ text: String, _ most: Int) -> String {
        let shown = VisibleText.block(text)
        return shown.count <= most ? shown : shown.prefix(most - 1) + "…"
    }

    static func deed(_ action: ActionKind) -> String {
        switch action {
        case .retry: "a retry"
        case .stop: "a stop"
        case .tag: "tags"
        case .bulkStop: "a bulk stop"
        case .delete: "a deletion"
        }
    }

    // Requests without an answer.

    static func unresolved(_ intent: IntentRef) -> String {
        "\(intent.instance.name): nobody knows whether \(deed(intent.action)) of execution \(intent.execution) ran"
            + " [\(intent.policy)]"
    }

    static func unresolvedText(_ intent: IntentRef, _ settlement: Settlement) -> String {
        let why = settlement.evidence?.summary.map { " (\($0))" } ?? ""
        return "The request was sent and no answer tells what it did\(why). Nothing of it is sent again before that is "
            + "settled. Look in n8n, then say so:\n"
            + "mendflow resolve \(intent.id) --ran --reason 'seen in n8n'\n"
            + "mendflow resolve \(intent.id) --not-run --reason 'not in n8n'"
    }

    static func unresolvedOver(_ intent: IntentRef) -> String {
        "\(intent.instance.name): \(deed(intent.action)) of execution \(intent.execution) is settled [\(intent.policy)]"
    }

    static func settled(_ settlement: Settlement) -> String {
        let what =
            switch settlement.state {
            case .applied: "It ran"
            case .void: "It did nothing"
            default: "It is \(settlement.state.rawValue)"
            }
        return what + (settlement.evidence?.summary.map { ": \($0)" } ?? "")
    }

    // Chains.

    static func chain(
        _ instance: String, _ root: ExecutionID, _ policy: String, _ phase: Notice.Phase
    ) -> (subject: String, text: String) {
        if phase == .over {
            return (
                "\(instance): execution \(root) healed after all [\(policy)]",
                "The policy had given it up. Some run of its chain succeeded since."
            )
        }
        return (
            "\(instance): execution \(root) is given up [\(policy)]",
            "The policy has used up its retries or its time, and the chain has not healed.\n"
                + "mendflow explain \(root) says what was tried."
        )
    }
}

// Instances and the agent.
extension NoticeWords {
    static func suspended(_ instance: String, _ action: ActionKind, _ reason: String) -> (String, String) {
        (
            "\(instance): n8n refuses the key \(deed(action))",
            "\(reason)\nNothing of the kind is sent there until the agent is started again. "
                + "mendflow doctor says which scope the key lacks."
        )
    }

    static func restored(_ instance: String, _ action: ActionKind) -> (String, String) {
        ("\(instance): \(deed(action)) is tried again", "The agent was started again, or the key was changed.")
    }

    static func alarm(_ instance: String, _ reason: String) -> (String, String) {
        (
            "\(instance): n8n's database seems to be another one",
            "\(reason)\nNothing is done there until somebody says that the database is meant:\n"
                + "mendflow instance adopt --instance \(instance.asShellWord) --reason 'restored from a backup'"
        )
    }

    static func adopted(_ key: InstanceKey, _ who: String, _ reason: String) -> (String, String) {
        ("\(key.name): the database is accepted by \(who)", "Epoch \(key.epoch) begins: \(reason)")
    }

    static func unwatched(_ instance: String, _ from: ServerTime, _ to: ServerTime) -> (String, String) {
        (
            "\(instance): nobody looked from \(from.rfc3339) to \(to.rfc3339)",
            "That is longer than the look-back. What failed and was pruned in that time nobody has seen."
        )
    }

    static func unread(_ instance: String, _ gap: ReadingGap) -> (String, String) {
        (
            "\(instance): not all of n8n can be read: \(gap.held)",
            "Since \(gap.since.rfc3339Seconds): \(gap.why)\nWhat to do: \(gap.remedy).\nmendflow status says how it stands now."
        )
    }

    static func readAgain(_ instance: String, _ since: AgentTime, ofData: Bool) -> (String, String) {
        (
            "\(instance): \(ofData ? "the data of failed runs" : "all of n8n") can be read again",
            "It could not be since \(since.rfc3339Seconds). What was held for that goes on by itself."
        )
    }

    static func left(_ instance: String, by epoch: Int, ofData: Bool) -> (String, String) {
        (
            "\(instance): \(ofData ? "the data of failed runs" : "what") could not be read of the former database is no matter any more",
            "The database is another one by now, and epoch \(epoch) began. What cannot be read of this one is told anew."
        )
    }

    static func paused(
        _ instance: String?, _ reason: String, _ who: String, _ until: AgentTime?
    ) -> (String, String) {
        (
            "\(instance ?? "all instances"): paused by \(who)",
            (reason.isEmpty ? "No reason was given." : reason)
                + (until.map { "\nIt ends by itself at \($0.rfc3339Seconds)." } ?? "\nUntil mendflow resume.")
        )
    }

    static func inDoubt(_ reason: String) -> (String, String) {
        (
            "all instances: paused, for the ledger may not know all that was sent",
            "\(reason)\nNothing is sent until that is seen to: mendflow resume --force."
        )
    }

    static func resumed(_ instance: String?, _ who: String) -> (String, String) {
        (
            "\(instance ?? "all instances"): acting again",
            who.isEmpty ? "The pause ended by itself, as it was set." : "Resumed by \(who)."
        )
    }

    static func replay(_ start: ReplayStart) -> (String, String) {
        (
            "\(start.name): \(start.total.words("execution is", "executions are")) retried, by \(start.by)",
            "\(start.reason)\nChosen by: \(start.selection)"
        )
    }

    static func replay(_ instance: String, _ move: ReplayMove) -> (String, String) {
        let who = move.by.isEmpty ? "" : " by \(move.by)"
        return (
            "\(instance): \(move.name) is \(move.state.rawValue)\(who)",
            move.why + "\nmendflow replay show \(move.name) says what became of each execution."
        )
    }

    static func started(_ started: AgentStarted) -> (String, String) {
        let losses = started.unconfirmed.map { "let go by this start, with nobody's word: \($0.words)" }
        let lines = ["Mendflow \(started.version), mode \(started.mode.rawValue)"] + losses
        return ("the agent started", lines.joined(separator: "\n"))
    }

    static func reloaded(_ reload: FilesReloaded) -> (String, String) {
        var lines = reload.inForce.policies.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.mode.rawValue)" }
        if !reload.held.isEmpty {
            lines.append("held, for their file is gone: \(reload.held.joined(separator: ", "))")
        }
        return ("other policies are in force", lines.joined(separator: "\n"))
    }

    static func undelivered(_ entry: ChannelEntry) -> (String, String) {
        let count = entry.records.count
        return (
            "\(count.words("message", "messages")) could not be told by channel '\(entry.channel)'",
            "\(entry.why)\nThe records: \(entry.records.map(String.init).joined(separator: ", "))"
        )
    }
}

// Policies that ask first, and those that went back to dry-run.
extension NoticeWords {
    static func asked(_ id: ApprovalID, _ ask: ApprovalAsk) -> (String, String) {
        let draft = ask.draft
        let workflow = ask.workflowName.map { " of '\($0)'" } ?? ""
        var lines = [ask.request]
        if let errorClass = ask.errorClass { lines.append("It failed as \(errorClass.rawValue).") }
        if let risk = ask.risk, risk != .none { lines.append("It may do again what was done: \(risk.rawValue).") }
        lines.append("An answer counts until \(ask.expiresAt.rfc3339Seconds):")
        lines += ["mendflow approve \(id.number)", "mendflow decline \(id.number) --reason 'not now'"]
        return (
            "\(draft.instance.name): may \(draft.policy) send \(deed(draft.action)) for execution \(draft.execution)\(workflow)?",
            lines.joined(separator: "\n")
        )
    }

    static func answered(_ reference: ApprovalRef, _ answer: ApprovalAnswer) -> (String, String) {
        (
            "\(reference.instance.name): \(answer.by) says \(answer.isYes ? "yes" : "no") to \(about(reference.topic))",
            answer.note
        )
    }

    static func closed(_ reference: ApprovalRef, _ end: ApprovalEnd) -> (String, String) {
        if end.isOfYes {
            return (
                "\(reference.instance.name): the yes to \(about(reference.topic)) was not carried out",
                "\(end.why). An edit of the policy, or a newer failed run of the chain, asks anew.\n"
                    + "mendflow explain \(reference.topic.execution) says what held it."
            )
        }
        let how = end.kind == .expired ? "nobody answered in time about" : "nobody is asked any more about"
        return ("\(reference.instance.name): \(how) \(about(reference.topic))", end.why)
    }

    private static func about(_ topic: ApprovalTopic) -> String {
        "\(deed(topic.action)) for execution \(topic.execution) [\(topic.policy)]"
    }

    static func demoted(_ instance: String, _ demotion: Demotion) -> (String, String) {
        (
            "\(instance): \(demotion.policy) went back to dry-run: it heals too little",
            "\(demotion.words).\nmendflow promote \(demotion.policy.asShellWord) --reason 'why' lets it act again, as does another text of it."
        )
    }

    static func promoted(_ instance: String, _ promotion: Promotion) -> (String, String) {
        ("\(instance): \(promotion.policy) may act again, says \(promotion.by)", promotion.reason)
    }
}

// What went wrong beyond single runs.
extension NoticeWords {
    static func incident(_ instance: String, _ incident: Incident) -> (String, String) {
        let held =
            incident.holding == nil
            ? "" : " Its retries are held; one is sent to see whether that heals, then the others at a pace."
        return (
            "\(instance): \(incident.words)",
            "Workflows: \(incident.extent.workflows.joined(separator: ", ")).\(held)\n\(incident.key)"
        )
    }

    static func incident(_ instance: String, _ end: IncidentEnd) -> (String, String) {
        ("\(instance): \(end.words)", "It opened at \(end.openedAt.rfc3339Seconds).\n\(end.key)")
    }

    static func absence(_ instance: String, _ absence: Absence) -> (String, String) {
        ("\(instance): '\(absence.workflowName)' did not run [\(absence.key.policy)]", "\(absence.words).")
    }

    static func absence(_ instance: String, _ end: AbsenceEnd) -> (String, String) {
        (
            "\(instance): '\(end.workflowName)' is missing no more: \(end.cause.words) [\(end.key.policy)]",
            "A run was missing since \(end.since.rfc3339Seconds)."
        )
    }
}
