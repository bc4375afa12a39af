import MendflowCore
package import MendflowLedger
import Testing

/// That workflow w1 did not run as policy p wants it to.
package func absenceBegan(_ policy: String = "p", shadow: Bool = false) -> LedgerEvent {
    .absenceBegan(production, absence(policy, shadow: shadow))
}

private func absence(_ policy: String = "p", shadow: Bool = false) -> Absence {
    Absence(
        AbsenceKey(policy, "w1"), version: "v", workflowName: "Nightly import", within: .hours(26), since: at(3),
        last: "41", lastStatus: .success, lastEnded: at(2), isShadow: shadow)
}

private func ended(_ cause: AbsenceEnd.Cause = .ran, shadow: Bool = false) -> LedgerEvent {
    .absenceEnded(production, AbsenceEnd(absence(shadow: shadow), cause, run: "50", ranAt: at(8)))
}

extension StoreRule {
    static let absences: [StoreRule] = [
        StoreRule("an absence is told once, whatever process would tell it again, and again when it was over") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), absenceBegan()])
            try await ledger.expect(.absence(absence().words), of: [absenceBegan()])
            try await ledger.expect(.absence(absence().words), of: [absenceBegan(shadow: true)])
            try await ledger.append([absenceBegan("other"), ended(), absenceBegan()])
        },
        StoreRule("nothing ends that did not begin, nor what only the other of dry-run and enforce was told") { home in
            let ledger = try await TestLedger(home)
            let nothing = LedgerRefusal.absence("nothing is missed of 'Nightly import' by p")
            try await ledger.append(initialised())
            try await ledger.expect(nothing, of: [ended()])
            try await ledger.append(absenceBegan(shadow: true))
            try await ledger.expect(nothing, of: [ended()])
            try await ledger.append(ended(.switchedOff, shadow: true))
            try await ledger.expect(nothing, of: [ended(shadow: true)])
        },
        StoreRule("an absence is known however little of the ledger is loaded, and one of dry-run to dry-run alone") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), absenceBegan(), absenceBegan("q", shadow: true)], at: 5)
            let real = try await ledger.view(since: 100)
            #expect(real.absences == [AbsenceKey("p", "w1"): absence()])
            let all = try await ledger.view(since: 100, shadow: true)
            #expect(all.absences.keys.sorted() == [AbsenceKey("p", "w1"), AbsenceKey("q", "w1")])
        },
    ]
}
