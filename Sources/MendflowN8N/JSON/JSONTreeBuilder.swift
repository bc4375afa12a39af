/// Keeps of a document what a plan wants, as a tree. Of two members with one name the later wins, as in n8n's own parser.
struct JSONTreeBuilder: JSONSink {
    /// Bytes that one document may leave behind.
    static let defaultBudget = 4 << 20

    private struct Frame: Sendable {
        let content: JSONProgram.Content
        let isObject: Bool
        var members = JSONMembers()
        var items: [JSONTree] = []
        var count = 0
        var key = ""
    }

    private let program: JSONProgram
    private var budget: Int
    private var frames: [Frame] = []
    /// The number of the value that comes next.
    private var next: Int
    /// What was kept, once the document is whole.
    private(set) var root: JSONTree?

    init(_ program: JSONProgram, budget: Int = JSONTreeBuilder.defaultBudget) {
        self.program = program
        self.budget = budget
        next = program.root
    }

    var textLimit: Int? { program.nodes[next].textLimit }
    var isOverfull: Bool { budget < 0 }

    mutating func key(_ name: Span<UInt8>, isWhole: Bool) {
        next = JSONProgram.skipped
        let last = frames.count - 1
        switch frames[last].content {
        case .members(let range), .record(let range, _, _):
            guard isWhole, let (name, value) = program.member(name, in: range) else { return }
            frames[last].key = program.names[name]
            next = value
        case .anyMembers(let each, let limit):
            guard isWhole else { return }
            let key = name.text
            guard frames[last].members.count < limit || frames[last].members[key] != nil else { return }
            frames[last].key = key
            next = each
        case .nothing, .first, .last: break
        }
    }

    mutating func open(isObject: Bool) -> Bool {
        guard next != JSONProgram.skipped else { return false }
        frames.append(Frame(content: program.nodes[next].content, isObject: isObject))
        findNext()
        return true
    }

    mutating func close() {
        let frame = frames.removeLast()
        keep(frame.isObject ? .object(frame.members, count: frame.count) : .array(frame.items, count: frame.count))
    }

    mutating func scalar(_ kind: JSONScalar, _ text: Span<UInt8>) {
        if let digest = program.nodes[next].digest, kind == .text || kind == .cutText {
            return keep(.text(digest.word(text.text, isWhole: kind == .text), whole: true))
        }
        switch kind {
        case .null: keep(.null)
        case .true: keep(.bool(true))
        case .false: keep(.bool(false))
        case .number: keep(.number(text.text))
        case .text: keep(.text(text.text, whole: true))
        case .cutText: keep(.text(text.text, whole: false))
        }
    }

    mutating func skipped() {
        guard !frames.isEmpty else { return }
        frames[frames.count - 1].count += 1
        findNext()
    }

    private mutating func keep(_ tree: JSONTree) {
        budget -= tree.ownCost
        let last = frames.count - 1
        guard last >= 0 else {
            root = tree
            return
        }
        if frames[last].isObject {
            giveBack(frames[last].members.put(tree, as: frames[last].key))
        } else if case .last = frames[last].content {
            giveBack(frames[last].items.popLast())
            frames[last].items.append(tree)
        } else {
            frames[last].items.append(tree)
        }
        frames[last].count += 1
        findNext()
    }

    /// Gives back what a value cost, since another one has taken its place.
    private mutating func giveBack(_ tree: JSONTree?) {
        if let tree { budget += tree.cost }
    }

    /// Finds what is wanted of the next element of an array. In an object the next member's name decides, see `key`.
    private mutating func findNext() {
        next = JSONProgram.skipped
        let last = frames.count - 1
        guard !frames[last].isObject else { return }
        switch frames[last].content {
        case .first(let limit, let each), .record(_, let limit, let each): if frames[last].count < limit { next = each }
        case .last(let each): next = each
        case .nothing, .members, .anyMembers: break
        }
    }
}

extension JSONScanner where Sink == JSONTreeBuilder {
    /// A scanner that keeps what a plan wants.
    init(_ program: JSONProgram, budget: Int = JSONTreeBuilder.defaultBudget) {
        self.init(into: JSONTreeBuilder(program, budget: budget))
    }

    /// The same of a plan that is used once.
    init(plan: JSONPlan, budget: Int = JSONTreeBuilder.defaultBudget) { self.init(JSONProgram(plan), budget: budget) }

    /// The kept tree once the document is whole; nil where it is not.
    mutating func finish() -> JSONTree? { end() ? sink.root : nil }
}

extension JSONTree {
    /// Bytes that the value itself takes, roughly, without what it holds; keys are charged with their object.
    fileprivate var ownCost: Int {
        switch self {
        case .text(let text, _): 16 + text.utf8.count
        case .object(let members, _): members.entries.reduce(16) { $0 + $1.key.utf8.count }
        default: 16
        }
    }

    fileprivate var cost: Int {
        switch self {
        case .object(let members, _): members.entries.reduce(ownCost) { $0 + $1.value.cost }
        case .array(let items, _): items.reduce(ownCost) { $0 + $1.cost }
        default: ownCost
        }
    }
}
