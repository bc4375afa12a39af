package import MendflowText

extension JSONAny {
    /// Reads a document whole, by the scanner that reads n8n's; nil where it is no JSON, or has a number that nobody can
    /// reckon with. Of two members with one name the later wins.
    package static func read(_ bytes: [UInt8]) -> JSONAny? {
        var scanner = JSONScanner(into: WholeSink())
        scanner.feed(bytes)
        return scanner.end() ? scanner.sink.root : nil
    }
}

/// Keeps everything of a document.
private struct WholeSink: JSONSink {
    private struct Frame: Sendable {
        let isObject: Bool
        var members: [String: JSONAny] = [:]
        var items: [JSONAny] = []
        var key = ""
    }

    private var frames: [Frame] = []
    private(set) var root: JSONAny?
    /// Set by a number that is none: nothing of the document counts then.
    private(set) var isOverfull = false
    let textLimit: Int? = .max

    mutating func key(_ name: Span<UInt8>, isWhole: Bool) { frames[frames.count - 1].key = name.exactText }

    mutating func open(isObject: Bool) -> Bool {
        frames.append(Frame(isObject: isObject))
        return true
    }

    mutating func close() {
        let frame = frames.removeLast()
        keep(frame.isObject ? .object(frame.members) : .list(frame.items))
    }

    mutating func scalar(_ kind: JSONScalar, _ text: Span<UInt8>) {
        switch kind {
        case .null: keep(.null)
        case .true: keep(.flag(true))
        case .false: keep(.flag(false))
        case .number: if let number = JSONAny(number: text.exactText) { keep(number) } else { isOverfull = true }
        case .text, .cutText: keep(.text(text.exactText))
        }
    }

    mutating func skipped() {}

    private mutating func keep(_ value: JSONAny) {
        guard let last = frames.indices.last else {
            root = value
            return
        }
        if frames[last].isObject {
            frames[last].members[frames[last].key] = value
        } else {
            frames[last].items.append(value)
        }
    }
}
