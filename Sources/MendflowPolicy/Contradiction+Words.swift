internal import MendflowCore

extension Condition.Contradiction {
    /// `error.class in [transient, auth] (4:14) and not error.class is transient (6:9) leave nothing`.
    var words: String {
        "\(Condition.Contradiction.words(one)) and \(Condition.Contradiction.words(other)) leave nothing"
    }

    private static func words(_ wanted: Condition.Wanted) -> String {
        let operators = wanted.test.operators.map(\.text).joined(separator: " and ")
        let place = wanted.test.place.map { " (\($0.line):\($0.column))" } ?? ""
        let implicit = wanted.test.isImplicit ? " (implied)" : ""
        return "\(wanted.isNegated ? "not " : "")`\(wanted.test.field.name) \(operators)`\(place)\(implicit)"
    }
}
