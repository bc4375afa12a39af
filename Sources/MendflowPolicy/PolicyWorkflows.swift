public import MendflowCore
public import MendflowYAML

/// What can only be said of policies with an instance at hand.
public enum PolicyWorkflows {
    /// A warning for each exact workflow name in a `match` that no workflow of the instance bears (semantics 5).
    public static func check(_ policies: [Policy], workflows: [WorkflowInfo], instance: String) -> [Finding] {
        let names = workflows.map(\.name)
        let known = Set(names)
        var findings: [Finding] = []
        for policy in policies where policy.mode != .off && policy.instances?.contains(instance) ?? true {
            for test in policy.match?.tests ?? [] where test.field == .workflowName {
                for name in test.literals where !known.contains(name) {
                    let place = test.place ?? policy.place
                    findings.append(
                        Finding(
                            .warning, "unknown-workflow", "no workflow of `\(instance)` is named \(quoted(name))",
                            file: place.file,
                            range: SourceRange(at: SourcePosition(line: place.line, column: place.column)),
                            suggestion: nearest(name, among: names)))
                }
            }
        }
        return Finding.inOrder(findings)
    }
}

extension Condition {
    /// Every test of the tree.
    fileprivate var tests: [FieldTest] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.tests)
        case .not(let part): part.tests
        case .test(let test): [test]
        }
    }
}

extension FieldTest {
    /// The texts that are named in full.
    fileprivate var literals: [String] {
        operators.flatMap { operation in
            switch operation {
            case .anyOf(let matches), .noneOf(let matches): matches.filter(\.isLiteral).map(\.source)
            default: []
            }
        }
    }
}
