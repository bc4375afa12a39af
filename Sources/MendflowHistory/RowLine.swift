package import MendflowCore

/// A row of the list of executions as n8n itself spells it, read in one pass over its bytes without a text being made.
///
/// Anything else (another spelling of a number, an escape, a letter beyond ASCII, a member that is an object, a member twice)
/// is left to `SavedAnswers`, which reads every spelling: where this one answers, both answer the same.
package struct RowLine {
    /// A word of the text: where it stands, and its first sixteen bytes as numbers.
    package struct Word: Sendable {
        package var place: Range<Int> = 0..<0
        package var first: UInt64 = 0, second: UInt64 = 0

        /// Whether the numbers are all of it.
        package var isShort: Bool { place.count <= 16 }
        /// Whether two short words are the same.
        package func isSame(as other: Word) -> Bool {
            first == other.first && second == other.second && place.count == other.place.count
        }
    }

    /// The id.
    package var id: UInt64 = 0
    /// Workflow and mode.
    package var workflow = Word(), mode = Word()
    /// The status.
    package var status = ExecutionStatus.unknown
    /// The run that this one retries, and the retry of it that succeeded.
    package var retryOf: UInt64?, retrySuccess: UInt64?
    /// Its times, in milliseconds.
    package var createdAt: Int64?, startedAt: Int64?, stoppedAt: Int64?, waitTill: Int64?
}

/// Reads rows off a text that has one a line.
@safe package struct RowLineReader: ~Copyable {
    private let base: UnsafePointer<UInt8>
    private let count: Int
    /// The date that was read last, and its first millisecond: rows that follow each other are mostly of one day.
    private var date = (UInt64(0), UInt64(0))
    private var day: Int64 = 0

    /// So many bytes are read beyond the end of a text.
    package static let padding = 16

    private init(_ base: UnsafePointer<UInt8>, _ count: Int) {
        unsafe self.base = base
        self.count = count
    }

    /// Reads the first bytes of a buffer, behind which `padding` bytes of any kind must be.
    package static func read<Answer>(
        _ buffer: [UInt8], first count: Int, _ body: (inout RowLineReader) -> Answer
    ) -> Answer {
        precondition(buffer.count >= count + padding, "the padding is missing")
        return unsafe buffer.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("a text without bytes") }
            var reader = unsafe RowLineReader(base, count)
            return body(&reader)
        }
    }

    /// The row that begins at a place, and where its line ends (behind the line's end); nil where no such row stands there.
    package mutating func row(at start: Int) -> (row: RowLine, end: Int)? {
        var row = RowLine()
        var seen: UInt32 = 0
        var place = start
        guard skip(UInt8(ascii: "{"), &place) else { return nil }
        repeat {
            guard skip(UInt8(ascii: "\""), &place) else { return nil }
            let key = place
            guard let keyEnd = textEnd(place) else { return nil }
            place = keyEnd + 1
            let name = (word(key, keyEnd - key), last(key, keyEnd))
            guard skip(UInt8(ascii: ":"), &place), let member = Member(first: name.0, last: name.1, keyEnd - key)
            else { return nil }
            if member != .other {
                let bit = UInt32(1) << member.rawValue
                guard seen & bit == 0 else { return nil }
                seen |= bit
            }
            guard value(member, &place, &row) else { return nil }
        } while skip(UInt8(ascii: ","), &place)
        guard skip(UInt8(ascii: "}"), &place), seen & Member.needed == Member.needed else { return nil }
        if place == count { return (row, place) }
        return skip(UInt8(ascii: "\n"), &place) ? (row, place) : nil
    }
}

/// The members that are read.
private enum Member: UInt32 {
    case other, id, mode, retryOf, retrySuccessId, status, createdAt, startedAt, stoppedAt, workflowId, waitTill

    /// Those without which it is no row, or none whose `retryOf` is told.
    static let needed = [id, mode, retryOf, status, workflowId].reduce(UInt32(0)) { $0 | 1 << $1.rawValue }

