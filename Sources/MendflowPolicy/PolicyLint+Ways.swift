internal import MendflowCore
internal import MendflowYAML

/// Warnings about some of the ways in which a policy matches, where the others may be meant.
extension PolicyLint {
    /// Stops that end runs which wait for a person or a call: nobody wakes them again.
    func checkEvents(_ policy: Policy, _ written: Condition, _ map: MapReader) {
        let isBulk: Bool
        switch policy.remediation {
        case .stop: isBulk = false
        case .bulkStop: isBulk = true
        default: return
        }
        let mayHit =
            written.ways.map { ways in ways.contains { PolicyLint.mayWaitForEvent($0) } }
            ?? (written.statuses?.contains(.waiting) == true && !written.fields.contains(.waitingFor))
        guard mayHit else { return }
        report.warning(
            "stop-may-hit-events", "this also stops runs that wait for an approval, a form or a webhook",
            at: map["match"]?["status"]?.range ?? map["match"]?.range,
            notes: [
                isBulk
                    ? "n8n's bulk stop cannot tell them apart: use stop, with waiting_for: timer"
                    : "add waiting_for: timer or waiting_for: event to say which are meant"
            ])
    }

    private static func mayWaitForEvent(_ way: [Condition.Wanted]) -> Bool {
        let condition = Condition.all(way.map(\.condition))
        guard condition.statuses?.contains(.waiting) ?? true, !condition.neverHolds else { return false }
        return !way.contains { $0.test.field == .waitingFor }
    }

    /// Retries of failures that the same input and the same workflow meet again.
    func checkClasses(_ policy: Policy, _ written: Condition, _ map: MapReader) {
        guard case .retry(let action)? = policy.remediation, written.fields.contains(.errorClass),
            let ways = written.ways
        else { return }
        // A workflow that was mended since is what helps these.
        let mended: Set<ErrorClass> = action.loadWorkflow ? [.data, .configuration] : []
        let hopeless = ErrorClass.notHelpedByRetry.subtracting(mended)
        var found: Set<ErrorClass> = []
        var place: SourcePlace?
        for way in ways {
            let tests = way.filter { $0.test.field == .errorClass }
            let named = ErrorClass.allCases.filter { errorClass in
                tests.contains { $0.names(errorClass) }
                    && tests.flatMap(\.operators).allSatisfy { FieldOperator.holds($0, .text(errorClass.rawValue)) }
            }
            guard !hopeless.isDisjoint(with: named) else { continue }
            found.formUnion(hopeless.intersection(named))
            place = place ?? tests.first?.test.place
        }
        guard !found.isEmpty else { return }
        let names = ErrorClass.allCases.filter(found.contains).map { "`\($0.rawValue)`" }.joined(separator: ", ")
        report.warning(
            "never-heals", "a retry of the same run does not help \(names)",
            at: place.map { SourceRange(at: SourcePosition(line: $0.line, column: $0.column)) } ?? map["match"]?.range,
            notes: [
                found.isDisjoint(with: [.data, .configuration])
                    ? "take it out, or tag such runs, so that a person mends what is wrong"
                    : "take it out, tag such runs for a person, or say load_workflow: true to retry what was mended since"
            ])
    }
}

extension Condition.Wanted {
    /// Whether the author wrote that a class is wanted.
    fileprivate func names(_ errorClass: ErrorClass) -> Bool {
        !isNegated
            && test.operators.contains { operation in
                guard case .anyOf(let matches) = operation else { return false }
                return matches.contains { $0.isLiteral && $0.source == errorClass.rawValue }
            }
    }
}
