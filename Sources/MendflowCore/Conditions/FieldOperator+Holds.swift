extension FieldOperator {
    /// Whether an operator holds for a known value. It never holds for a value of another kind.
    public static func holds(_ operation: FieldOperator, _ value: FieldValue) -> Bool {
        switch (operation, value) {
        case (.exists(let wanted), .set(let texts)): wanted != texts.isEmpty
        case (.exists(let wanted), _): wanted
        case (.anyOf(let matches), .text(let text)): matches.contains { $0.matches(text) }
        case (.anyOf(let matches), .set(let texts)): texts.contains { text in matches.contains { $0.matches(text) } }
        case (.noneOf(let matches), .text(let text)): !matches.contains { $0.matches(text) }
        case (.noneOf(let matches), .set(let texts)): !texts.contains { text in matches.contains { $0.matches(text) } }
        case (.number(let comparison, let wanted), .number(let number)): comparison.holds(number, wanted)
        case (.numberIn(let wanted), .number(let number)): wanted.contains(number)
        case (.numberNotIn(let wanted), .number(let number)): !wanted.contains(number)
        case (.period(let comparison, let wanted), .period(let period)): comparison.holds(period, wanted)
        case (.between(let from, let to), .time(let time)):
            from.map { time >= $0 } ?? true && to.map { time < $0 } ?? true
        case (.flag(let wanted), .flag(let flag)): wanted == flag
        default: false
        }
    }

    /// The operator's verdict on a fact, by semantics 2 and 3.
    public func verdict(on fact: Fact<FieldValue>) -> Ternary {
        switch fact {
        case .known(.shared(let own, let all)):
            let (byItself, inChain) = (FieldOperator.holds(self, .set(own)), FieldOperator.holds(self, .set(all)))
            return byItself == inChain ? Ternary(byItself) : .unknown
        case .known(let value): return Ternary(FieldOperator.holds(self, value))
        case .absent:
            if case .exists(let wanted) = self { return Ternary(!wanted) }
            return .no
        case .unknown: return .unknown
        case .needs: return .needs
        }
    }
}
