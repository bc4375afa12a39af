extension ServerTime {
    /// Reads RFC 3339 off a text's bytes: at once where it is written as n8n writes it, else as any text.
    public init?(rfc3339 bytes: Span<UInt8>) {
        if let milliseconds = ServerTime.ofN8N(bytes) {
            self.init(milliseconds: milliseconds)
        } else {
            self.init(rfc3339: unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) })
        }
    }

    /// The time of `2026-05-01T10:11:12.345Z`; nil for any other spelling, and for what is no time.
    private static func ofN8N(_ bytes: Span<UInt8>) -> Int64? {
        guard bytes.count == 24 else { return nil }
        guard let date = Digits(bytes, at: 0, .date), let hour = Digits(bytes, at: 8, .hour),
            let second = Digits(bytes, at: 16, .second)
        else { return nil }
        let year = date.two(at: 0) * 100 + date.two(at: 2)
        let (month, day) = (date.two(at: 5), hour.two(at: 0))
        let (hours, minutes, seconds) = (hour.two(at: 3), hour.two(at: 6), second.two(at: 1))
        guard (1...12).contains(month), hours < 24, minutes < 60, seconds <= 60,
            (1...CivilDate.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let time =
            (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + second.two(at: 4) * 10 + second.one(at: 6)
        return RFC3339.writable.contains(time) ? time : nil
    }
}

/// Eight bytes of digits and marks, read together.
private struct Digits {
    /// Which bytes are digits, and what the others are. The first byte is the lowest of the number.
    struct Pattern {
        /// `0` for a digit, else the mark itself.
        let text: UInt64
        /// What has to be added to a byte's distance from `text` to set its highest bit if it is no digit, or not the mark.
        let excess: UInt64

        /// `0000-00-`
        static let date = Pattern(text: 0x2D30_302D_3030_3030, excess: 0x7F76_767F_7676_7676)
        /// `00T00:00`
        static let hour = Pattern(text: 0x3030_3A30_3054_3030, excess: 0x7676_7F76_767F_7676)
        /// `:00.000Z`
        static let second = Pattern(text: 0x5A30_3030_2E30_303A, excess: 0x7F76_7676_7F76_767F)
    }

    /// The digits' values.
    private let values: UInt64

    /// Reads eight bytes; nil where they do not follow the pattern.
    init?(_ bytes: Span<UInt8>, at start: Int, _ pattern: Pattern) {
        // Any eight bytes are a number; that they lie in the span is checked.
        let word = unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
        values = word ^ pattern.text
        // Bits are carried on only from bytes that are refused anyway.
        guard (values | (values &+ pattern.excess)) & 0x8080_8080_8080_8080 == 0 else { return nil }
    }

    /// The digit at a place.
    func one(at place: UInt64) -> Int64 { Int64(values >> (8 * place) & 0xF) }

    /// The number that two digits are.
    func two(at place: UInt64) -> Int64 { one(at: place) * 10 + one(at: place + 1) }
}
