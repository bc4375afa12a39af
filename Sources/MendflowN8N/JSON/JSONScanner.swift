/// Reads JSON in pieces of any size and tells a sink what it wants of it.
///
/// Memory is bounded by the sink, not by the document: what is not wanted is checked and forgotten. Values that lie whole in
/// one piece, which nearly all do, are taken where they stand; those that a piece's end cuts are gathered byte by byte.
/// Texts with broken UTF-8 or lone surrogates are repaired.
struct JSONScanner<Sink: JSONSink>: Sendable {
    /// Set once; nothing is read after it.
    private(set) var fault: JSONFault?
    /// Where the document is read into.
    private(set) var sink: Sink
    private var state = JSONState.value
    private var offset = 0
    private var nesting = Nesting()
    /// While a container is skipped: how deep it stands. When the nesting is back at this depth, skipping ends. Nil
    /// while nothing is skipped.
    private var skipFloor: Int?
    private var capture = TextCapture()
    private var stringIsKey = false
    private var number = NumberGrammar()
    private var literal = Literal.null
    /// Its letters that are still to come; see `Literal.rest`.
    private var literalRest: UInt64 = 0

    /// Makes a scanner for one document.
    init(into sink: Sink) { self.sink = sink }

    /// Whether the document is whole; white space may follow.
    var isComplete: Bool { fault == nil && state == .end }

    /// Reads the next piece.
    mutating func feed(_ chunk: [UInt8]) {
        let bytes = chunk.span
        var index = 0
        while index < bytes.count, fault == nil { index = advance(bytes, from: index) }
        offset += bytes.count
    }

    /// Ends the document; whether it is whole.
    mutating func end() -> Bool {
        if state == .number, nesting.depth == 0, fault == nil { endGatheredNumber(at: 0) }
        return isComplete
    }
}

// MARK: - Between values

extension JSONScanner {
    private mutating func fail(at index: Int) { fault = .malformed(at: offset + index) }

    /// Reads a value, a name or a mark, or what is left of one; returns where to go on.
    private mutating func advance(_ bytes: Span<UInt8>, from index: Int) -> Int {
        let byte = bytes[index]
        switch state {
        case .string: return gatherString(bytes, from: index)
        case .number: return gatherNumber(bytes, from: index)
        case .escape: escape(byte, at: index)
        case .unicode: unicode(byte, at: index)
        case .literal: gatherLiteral(byte, at: index)
        default:
            if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { return index + 1 }
            return punctuation(byte, bytes, at: index)
        }
        return index + 1
    }

    private mutating func punctuation(_ byte: UInt8, _ bytes: Span<UInt8>, at index: Int) -> Int {
        switch state {
        case .value: return value(byte, bytes, at: index)
        case .key where byte == 0x22, .firstKey where byte == 0x22: return key(bytes, from: index + 1)
        case .colon where byte == 0x3A: state = .value
        case .afterValue where byte == 0x2C: state = nesting.isInObject ? .key : .value
        case .afterValue where byte == (nesting.isInObject ? 0x7D : 0x5D): closeContainer()
        case .firstElement:
            if byte != 0x5D { return value(byte, bytes, at: index) }
            closeContainer()
        case .firstKey where byte == 0x7D: closeContainer()
        default: fail(at: index)
        }
        return index + 1
    }

    private mutating func value(_ byte: UInt8, _ bytes: Span<UInt8>, at index: Int) -> Int {
        switch byte {
        case 0x22: return string(bytes, from: index + 1)
        case 0x7B: openContainer(isObject: true)
        case 0x5B: openContainer(isObject: false)
        case 0x74: return literal(.true, bytes, at: index)
        case 0x66: return literal(.false, bytes, at: index)
        case 0x6E: return literal(.null, bytes, at: index)
        case 0x2D, 0x30...0x39: return number(bytes, from: index)
        default: fail(at: index)
        }
        return index + 1
    }

    /// The most bytes of the value that comes now; nil where nothing of it is wanted.
    private var limit: Int? { skipFloor == nil ? sink.textLimit : nil }

    private mutating func openContainer(isObject: Bool) {
        guard nesting.open(isObject: isObject) else {
            fault = .tooDeep
            return
        }
        if skipFloor == nil, !sink.open(isObject: isObject) { skipFloor = nesting.depth - 1 }
        state = isObject ? .firstKey : .firstElement
    }

    private mutating func closeContainer() {
        nesting.close()
        state = nesting.depth == 0 ? .end : .afterValue
        if let floor = skipFloor {
            guard nesting.depth == floor else { return }
            skipFloor = nil
            sink.skipped()
        } else {
            sink.close()
            if sink.isOverfull { fault = .tooMuchKept }
        }
    }

    /// Ends a value that is no container.
    private mutating func deliver(_ kind: JSONScalar, _ text: Span<UInt8>, isWanted: Bool) {
        state = nesting.depth == 0 ? .end : .afterValue
        guard isWanted else {
            if skipFloor == nil { sink.skipped() }
            return
        }
        sink.scalar(kind, text)
        if sink.isOverfull { fault = .tooMuchKept }
    }
}

// MARK: - Values that lie whole in one piece

