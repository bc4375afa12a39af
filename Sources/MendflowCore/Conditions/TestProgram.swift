/// Compiled conditions: the trees of many policies in one array, in which equal tests stand only once. So a test that
/// many policies ask of an execution is evaluated once for it. Its verdicts are equal to those of the `Evaluator`; a
/// property test checks that.
struct TestProgram {
    /// A tree's place in the program.
    struct Root: Sendable, Hashable {
        var node: Int32
    }
    enum Kind: UInt8 { case test, not, all, any }
    struct Node {
        var kind: Kind
        /// The test's number, or where the parts begin.
        var first: Int32
        var count: Int32
    }
    private(set) var nodes: [Node] = []
    private(set) var parts: [Int32] = []
    private(set) var tests: [FieldTest] = []
    private var numbers: [Key: Int32] = [:]
    /// The verdicts on the present execution. `rounds` says for which execution each was found; older ones do not
    /// count.
    private var verdicts: [Ternary] = []
    private var rounds: [Int] = []
    private var round = 0
    /// The fact that each test lacks; nil if it lacks none.
    private var lacks: [Need?] = []
    /// Whether each test looks at nothing but the evidence of a failure.
    private var ofError: [Bool] = []
    /// The facts that the last tree lacks.
    private(set) var missing: [Need] = []

    private struct Key: Hashable {
        var field: Field
        var operators: [FieldOperator]
    }

    /// Adds a tree.
    mutating func add(_ condition: Condition) -> Root { Root(node: place(condition)) }

    /// Begins another execution: earlier verdicts do not count any more.
    mutating func begin() { round += 1 }

    /// The verdict of a tree; where it is `needs`, `missing` says which facts.
    ///
    /// `evidence` keeps the verdicts of tests of the error. They are the same for all failures with that evidence, so a
    /// storm of equal failures is judged once.
    mutating func verdict(_ root: Root, _ facts: some FactSource, _ evidence: Judgement? = nil) -> Ternary {
        if !missing.isEmpty { missing.removeAll(keepingCapacity: true) }
        return verdict(at: root.node, facts, evidence)
    }

    private mutating func verdict(at index: Int32, _ facts: some FactSource, _ evidence: Judgement?) -> Ternary {
        let node = nodes[Int(index)]
        switch node.kind {
        case .test: return verdict(ofTest: Int(node.first), facts, evidence)
        case .not: return verdict(at: node.first, facts, evidence).negated
        case .all, .any:
            let isAny = node.kind == .any
            var verdict = Ternary(!isAny)
            for part in Int(node.first)..<Int(node.first + node.count) {
                let next = self.verdict(at: parts[part], facts, evidence)
                verdict = isAny ? verdict.or(next) : verdict.and(next)
                if verdict == (isAny ? .yes : .no) { break }
            }
            return verdict
        }
    }

    private mutating func verdict(
        ofTest number: Int, _ facts: some FactSource, _ evidence: Judgement?
    ) -> Ternary {
        if rounds[number] == round {
            if let need = lacks[number] { missing.append(need) }
            return verdicts[number]
        }
        rounds[number] = round
        if lacks[number] != nil { lacks[number] = nil }
        if let evidence, ofError[number] {
            let verdict = evidence.verdict(ofTest: number) ?? work(out: number, facts)
            evidence.keep(verdict, ofTest: number)
            verdicts[number] = verdict
        } else {
            verdicts[number] = work(out: number, facts)
        }
        return verdicts[number]
    }

    private mutating func work(out number: Int, _ facts: some FactSource) -> Ternary {
        let fact = facts.fact(tests[number].field)
        if case .needs(let need) = fact {
            lacks[number] = need
            missing.append(need)
        }
        var verdict = Ternary.yes
        for operation in tests[number].operators { verdict = verdict.and(operation.verdict(on: fact)) }
        return verdict
    }

    private mutating func place(_ condition: Condition) -> Int32 {
        switch condition {
        case .test(let test): return append(.test, number(of: test), 1)
        case .not(let part): return append(.not, place(part), 1)
        case .all(let conditions): return group(.all, conditions)
        case .any(let conditions): return group(.any, conditions)
        }
    }

    private mutating func group(_ kind: Kind, _ conditions: [Condition]) -> Int32 {
        let placed = conditions.map { place($0) }
        parts += placed
        return append(kind, Int32(parts.count - placed.count), Int32(placed.count))
    }

    private mutating func append(_ kind: Kind, _ first: Int32, _ count: Int32) -> Int32 {
        nodes.append(Node(kind: kind, first: first, count: count))
        return Int32(nodes.count - 1)
    }

    private mutating func number(of test: FieldTest) -> Int32 {
        let key = Key(field: test.field, operators: test.operators)
        if let known = numbers[key] { return known }
        let number = Int32(tests.count)
        tests.append(test)
        verdicts.append(.unknown)
        rounds.append(-1)
        lacks.append(nil)
        ofError.append(test.field.isOfError)
        numbers[key] = number
        return number
    }
}
