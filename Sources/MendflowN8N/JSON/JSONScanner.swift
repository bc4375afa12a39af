/// Reads JSON in pieces of any size and keeps what a plan wants of it.
///
/// Memory is bounded by plan and budget, not by the document: what is not wanted is checked and forgotten byte by byte.
/// Texts with broken UTF-8 or lone surrogates are repaired; of two members with one name the later wins, as in n8n's own
/// parser.
struct JSONScanner: Sendable {
    /// Containers within containers that are followed.
    static let maxDepth = 1024
    /// Bytes of text that one document may leave behind.
    static let defaultBudget = 4 << 20

    /// What is expected next.
    enum State: Sendable {
        case value
        case firstElement
        case firstKey
        case key
        case colon
        case afterValue
        case string
        case escape
        case unicode
        case number
        case literal
        case end
    }

    /// A container that the plan wants.
    struct Frame: Sendable {
        let plan: JSONPlan
        let isObject: Bool
        var members: [String: JSONTree] = [:]
        var items: [JSONTree] = []
        var count = 0
        var key = ""
        var keyIsWhole = true
    }

    /// Set once; nothing is read after it.
    private(set) var fault: JSONFault?
    private let plan: JSONPlan
    private var budget: Int
    private var state = State.value
    private var root: JSONTree?
    private var offset = 0
    /// The open containers, true for objects.
    private var containers: [Bool] = []
    private var frames: [Frame] = []
    /// The number of containers around the value that is being skipped.
    private var skipFloor: Int?
    private var capture = TextCapture()
    private var stringIsKey = false
    private var number = NumberGrammar()
    private var literal = Literal.null
    private var literalRead = 0

    /// Makes a scanner for one document.
    init(plan: JSONPlan, budget: Int = JSONScanner.defaultBudget) {
        self.plan = plan
        self.budget = budget
    }

    /// Whether the document is whole; white space may follow.
    var isComplete: Bool { fault == nil && state == .end }

    /// Reads the next piece.
    mutating func feed(_ chunk: [UInt8]) {
        var index = 0
        while index < chunk.count, fault == nil {
            switch state {
            case .string:
                index = readString(chunk, from: index)
            case .number:
                if number.accepts(chunk[index]) {
                    capture.append(chunk[index])
                    index += 1
                } else {
                    endNumber(at: index)
                }
            default:
                step(chunk[index], at: index)
                index += 1
            }
        }
        offset += chunk.count
    }

    /// The kept tree once the document is whole; nil where it is not.
    mutating func finish() -> JSONTree? {
        if state == .number, containers.isEmpty, fault == nil { endNumber(at: 0) }
        return isComplete ? root : nil
    }
}

// MARK: - Bytes

extension JSONScanner {
    private mutating func fail(at index: Int) { fault = .malformed(at: offset + index) }

    private mutating func step(_ byte: UInt8, at index: Int) {
        switch state {
        case .escape: readEscape(byte, at: index)
        case .unicode:
            if !capture.hexDigit(byte) { return fail(at: index) }
            if capture.unicodeIsComplete { state = .string }
        case .literal:
            guard byte == literal.bytes[literalRead] else { return fail(at: index) }
            literalRead += 1
            if literalRead == literal.bytes.count { endScalar(literal.tree) }
        default:
            if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { return }
            punctuation(byte, at: index)
        }
    }

    private mutating func punctuation(_ byte: UInt8, at index: Int) {
        switch (state, byte) {
        case (.value, _): beginValue(byte, at: index)
        case (.firstElement, 0x5D), (.firstKey, 0x7D): closeContainer()
        case (.firstElement, _): beginValue(byte, at: index)
        case (.firstKey, 0x22), (.key, 0x22): beginString(isKey: true)
        case (.colon, 0x3A): state = .value
        case (.afterValue, 0x2C): state = containers.last == true ? .key : .value
        case (.afterValue, 0x5D) where containers.last == false: closeContainer()
        case (.afterValue, 0x7D) where containers.last == true: closeContainer()
        default: fail(at: index)
        }
    }

    private mutating func beginValue(_ byte: UInt8, at index: Int) {
        switch byte {
        case 0x7B: openContainer(isObject: true)
        case 0x5B: openContainer(isObject: false)
        case 0x22: beginString(isKey: false)
        case 0x74: beginLiteral(.true)
        case 0x66: beginLiteral(.false)
        case 0x6E: beginLiteral(.null)
        case 0x2D, 0x30...0x39:
            number = NumberGrammar()
            _ = number.accepts(byte)
            capture.begin(limit: wantsValue ? 64 : nil)
            capture.append(byte)
            state = .number
        default: fail(at: index)
        }
    }

    private mutating func beginLiteral(_ which: Literal) {
        literal = which
        literalRead = 1
        state = .literal
    }

    private mutating func endNumber(at index: Int) {
        guard number.isComplete else { return fail(at: index) }
        let (text, whole) = capture.take()
        endScalar(whole ? .number(text) : .text(text, whole: false))
    }

