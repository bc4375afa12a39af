import MendflowText

/// Builds nodes from libyaml's events. It keeps the open lists and maps on a stack of its own instead of recursing, so
/// that a file of a million brackets cannot exhaust the program's stack, and it stops at the first limit that is
/// exceeded.
struct TreeBuilder {
    private let limits: YAMLLimits
    private(set) var report: FindingReport
    private var stack: [OpenCollection] = []
    private var anchors: [String: Anchor] = [:]
    private var root: BuiltNode?
    private var documents = 0
    private var aliases = 0
    private var aliasedNodes = 0
    private var isAborted = false

    init(limits: YAMLLimits, report: FindingReport) {
        self.limits = limits
        self.report = report
    }

    /// The document, where all of it was read and it is not empty.
    var document: YAMLNode? {
        guard !isAborted, let node = root?.node else { return nil }
        // A file that holds only `---` counts as empty.
        return node.content == .scalar(YAMLScalar("")) ? nil : node
    }

    /// Takes the next event; false where no more is wanted.
    mutating func add(_ event: ParseEvent) -> Bool {
        if let tag = event.tag { reportTag(tag, at: event.range) }
        switch event.kind {
        case .streamStart: break
        case .streamEnd: return false
        case .documentStart(let version): return startDocument(version: version, at: event.range)
        case .documentEnd: break
        case .alias(let name): return addAlias(name, at: event.range)
        case .scalar(let scalar): addScalar(scalar, event)
        case .sequenceStart: return open(isMapping: false, event)
        case .mappingStart: return open(isMapping: true, event)
        case .collectionEnd: close(event.range)
        }
        return true
    }

    /// Takes libyaml's fault, which ends the reading.
    mutating func fail(_ fault: SyntaxFault, text: SourceText) {
        isAborted = true
        // A forbidden character in that line was reported already and is the likely cause; a second finding would only
        // confuse.
        guard !report.hasBadCharacter(onLine: fault.position.line) else { return }
        report.error(
            "syntax", fault.message, at: SourceRange(at: fault.position), notes: fault.notes(text: text))
    }

    private mutating func abort(_ id: String, _ message: String, at range: SourceRange) -> Bool {
        report.error(id, message, at: range)
        isAborted = true
        return false
    }
}

extension TreeBuilder {
    private mutating func startDocument(version: (Int, Int)?, at range: SourceRange) -> Bool {
        documents += 1
        guard documents == 1 else {
            report.error("several-documents", "a second document begins here; a file holds one", at: range)
            return false
        }
        if let (major, minor) = version, (major, minor) != (1, 2) {
            report.error("yaml-version", "the file says YAML \(major).\(minor); it is read as YAML 1.2", at: range)
        }
        return true
    }

    private mutating func reportTag(_ tag: String, at range: SourceRange) {
        let name = tag.hasPrefix("tag:yaml.org,2002:") ? "!!" + tag.dropFirst(18) : tag
        report.error("tag", "the tag \(name.inBackticks) is not allowed; remove it", at: range)
    }

    private mutating func addScalar(_ scalar: YAMLScalar, _ event: ParseEvent) {
        if scalar.text.utf8.contains(0) {
            report.error("control-character", "the text contains U+0000, which is not allowed", at: event.range)
        }
        let built = BuiltNode(node: YAMLNode(.scalar(scalar), range: event.range), nodes: 1, height: 0)
        if let name = event.anchor { define(name, .closed(built), at: event.range) }
        place(built, at: event.range)
    }

    private mutating func open(isMapping: Bool, _ event: ParseEvent) -> Bool {
        guard stack.count < limits.depth else {
            return abort("too-deep", "more than \(limits.depth) lists and maps inside each other", at: event.range)
        }
        if let name = event.anchor { define(name, .open(at: event.range), at: event.range) }
        stack.append(OpenCollection(isMapping: isMapping, anchor: event.anchor, range: event.range))
        return true
    }

    private mutating func close(_ range: SourceRange) {
        guard var collection = stack.popLast() else { return }
        // In block style nothing marks the end of a list or map. libyaml reports the place where the next thing begins,
        // which may be blank lines later, so the end of the last child is taken instead.
        if range.start != range.end { collection.range.end = range.end }
        let built = collection.built
        if let name = collection.anchor { anchors[name] = .closed(built) }
        place(built, at: built.node.range)
    }

    private mutating func define(_ name: String, _ anchor: Anchor, at range: SourceRange) {
        if let earlier = anchors[name] {
            let note = Finding.Note("first here", at: earlier.range)
            report.error(
                "duplicate-anchor", "the anchor \(name.inBackticks) is defined twice", at: range, notes: [note])
        }
        anchors[name] = anchor
    }

