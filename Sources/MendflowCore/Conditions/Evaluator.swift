/// Gives the facts that conditions test, such as a run within its chain.
public protocol FactSource {
    /// The fact of one field.
    func fact(_ field: Field) -> Fact<FieldValue>
}

/// Watches an evaluation. `NoTrace` watches nothing and costs nothing; the tracer of `explain` keeps the whole tree
/// with the wanted and the actual values.
public protocol ConditionTracer {
    /// Whether every branch is to be evaluated, even if the verdict is certain already.
    static var walksAll: Bool { get }
    /// A group begins.
    mutating func enter(_ condition: Condition)
    /// A group ends.
    mutating func leave(_ verdict: Ternary)
    /// A field was tested.
    mutating func tested(_ test: FieldTest, _ fact: Fact<FieldValue>, _ verdict: Ternary)
}

/// Watches nothing.
public struct NoTrace: ConditionTracer {
    /// Evaluation stops as soon as the verdict is certain.
    public static var walksAll: Bool { false }
    /// Makes one.
    public init() {}
    /// Ignores it.
    @inlinable public func enter(_ condition: Condition) {}
    /// Ignores it.
    @inlinable public func leave(_ verdict: Ternary) {}
    /// Ignores it.
    @inlinable public func tested(_ test: FieldTest, _ fact: Fact<FieldValue>, _ verdict: Ternary) {}
}

/// Evaluates a tree of conditions; collects the facts that have to be fetched first.
public struct Evaluator<Tracer: ConditionTracer> {
    /// The watcher.
    public var tracer: Tracer
    /// Facts that were asked for and have to be fetched first.
    public var needs: [Need] = []

    /// Makes an evaluator.
    public init(tracer: Tracer) { self.tracer = tracer }

    /// The verdict of a tree (semantics 2). What unknown means is decided by the caller: no in a match, yes in an
    /// exception or a protection.
    public mutating func evaluate(_ condition: Condition, _ facts: borrowing some FactSource) -> Ternary {
        switch condition {
        case .test(let test):
            return evaluate(test, facts)
        case .not(let part):
            tracer.enter(condition)
            let verdict = evaluate(part, facts).negated
            tracer.leave(verdict)
            return verdict
        case .all(let parts):
            tracer.enter(condition)
            var verdict = Ternary.yes
            for part in parts {
                verdict = verdict.and(evaluate(part, facts))
                if verdict == .no, !Tracer.walksAll { break }
            }
            tracer.leave(verdict)
            return verdict
        case .any(let parts):
            tracer.enter(condition)
            var verdict = Ternary.no
            for part in parts {
                verdict = verdict.or(evaluate(part, facts))
                if verdict == .yes, !Tracer.walksAll { break }
            }
            tracer.leave(verdict)
            return verdict
        }
    }

    private mutating func evaluate(_ test: FieldTest, _ facts: borrowing some FactSource) -> Ternary {
        let fact = facts.fact(test.field)
        if case .needs(let need) = fact { needs.append(need) }
        var verdict = Ternary.yes
        for operation in test.operators { verdict = verdict.and(operation.verdict(on: fact)) }
        tracer.tested(test, fact, verdict)
        return verdict
    }
}
