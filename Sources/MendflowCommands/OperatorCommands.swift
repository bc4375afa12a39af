import MendflowApp
import MendflowCommandLine
import MendflowCore

extension CommandContext {
    /// `status`
    func status() async throws(MendflowFailure) -> ExitStatus {
        let all = try await Operators.status(try workspace(), instance: values[Options.instance])
        if isJSON {
            console.json(all)
        } else {
            for status in all {
                console.result("\(status.instance)  \(status.url)  \(status.reachable ? "reachable" : "NOT REACHABLE")")
                if let trouble = status.trouble { console.result("  \(trouble)") }
                console.result(
                    "  mode \(status.mode), can act: \(status.acting.isEmpty ? "no policy" : status.acting.joined(separator: ", "))"
                )
                guard status.initialised else {
                    console.result("  no ledger yet; `mendflow init` makes one")
                    continue
                }
                if let paused = status.paused { console.result("  PAUSED: \(paused)") }
                console.result(
                    "  since \(status.since ?? "-"), last tick \(status.lastTick.map(String.init) ?? "-") at \(status.lastTickAt ?? "-")"
                )
                console.result(
                    "  under way \(status.open), unresolved \(status.unresolved), exhausted chains \(status.exhausted)")
                if !status.suspended.isEmpty {
                    console.result("  refused by n8n: \(status.suspended.joined(separator: ", "))")
                }
                console.result("  ledger head \(status.ledgerHead ?? "-")")
            }
        }
        return all.allSatisfy(\.reachable) ? .done : .unreachable
    }

    /// `inbox`
    func inbox() throws(MendflowFailure) -> ExitStatus {
        let items = try Operators.inbox(try workspace())
        if isJSON {
            console.json(items)
        } else {
            for item in items {
                console.result(
                    "\(item.id)  \(item.action) of \(item.execution) on \(item.instance) [\(item.policy)], sent \(item.sentAt ?? "-"): \(item.note)"
                )
            }
            console.result(
                items.isEmpty
                    ? "Nothing is unresolved."
                    : "Look in n8n whether it ran, then: mendflow resolve ID --ran|--not-run --reason TEXT")
        }
        return .done
    }

    /// `resolve`
    func resolve() throws(MendflowFailure) -> ExitStatus {
        let id = values[Options.intent]
        try Operators.resolve(
            try workspace(), id: Int64(id), ran: values[Options.ran], reason: values[Options.reason])
        let words = "intent \(id) is settled as \(values[Options.ran] ? "ran" : "not run")"
        if isJSON { console.json(["text": words]) } else { console.result(words) }
        return .done
    }

    /// `pause` and `resume`
    func pause(reason: String?) throws(MendflowFailure) -> ExitStatus {
        let instance = values[Options.instance]
        try Operators.pause(try workspace(), instance: instance, reason: reason)
        let state = reason == nil ? "acting again" : "paused; evaluating and recording go on"
        let words = "\(instance ?? "all instances"): \(state)"
        if isJSON { console.json(["text": words]) } else { console.result(words) }
        return .done
    }

    /// `audit tail` and `audit export`
    func auditLines(last count: Int?) throws(MendflowFailure) -> ExitStatus {
        try Audit.lines(try workspace(), last: count) { console.result($0) }
        return .done
    }

    /// `audit verify`
    func auditVerify() throws(MendflowFailure) -> ExitStatus {
        let found = try Audit.verify(try workspace())
        if isJSON {
            console.json(found)
        } else {
            console.result(
                found.intact
                    ? "\(found.records) records, the chain is intact, head \(found.head)"
                    : "BROKEN: \(found.fault ?? "")")
        }
        return found.intact ? .done : .brokenChain
    }
}
