import MendflowCore
import MendflowLedger

// What happened to the agent itself, at random.
extension RandomEvents {
    mutating func lifecycle() -> Lifecycle {
        switch below(7) {
        case 0: .started(started())
        case 1: .reloaded(reloaded())
        case 2:
            .confirmed(
                ReloadConfirmed(
                    contents: text(), by: text(), reason: maybe { $0.text() }, losses: some(2) { $0.loss() }))
        case 3: .stopped(why: text(), version: text(), agent: maybe { AgentName($0.text()) })
        case 4: .restored(restored())
        case 5: .silenced(instance: text(), until: time())
        default:
            .hinted(
                HintsArrived(
                    text(), last: time(), received: below(99), lastHour: below(9), release: maybe { $0.text() }))
        }
    }

    private mutating func started() -> AgentStarted {
        let errand: AgentStarted.Errand? =
            switch below(4) {
            case 0: .plan(text(), by: text())
            case 1: .replay(text(), by: text())
            default: nil
            }
        return AgentStarted(
            inForce(), version: text(), mode: pick(Mode.allCases), errand: errand, unconfirmed: some(2) { $0.loss() })
    }

    private mutating func reloaded() -> FilesReloaded {
        FilesReloaded(
            inForce(), why: pick(FilesReloaded.Reason.allCases), held: some(2) { $0.text() },
            waiting: some(2) { $0.loss() }, needsRestart: some(2) { $0.pick(RestartSetting.allCases) },
            hasSamePolicies: oneIn(2))
    }

    private mutating func restored() -> LedgerRestored {
        LedgerRestored(
            by: text(), reason: maybe { $0.text() }, copy: text(), head: text(),
            lost: maybe { LedgerRestored.Lost(records: $0.number(), sent: $0.some(2) { $0.text() }) })
    }

    private mutating func inForce() -> InForce {
        var found = InForce(contents: text(), agent: maybe { AgentName($0.text()) })
        for _ in 0..<below(3) {
            found.policies[text()] = InForce.Policy(version: text(), mode: pick(Mode.allCases))
            found.modes[text()] = pick(Mode.allCases)
        }
        return found
    }

    private mutating func loss() -> ReloadLoss {
        let subject: ReloadLoss.Subject =
            switch below(3) {
            case 0: .policy(text())
            case 1: .protection(instance: maybe { $0.text() })
            default: .limits(instance: text())
            }
        return ReloadLoss(subject, text())
    }
}