    private mutating func beginString(isKey: Bool) {
        stringIsKey = isKey
        state = .string
        if skipFloor != nil { return capture.begin(limit: nil) }
        if isKey { return capture.begin(limit: 512) }
        switch planOfNextValue() {
        case .skip: capture.begin(limit: nil)
        case .scalar(let limit): capture.begin(limit: limit)
        default: capture.begin(limit: 256)
        }
    }

    private mutating func readString(_ chunk: [UInt8], from start: Int) -> Int {
        var index = start
        while index < chunk.count, chunk[index] != 0x22, chunk[index] != 0x5C, chunk[index] >= 0x20 { index += 1 }
        if capture.isWanted { capture.append(chunk[start..<index]) }
        guard index < chunk.count else { return index }
        switch chunk[index] {
        case 0x22: endString()
        case 0x5C: state = .escape
        default: fail(at: index)
        }
        return index + 1
    }

    private mutating func readEscape(_ byte: UInt8, at index: Int) {
        state = .string
        switch byte {
        case 0x22, 0x5C, 0x2F: capture.append(byte)
        case 0x62: capture.append(0x08)
        case 0x66: capture.append(0x0C)
        case 0x6E: capture.append(0x0A)
        case 0x72: capture.append(0x0D)
        case 0x74: capture.append(0x09)
        case 0x75:
            capture.beginUnicode()
            state = .unicode
        default: fail(at: index)
        }
    }

    private mutating func endString() {
        guard stringIsKey else {
            let (text, whole) = capture.take()
            return endScalar(.text(text, whole: whole))
        }
        state = .colon
        if skipFloor == nil {
            let (text, whole) = capture.take()
            frames[frames.count - 1].key = text
            frames[frames.count - 1].keyIsWhole = whole
        }
    }
}

// MARK: - Structure

extension JSONScanner {
    /// Whether anything of the value that begins now is kept.
    private var wantsValue: Bool {
        guard skipFloor == nil else { return false }
        if case .skip = planOfNextValue() { return false }
        return true
    }

    private func planOfNextValue() -> JSONPlan {
        guard let frame = frames.last else { return containers.isEmpty ? plan : .skip }
        switch frame.plan {
        case .object(let members) where frame.isObject && frame.keyIsWhole: return members[frame.key] ?? .skip
        case .map(let each, let limit) where frame.isObject && frame.keyIsWhole:
            return frame.members.count < limit || frame.members[frame.key] != nil ? each : .skip
        case .array(let each, .first(let limit)) where !frame.isObject: return frame.count < limit ? each : .skip
        case .array(let each, .last) where !frame.isObject: return each
        default: return .skip
        }
    }

    private mutating func openContainer(isObject: Bool) {
        guard containers.count < JSONScanner.maxDepth else {
            fault = .tooDeep
            return
        }
        if skipFloor == nil {
            let plan = planOfNextValue()
            if case .skip = plan {
                skipFloor = containers.count
            } else {
                frames.append(Frame(plan: plan, isObject: isObject))
            }
        }
        containers.append(isObject)
        state = isObject ? .firstKey : .firstElement
    }

    private mutating func closeContainer() {
        containers.removeLast()
        state = containers.isEmpty ? .end : .afterValue
        if let floor = skipFloor {
            guard containers.count == floor else { return }
            skipFloor = nil
            return deliver(nil)
        }
        let frame = frames.removeLast()
        deliver(
            frame.isObject
                ? .object(frame.members, count: frame.count) : .array(frame.items, count: frame.count))
    }

    private mutating func endScalar(_ tree: JSONTree) {
        state = containers.isEmpty ? .end : .afterValue
        guard skipFloor == nil else { return }
        if case .skip = planOfNextValue() { return deliver(nil) }
        deliver(tree)
    }

    /// Puts a finished value where it belongs; nil for one that was skipped.
    private mutating func deliver(_ tree: JSONTree?) {
        if let tree { charge(tree) }
        guard !frames.isEmpty else {
            root = tree
            return
        }
        let last = frames.count - 1
        frames[last].count += 1
        guard let tree else { return }
        if frames[last].isObject {
            release(frames[last].members.updateValue(tree, forKey: frames[last].key))
        } else if case .array(_, .last) = frames[last].plan {
            release(frames[last].items.popLast())
            frames[last].items.append(tree)
        } else {
            frames[last].items.append(tree)
        }
    }

    /// Gives back what a value cost that another one took the place of.
    private mutating func release(_ tree: JSONTree?) {
        if let tree { budget += tree.cost }
    }

    private mutating func charge(_ tree: JSONTree) {
        budget -= tree.ownCost
        if budget < 0 { fault = .tooMuchKept }
    }
}

extension JSONTree {
    /// Bytes that the value itself takes, roughly, without what it holds; keys are charged with their object.
    fileprivate var ownCost: Int {
        switch self {
        case .text(let text, _): 16 + text.utf8.count
        case .object(let members, _): members.keys.reduce(16) { $0 + $1.utf8.count }
        default: 16
        }
    }

    fileprivate var cost: Int {
        switch self {
        case .object(let members, _): members.values.reduce(ownCost) { $0 + $1.cost }
        case .array(let items, _): items.reduce(ownCost) { $0 + $1.cost }
        default: ownCost
        }
    }
}
