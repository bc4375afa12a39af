// What a program consists of, for those who decide parts of it by themselves.
extension TestProgram {
    /// The parts of a tree all of which have to hold.
    func conjuncts(of root: Root) -> [Root] {
        let node = nodes[Int(root.node)]
        guard node.kind == .all else { return [root] }
        return children(of: node).flatMap(conjuncts)
    }

    /// The one test that a tree consists of, and whether it must not hold; nil where it is none.
    func test(of root: Root) -> (test: FieldTest, isNegated: Bool)? {
        let node = nodes[Int(root.node)]
        switch node.kind {
        case .test: return (tests[Int(node.first)], false)
        case .not: return test(of: Root(node: node.first)).map { ($0.test, !$0.isNegated) }
        case .all, .any: return node.count == 1 ? children(of: node).first.flatMap(test) : nil
        }
    }

    /// Every test of a tree.
    func tests(of root: Root) -> [FieldTest] {
        let node = nodes[Int(root.node)]
        switch node.kind {
        case .test: return [tests[Int(node.first)]]
        case .not: return tests(of: Root(node: node.first))
        case .all, .any: return children(of: node).flatMap(tests)
        }
    }

    private func children(of node: Node) -> [Root] {
        (node.first..<(node.first + node.count)).map { Root(node: parts[Int($0)]) }
    }
}

extension MatchIndex {
    func conjuncts(of root: TestProgram.Root) -> [TestProgram.Root] { program.conjuncts(of: root) }
    func test(of root: TestProgram.Root) -> (test: FieldTest, isNegated: Bool)? { program.test(of: root) }
    func tests(of root: TestProgram.Root) -> [FieldTest] { program.tests(of: root) }

    /// The verdict of some part of a candidate's conditions.
    mutating func verdict(of part: TestProgram.Root, _ subject: Subject) -> Ternary {
        program.verdict(part, subject, subject.judgement)
    }
}