    private mutating func addAlias(_ name: String, at range: SourceRange) -> Bool {
        aliases += 1
        guard aliases <= limits.aliases else {
            return abort("too-many-aliases", "more than \(limits.aliases) aliases", at: range)
        }
        let broken = BuiltNode(node: YAMLNode(.broken, range: range), nodes: 1, height: 0)
        switch anchors[name] {
        case .closed(let target):
            aliasedNodes += target.nodes
            guard aliasedNodes <= limits.aliasedNodes else {
                let message = "aliases add more than \(limits.aliasedNodes) values to this file"
                return abort("alias-expansion", message, at: range)
            }
            guard stack.count + target.height <= limits.depth else {
                let message = "with \(name.inBackticks) more than \(limits.depth) lists and maps are inside each other"
                return abort("too-deep", message, at: range)
            }
            place(target, at: range)
        case .open(let start):
            let note = Finding.Note("the anchor is here", at: start)
            report.error("recursive-alias", "\(name.inBackticks) would contain itself", at: range, notes: [note])
            place(broken, at: range)
        case nil:
            report.error(
                "unknown-alias", "no anchor \(name.inBackticks) stands before this alias", at: range,
                suggestion: Spelling.nearest(to: name, among: anchors.keys.sorted()),
                notes: [Finding.Note("where a `*` is meant as text, put the value in quotes")])
            place(broken, at: range)
        }
        return true
    }
}

extension TreeBuilder {
    /// Puts a finished node into the innermost list or map that is still open.
    private mutating func place(_ built: BuiltNode, at range: SourceRange) {
        guard let top = stack.indices.last else {
            root = built
            return
        }
        stack[top].nodes += built.nodes
        stack[top].height = max(stack[top].height, built.height)
        stack[top].range.end = max(stack[top].range.end, range.end)
        switch stack[top].wanted {
        case .item: stack[top].append(built.node)
        case .key: stack[top].wanted = key(built.node, at: range, seen: stack[top].keys)
        case .value(let key):
            stack[top].append(YAMLEntry(key: key, value: built.node))
            stack[top].wanted = .key
        case .broken(let key):
            stack[top].append(YAMLEntry(key: key, value: YAMLNode(.broken, range: range)))
            stack[top].wanted = .key
        case .nothing: stack[top].wanted = .key
        }
    }

    /// Takes the value that follows a key; it is thrown away if the key could not be used.
    private mutating func key(
        _ node: YAMLNode, at range: SourceRange, seen: [String: SourceRange]
    ) -> OpenCollection.Wanted {
        guard case .scalar(let scalar) = node.content else {
            if !node.isBroken {
                let note = Finding.Note("a value that begins with { or [ needs quotes")
                report.error("non-scalar-key", "a key must be text, not \(node.kind)", at: range, notes: [note])
            }
            return .nothing
        }
        if scalar.style == .plain, scalar.text == "<<" {
            report.error("merge-key", "merge keys are not allowed; write the keys out", at: range)
            return .broken(YAMLKey("<<", range: range))
        }
        if scalar.style == .plain, scalar.text.isEmpty {
            report.error("empty-key", "a key is missing here", at: range)
            return .nothing
        }
        if let first = seen[scalar.text] {
            let message = "the key \(scalar.text.inBackticks) stands twice in this map"
            report.error("duplicate-key", message, at: range, notes: [Finding.Note("first here", at: first)])
            return .nothing
        }
        return .value(YAMLKey(scalar.text, range: range))
    }
}

/// A finished node with what it counts towards the limits; aliases count as what they stand for.
private struct BuiltNode {
    var node: YAMLNode
    var nodes: Int
    /// Lists and maps inside each other, itself included; 0 for a scalar.
    var height: Int
}

/// What a name stands for.
private enum Anchor {
    case open(at: SourceRange)
    case closed(BuiltNode)

    var range: SourceRange {
        switch self {
        case .open(let range): range
        case .closed(let built): built.node.range
        }
    }
}

/// A list or map whose end has not come yet.
private struct OpenCollection {
    /// What the next finished node is for.
    enum Wanted {
        case item
        case key
        case value(YAMLKey)
        /// The value of a key that is not allowed is read over and dropped.
        case broken(YAMLKey)
        case nothing
    }

    private var items: [YAMLNode] = []
    private var entries: [YAMLEntry] = []
    private(set) var keys: [String: SourceRange] = [:]
    private let isMapping: Bool
    let anchor: String?
    var wanted: Wanted
    var range: SourceRange
    var nodes = 1
    var height = 0

    init(isMapping: Bool, anchor: String?, range: SourceRange) {
        self.isMapping = isMapping
        self.anchor = anchor
        self.range = range
        wanted = isMapping ? .key : .item
    }

    mutating func append(_ item: YAMLNode) {
        items.append(item)
    }

    mutating func append(_ entry: YAMLEntry) {
        entries.append(entry)
        keys[entry.key.text] = entry.key.range
    }

    var built: BuiltNode {
        let content = isMapping ? YAMLNode.Content.mapping(entries) : .sequence(items)
        return BuiltNode(node: YAMLNode(content, range: range), nodes: nodes, height: height + 1)
    }
}