extension JSONScanner {
    /// Bytes of a name that are kept.
    private static var keyLimit: Int { 512 }
    /// Bytes of a number that are kept.
    private static var numberLimit: Int { 64 }

    private mutating func key(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let end = bytes.endOfPlainText(from: start)
        guard end < bytes.count, bytes[end] == 0x22 else {
            return gather(bytes, start..<end, isKey: true, limit: skipFloor == nil ? Self.keyLimit : nil)
        }
        if skipFloor == nil {
            let isWhole = end - start <= Self.keyLimit
            sink.key(bytes.extracting(start..<(isWhole ? end : start + Self.keyLimit)), isWhole: isWhole)
        }
        guard end + 2 < bytes.count, bytes[end + 1] == 0x3A, bytes[end + 2] > 0x20 else {
            state = .colon
            return end + 1
        }
        return value(bytes[end + 2], bytes, at: end + 2)
    }

    private mutating func string(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let end = bytes.endOfPlainText(from: start)
        guard end < bytes.count, bytes[end] == 0x22 else {
            return gather(bytes, start..<end, isKey: false, limit: limit)
        }
        let text = bytes.extracting(start..<end)
        if let limit {
            if text.count <= limit {
                deliver(.text, text, isWanted: true)
            } else {
                let kept = text.extracting(first: limit)
                deliver(.cutText, kept.extracting(first: kept.countOfWholeCharacters), isWanted: true)
            }
        } else {
            deliver(.text, text, isWanted: false)
        }
        return comma(bytes, at: end + 1)
    }

    /// Goes on behind a value: past the comma where one follows at once.
    private mutating func comma(_ bytes: Span<UInt8>, at index: Int) -> Int {
        guard state == .afterValue, index < bytes.count, bytes[index] == 0x2C else { return index }
        state = nesting.isInObject ? .key : .value
        return index + 1
    }

    private mutating func number(_ bytes: Span<UInt8>, from start: Int) -> Int {
        number = NumberGrammar()
        var end = start
        while end < bytes.count, number.accepts(bytes[end]) { end += 1 }
        let isWanted = limit != nil
        guard end < bytes.count else {
            capture.begin(limit: isWanted ? Self.numberLimit : nil)
            capture.append(bytes.extracting(start..<end))
            state = .number
            return end
        }
        guard number.isComplete else {
            fail(at: end)
            return end
        }
        let isWhole = end - start <= Self.numberLimit
        let text = bytes.extracting(start..<(isWhole ? end : start + Self.numberLimit))
        deliver(isWhole ? .number : .cutText, text, isWanted: isWanted)
        return comma(bytes, at: end)
    }

    private mutating func literal(_ which: Literal, _ bytes: Span<UInt8>, at index: Int) -> Int {
        literalRest = which.rest
        var end = index + 1
        while literalRest != 0, end < bytes.count {
            guard UInt64(bytes[end]) == literalRest & 0xFF else {
                fail(at: end)
                return end
            }
            literalRest >>= 8
            end += 1
        }
        literal = which
        guard literalRest == 0 else {
            state = .literal
            return end
        }
        deliver(which.scalar, Span(), isWanted: limit != nil)
        return comma(bytes, at: end)
    }
}

// MARK: - Values that have escapes, or that the end of a piece cuts

extension JSONScanner {
    private mutating func gather(_ bytes: Span<UInt8>, _ range: Range<Int>, isKey: Bool, limit: Int?) -> Int {
        stringIsKey = isKey
        capture.begin(limit: limit)
        capture.append(bytes.extracting(range))
        state = .string
        return range.upperBound
    }

    private mutating func gatherString(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let end = bytes.endOfPlainText(from: start)
        if end > start { capture.append(bytes.extracting(start..<end)) }
        guard end < bytes.count else { return end }
        switch bytes[end] {
        case 0x22: endGatheredString()
        case 0x5C: state = .escape
        default: fail(at: end)
        }
        return end + 1
    }

    private mutating func escape(_ byte: UInt8, at index: Int) {
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

    private mutating func unicode(_ byte: UInt8, at index: Int) {
        guard capture.hexDigit(byte) else { return fail(at: index) }
        if capture.unicodeIsComplete { state = .string }
    }

    private mutating func endGatheredString() {
        let text = capture.finish()
        guard stringIsKey else {
            return deliver(capture.isWhole ? .text : .cutText, text.span, isWanted: capture.isWanted)
        }
        if capture.isWanted { sink.key(text.span, isWhole: capture.isWhole) }
        state = .colon
    }

    private mutating func gatherNumber(_ bytes: Span<UInt8>, from index: Int) -> Int {
        guard number.accepts(bytes[index]) else {
            endGatheredNumber(at: index)
            return index
        }
        capture.append(bytes[index])
        return index + 1
    }

    private mutating func endGatheredNumber(at index: Int) {
        guard number.isComplete else { return fail(at: index) }
        let text = capture.finish()
        deliver(capture.isWhole ? .number : .cutText, text.span, isWanted: capture.isWanted)
    }

    private mutating func gatherLiteral(_ byte: UInt8, at index: Int) {
        guard UInt64(byte) == literalRest & 0xFF else { return fail(at: index) }
        literalRest >>= 8
        guard literalRest == 0 else { return }
        deliver(literal.scalar, Span(), isWanted: limit != nil)
    }
}
