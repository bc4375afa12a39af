package import MendflowCore
import MendflowLedger

// Latches and decisions, at random.
extension RandomEvents {
    package mutating func latch() -> Latch {
        let fact: Latch.Fact =
            switch below(8) {
            case 0: .healed
            case 1: .exhausted(policy: text())
            case 2: .closed(pick(ActionKind.allCases))
            case 3: .child(execution())
            case 4: .gone
            case 5: .personRetried(execution())
            case 6: .outcomeUnknown
            default: .ranNothing
            }
        return Latch(fact, execution(), at: time())
    }

    mutating func decision() -> DecidedExecution {
        DecidedExecution(
            instance: instance(), execution: execution(), root: execution(), isShadow: oneIn(2), now: time(),
            parts: [part()] + some(2) { $0.part() }, evidence: decisionEvidence())
    }

    private mutating func part() -> DecidedExecution.Part {
        let verdict = LedgerView.RecordedVerdict.Part(
            policy: maybe { $0.text() }, version: maybe { $0.text() }, status: pick(ExecutionStatus.allCases),
            phase: oneIn(3) ? .act : oneIn(3) ? .capped : .held(pick(Reason.allCases)))
        return DecidedExecution.Part(
            verdict: verdict, label: oneIn(2) ? verdict.phase.rawValue : text(), request: maybe { $0.text() },
            until: maybe { $0.time() }, why: maybe { $0.text() }, takenFrom: maybe { $0.text() },
            bulkHeld: maybe { $0.text() })
    }
}
