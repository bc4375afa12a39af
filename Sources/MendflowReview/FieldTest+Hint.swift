import MendflowCore
import MendflowText

extension FieldTest {
    /// How near what was found is to what was wanted, where the eye passes over it or a sum is to be done; nil elsewhere.
    func hint(_ fact: Fact<FieldValue>) -> String? {
        guard case .known(let value) = fact else { return nil }
        return operators.lazy.compactMap { hint($0, value) }.first
    }

    private func hint(_ operation: FieldOperator, _ value: FieldValue) -> String? {
        let isGrowing = field == .age || field == .startedAgo
        return switch (operation, value) {
        case (.anyOf(let matches), .text(let text)): FieldTest.hint(matches, [text])
        case (.anyOf(let matches), .set(let texts)): FieldTest.hint(matches, texts)
        case (.period(let comparison, let wanted), .period(let found)):
            FieldTest.hint(comparison, wanted, found, isGrowing)
        case (.number(let comparison, let wanted), .number(let found)) where !comparison.holds(found, wanted):
            "\(field.amount(Int64((wanted - found).magnitude))) too \(found < wanted ? "few" : "many")"
        default: nil
        }
    }

    private static func hint(_ matches: [TextMatch], _ texts: [String]) -> String? {
        let wanted = matches.filter(\.isLiteral).map(\.source)
        for text in texts where !matches.contains(where: { $0.matches(text) }) {
            if wanted.contains(where: { $0.lowercased() == text.lowercased() }) {
                return "only upper and lower case differ"
            }
            if let near = wanted.first(where: { FieldTest.squeezed($0) == FieldTest.squeezed(text) }) {
                return "only blanks differ: '\(near)' and '\(text)'"
            }
            if let near = Spelling.nearest(to: text, among: wanted) { return "spelt nearly alike: '\(near)'" }
        }
        return nil
    }

    /// Without blanks, of which some look like none.
    private static func squeezed(_ text: String) -> String { text.filter { !$0.isWhitespace } }

    private static func hint(
        _ comparison: Comparison, _ wanted: Period, _ found: Period, _ isGrowing: Bool
    ) -> String? {
        guard !comparison.holds(found, wanted) else { return nil }
        let rest = Period(milliseconds: max((wanted - found).magnitude.milliseconds, 1)).rounded
        switch comparison {
        case .gt, .gte: return isGrowing ? "holds in \(rest)" : "\(rest) too short"
        case .lt, .lte: return "\(rest) too long"
        }
    }
}
