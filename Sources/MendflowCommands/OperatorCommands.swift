import MendflowCommandLine
import MendflowCore
import MendflowOperations
import MendflowWorkspace

extension CommandContext {
    /// `status`
    func status() async throws(MendflowFailure) -> ExitStatus {
        let all = try await StatusQuery.run(try workspace(), instance: values[Options.oneOfAll])
        if isJSON {
            console.json(StatusJSON(instances: all))
        } else {
            console.result(all.map(StatusText.render).joined(separator: "\n\n"))
        }
        guard all.allSatisfy(\.reachable) else { return .unreachable }
        return all.allSatisfy { $0.alarm == nil } ? .done : .failure
    }

    /// `inbox`
    func inbox() async throws(MendflowFailure) -> ExitStatus {
        let inbox = try await Inbox.read(try workspace())
        if isJSON { console.json(inbox) } else { console.result(InboxText.render(inbox)) }
        return .done
    }

    /// `resolve`
    func resolve() async throws(MendflowFailure) -> ExitStatus {
        let id = values[Options.intent]
        let ran = values[Options.ran]
        try await ResolveCommand.run(try workspace(), id: Int64(id), ran: ran, reason: values[Options.reason])
        if isJSON {
            console.json(Resolved(intent: id, ran: ran))
        } else {
            console.result(
                ran
                    ? "intent \(id) is settled as ran: it counts as a retry made"
                    : "intent \(id) is settled as not run: its policy may send it again")
        }
        return .done
    }

    private struct Resolved: Encodable { var intent: Int, ran: Bool }

    /// `pause`
    func pause() async throws(MendflowFailure) -> ExitStatus {
        let outcome = try await KillSwitch.pause(
            try workspace(), instance: values[Options.oneOfAll], reason: values[Options.reason])
        if isJSON {
            console.json(outcome)
        } else {
            console.result("\(outcome.instances.joined(separator: ", ")): paused; evaluating and recording go on")
        }
        return .done
    }

    /// `resume`
    func resume() async throws(MendflowFailure) -> ExitStatus {
        let outcome = try await KillSwitch.resume(try workspace(), instance: values[Options.oneOfAll])
        if isJSON {
            console.json(outcome)
        } else {
            let names = outcome.instances.joined(separator: ", ")
            for pause in outcome.lifted { console.result(Console.oneLine("lifted the pause of \(pause)")) }
            if outcome.stillPaused == nil {
                console.result(outcome.lifted.isEmpty ? "\(names): was not paused" : "\(names): acting again")
            }
        }
        guard let reason = outcome.stillPaused else { return .done }
        let words = "all instances are paused (\(reason)); `mendflow resume` without --instance lifts that"
        console.message("mendflow: \(Console.oneLine(words))")
        return .failure
    }
}

/// `status` as JSON.
struct StatusJSON: Encodable {
    var instances: [StatusQuery.Status]
}

/// The state of an instance as text.
enum StatusText {
    static func render(_ status: StatusQuery.Status) -> String {
        func names(_ names: [String]) -> String { names.isEmpty ? "no policy" : names.joined(separator: ", ") }
        var lines = ["\(status.instance)  \(status.url)  \(status.reachable ? "reachable" : "NOT REACHABLE")"]
        if let trouble = status.trouble { lines.append("  \(trouble)") }
        lines.append("  mode \(status.mode); can act: \(names(status.acting)); in dry-run: \(names(status.dryRun))")
        guard status.initialised else {
            return Console.lines(lines + ["  no ledger yet; `mendflow init` makes one"])
        }
        if let alarm = status.alarm { lines.append("  EPOCH ALARM: \(alarm)") }
        if let paused = status.paused { lines.append("  PAUSED: \(paused)") }
        lines += status.refused.map { "  the key may not \($0)" }
        let tick = status.lastTick.map { "last tick \($0) at \(status.lastTickAt ?? "-")" } ?? "no tick yet"
        lines.append("  \(tick); epoch \(status.epoch ?? 1), what ended before \(status.since ?? "-") is left alone")
        if let rows = status.rows {
            lines.append(
                "  it saw \(rows) rows up to \(status.accounted ?? "none"), \(status.live ?? 0) live; \(status.missingIds ?? 0) "
                    + "ids are not there; failed ones swept \(status.sweptAt.map { "at \($0)" } ?? "not yet")")
        }
        if let from = status.coveredFrom {
            lines.append("  retries of executions below \(from) are not all read yet: those chains are held")
        }
        lines.append(
            "  under way \(status.underWay), unresolved \(status.unresolved), exhausted chains \(status.exhausted)")
        if let head = status.ledgerHead { lines.append("  ledger head \(head)") }
        return Console.lines(lines)
    }
}

/// What waits for a person, as text.
enum InboxText {
    static func render(_ inbox: Inbox) -> String {
        var lines = inbox.alarms.map { "EPOCH ALARM on \($0.instance): \($0.words)" }
        if inbox.unresolved.isEmpty {
            lines.append("Nothing is unresolved.")
        } else {
            lines.append("Requests that nobody answered; look in n8n whether they ran")
            for item in inbox.unresolved {
                lines.append(
                    "  \(item.id)  \(item.action) of \(item.execution) on \(item.instance) [\(item.policy)], sent "
                        + "\(item.sentAt ?? "-")" + (item.note.isEmpty ? "" : ": \(item.note)"))
                if let link = item.link { lines.append("     \(link)") }
            }
            lines.append("  then: mendflow resolve NUMBER --ran|--not-run --reason TEXT")
        }
        if inbox.younger > 0 {
            lines.append(
                "\(inbox.younger) more without an answer for less than \(Inbox.age): it may still show up in n8n")
        }
        if !inbox.held.isEmpty {
            lines += ["", "Chains that are held; `mendflow explain ID` says why"]
            for item in inbox.held {
                lines.append("  \(item.count) \(item.reason) on \(item.instance), for example \(item.example)")
            }
        }
        return Console.lines(lines)
    }
}