    /// The member of a key, by its first eight bytes and its last eight; nil where only the other reader knows what it means.
    init?(first: UInt64, last: UInt64, _ count: Int) {
        switch (count, first) {
        case (2, 0x6469): self = .id
        case (4, 0x6564_6F6D): self = .mode
        case (7, 0x66_4F79_7274_6572): self = .retryOf
        case (6, 0x7375_7461_7473): self = .status
        case (8, 0x6C6C_6954_7469_6177): self = .waitTill
        case (9, 0x4164_6574_6165_7263) where last == 0x7441_6465_7461_6572: self = .createdAt
        case (9, 0x4164_6574_7261_7473) where last == 0x7441_6465_7472_6174: self = .startedAt
        case (9, 0x4164_6570_706F_7473) where last == 0x7441_6465_7070_6F74: self = .stoppedAt
        case (10, 0x776F_6C66_6B72_6F77) where last == 0x6449_776F_6C66_6B72: self = .workflowId
        case (14, 0x6375_5379_7274_6572) where last == 0x6449_7373_6563_6375: self = .retrySuccessId
        // `data` and what tells of it makes an execution with its data out of a row.
        case _ where first & 0xFFFF_FFFF == 0x6174_6164: return nil
        default: self = .other
        }
    }
}

// Values.
extension RowLineReader {
    private mutating func value(_ member: Member, _ place: inout Int, _ row: inout RowLine) -> Bool {
        let first = byte(place)
        if first == UInt8(ascii: "\"") {
            place += 1
            let start = place
            guard let end = textEnd(place) else { return false }
            place = end + 1
            return set(member, start..<end, &row)
        }
        if first == UInt8(ascii: "n"), word(place, 4) == 0x6C6C_756E {
            place += 4
            // What every row has as a word is none where it is null.
            return member.rawValue == 0 || 1 << member.rawValue & Member.needed == 0 || member == .retryOf
        }
        guard member == .other else { return false }
        if first == UInt8(ascii: "t"), word(place, 4) == 0x6575_7274 {
            place += 4
            return true
        }
        if first == UInt8(ascii: "f"), word(place, 5) == 0x65_736C_6166 {
            place += 5
            return true
        }
        return plainNumber(&place) != nil
    }

    private mutating func set(_ member: Member, _ text: Range<Int>, _ row: inout RowLine) -> Bool {
        guard member != .other else { return true }
        // Longer ones are cut off by the other reader.
        guard !text.isEmpty, text.count <= 64 else { return false }
        switch member {
        case .id:
            guard let id = id(text) else { return false }
            row.id = id
        case .retryOf:
            row.retryOf = id(text)
            return row.retryOf != nil
        case .retrySuccessId:
            row.retrySuccess = id(text)
            return row.retrySuccess != nil
        case .workflowId: row.workflow = wordAt(text)
        case .mode: row.mode = wordAt(text)
        case .status:
            guard let status = status(text) else { return false }
            row.status = status
        case .createdAt:
            row.createdAt = time(text)
            return row.createdAt != nil
        case .startedAt:
            row.startedAt = time(text)
            return row.startedAt != nil
        case .stoppedAt:
            row.stoppedAt = time(text)
            return row.stoppedAt != nil
        case .waitTill:
            row.waitTill = time(text)
            return row.waitTill != nil
        case .other: break
        }
        return true
    }

    private func status(_ text: Range<Int>) -> ExecutionStatus? {
        switch (text.count, word(text.lowerBound, text.count)) {
        case (7, 0x73_7365_6363_7573): .success
        case (5, 0x72_6F72_7265): .error
        case (7, 0x67_6E69_7469_6177): .waiting
        case (7, 0x64_6568_7361_7263): .crashed
        case (8, 0x6465_6C65_636E_6163): .canceled
        case (7, 0x67_6E69_6E6E_7572): .running
        case (3, 0x77_656E): .queued
        default: nil
        }
    }

    /// A decimal number without leading zeros, as ids are.
    private func id(_ text: Range<Int>) -> UInt64? {
        var place = text.lowerBound
        guard text.count <= 18, let number = plainNumber(&place), place == text.upperBound else { return nil }
        return number
    }

