internal import MendflowCore
internal import MendflowYAML

extension PolicyLint {
    /// Tests of what the runs that a policy asks for never have: then it can never match.
    func checkAbsent(_ written: Condition, _ map: MapReader) {
        guard let statuses = written.statuses, !statuses.isEmpty else { return }
        for test in written.required where !test.isImplicit && test.operators != [.exists(false)] {
            guard let needed = PolicyLint.statuses(of: test.field), statuses.isDisjoint(with: needed) else { continue }
            let names = statuses.map(\.rawValue).sorted().joined(separator: " or ")
            let place = test.place.map { SourceRange(at: SourcePosition(line: $0.line, column: $0.column)) }
            report.warning(
                "never-there", "a run that is \(names) has no `\(test.field.name)`, so that this can never match",
                at: place ?? map["match"]?.range,
                notes: ["ask for status \(needed.map(\.rawValue).sorted().joined(separator: ", "))"])
            return
        }
    }

    /// The statuses of which alone a field tells something; nil where that depends on more.
    private static func statuses(of field: Field) -> Set<ExecutionStatus>? {
        if field == .waitingFor || field == .overdue { return [.waiting] }
        return ImpliedConditions.isAboutError(field) ? [.error, .crashed, .canceled] : nil
    }
}