    private func plainNumber(_ place: inout Int) -> UInt64? {
        let start = place
        var number: UInt64 = 0
        while place - start < 18 {
            let digit = byte(place) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            number = number &* 10 &+ UInt64(digit)
            place += 1
        }
        let isPlain = place > start && (place == start + 1 || byte(start) != UInt8(ascii: "0"))
        return isPlain && byte(place) &- UInt8(ascii: "0") >= 10 ? number : nil
    }

    /// The time of `2026-05-01T10:11:12.345Z`.
    private mutating func time(_ text: Range<Int>) -> Int64? {
        guard text.count == 24 else { return nil }
        let start = text.lowerBound
        let written = (load(start), load(start + 2))
        if written != date {
            let midnight = (0..<24).map { place in
                place < 10 ? byte(start + place) : Self.midnight[place]
            }
            guard let time = ServerTime(rfc3339: midnight.span) else { return nil }
            day = time.milliseconds
            date = written
        }
        guard byte(start + 10) == UInt8(ascii: "T"), byte(start + 13) == UInt8(ascii: ":"),
            byte(start + 16) == UInt8(ascii: ":"), byte(start + 19) == UInt8(ascii: "."),
            byte(start + 23) == UInt8(ascii: "Z"), let hour = two(start + 11), let minute = two(start + 14),
            let second = two(start + 17), let tens = two(start + 20), let one = digit(start + 22),
            hour < 24, minute < 60, second < 60
        else { return nil }
        return day + ((hour * 60 + minute) * 60 + second) * 1000 + tens * 10 + one
    }

    private static let midnight = Array("0000-00-00T00:00:00.000Z".utf8)

    private func digit(_ place: Int) -> Int64? {
        let digit = byte(place) &- UInt8(ascii: "0")
        return digit < 10 ? Int64(digit) : nil
    }

    private func two(_ place: Int) -> Int64? {
        guard let ten = digit(place), let one = digit(place + 1) else { return nil }
        return ten * 10 + one
    }
}

// Bytes.
extension RowLineReader {
    @inline(__always)
    private func byte(_ place: Int) -> UInt8 { unsafe base[place] }

    @inline(__always)
    private func skip(_ wanted: UInt8, _ place: inout Int) -> Bool {
        guard byte(place) == wanted, place < count else { return false }
        place += 1
        return true
    }

    /// Eight bytes, the first the lowest; the padding makes room for them.
    @inline(__always)
    private func load(_ place: Int) -> UInt64 {
        unsafe UInt64(littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    /// The first bytes of a word, at most eight, as a number.
    @inline(__always)
    private func word(_ place: Int, _ count: Int) -> UInt64 {
        let word = load(place)
        return count >= 8 ? word : word & (1 << UInt64(8 * count) &- 1)
    }

    private func wordAt(_ text: Range<Int>) -> RowLine.Word {
        RowLine.Word(
            place: text, first: word(text.lowerBound, text.count),
            second: text.count > 8 ? word(text.lowerBound + 8, text.count - 8) : 0)
    }

    /// The last eight bytes of a text that has more; 0 where it has not.
    private func last(_ start: Int, _ end: Int) -> UInt64 { end - start > 8 ? load(end - 8) : 0 }

    /// Where a text ends that has neither escapes nor control characters, nor letters beyond ASCII.
    @inline(__always)
    private func textEnd(_ start: Int) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        var place = start
        while place < count {
            let word = load(place)
            let quote = word ^ (ones &* 0x22)
            let escape = word ^ (ones &* 0x5C)
            // The lowest byte that is marked is marked rightly; behind it a carry may mark others.
            let found =
                (((quote &- ones) & ~quote) | ((escape &- ones) & ~escape) | ((word &- ones &* 0x20) & ~word) | word)
                & high
            guard found == 0 else {
                let end = place + found.trailingZeroBitCount / 8
                return byte(end) == UInt8(ascii: "\"") && end < count ? end : nil
            }
            place += 8
        }
        return nil
    }
}
