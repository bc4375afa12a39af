public import MendflowCore

/// Reads the system's time zones: TZif files (RFC 8536) in a folder such as `/usr/share/zoneinfo`.
public enum ZoneFile {
    /// The last year into which a zone's rule is carried.
    static let lastYear: Int64 = 2100
    /// The first one: no clock was set before. A file may tell of times that lie before everything.
    private static let firstYear: Int64 = 1800
    /// The largest file that is a zone; the largest real one has about 4 KiB.
    public static let maximumBytes = 1 << 20

    /// The folder of the system's zones: `$TZDIR`, else `/usr/share/zoneinfo`.
    public static func folder(_ environment: [String: String]) -> String {
        let told = environment["TZDIR"] ?? ""
        return told.isEmpty ? "/usr/share/zoneinfo" : told
    }

    /// The zone of an IANA name; nil where there is no such file, or one that is no time zone.
    ///
    /// Names that could lead out of the folder are refused: absolute ones, and those with a part `.` or `..`. `contents`
    /// gives a file's bytes by its path, nil where it cannot be read or is larger than `maximumBytes`.
    public static func read(name: String, folder: String, _ contents: (String) -> [UInt8]?) -> ZoneTable? {
        guard isSafe(name) else { return nil }
        guard let bytes = contents(folder + "/" + name) else { return name == ZoneTable.utc.name ? .utc : nil }
        return parse(bytes, name: name)
    }

    private static func isSafe(_ name: String) -> Bool {
        let allowed = name.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
                || "_+-./".utf8.contains(byte)
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return allowed && name.utf8.count <= 255 && parts.allSatisfy { !["", ".", ".."].contains($0) }
    }

    /// The zone in a TZif file's bytes; nil where they are none, or count leap seconds.
    static func parse(_ bytes: [UInt8], name: String) -> ZoneTable? {
        var reader = BigEndianReader(bytes: bytes[...])
        guard var header = TZifHeader(&reader) else { return nil }
        let wide = header.version >= 2
        if wide {
            guard reader.skip(header.bodySize(timeSize: 4)), let second = TZifHeader(&reader) else { return nil }
            header = second
        }
        guard var zone = body(&reader, header, timeSize: wide ? 8 : 4, name: name) else { return nil }
        if wide {
            guard let rule = footer(&reader) else { return nil }
            if !rule.isEmpty {
                guard let rule = POSIXZoneRule(rule) else { return nil }
                extend(&zone, by: rule)
            }
        }
        return merged(zone)
    }

    private static func body(
        _ reader: inout BigEndianReader, _ header: TZifHeader, timeSize: Int, name: String
    ) -> ZoneTable? {
        guard header.leaps == 0, header.types > 0, header.bodySize(timeSize: timeSize) <= reader.bytes.count else {
            return nil
        }
        var times: [Int64] = []
        for _ in 0..<header.times {
            guard let time = reader.integer(timeSize), times.last.map({ $0 < time }) ?? true else { return nil }
            times.append(time)
        }
        var kinds: [Int] = []
        for _ in 0..<header.times {
            guard let kind = reader.byte(), Int(kind) < header.types else { return nil }
            kinds.append(Int(kind))
        }
        var offsets: [Int] = []
        for _ in 0..<header.types {
            guard let offset = reader.integer(4), (-90_000...93_600).contains(offset), reader.skip(2) else {
                return nil
            }
            offsets.append(Int(offset))
        }
        guard reader.skip(header.characters + header.standards + header.universals) else { return nil }
        var zone = ZoneTable(name: name, firstOffsetSeconds: offsets[0])
        for (time, kind) in zip(times, kinds) {
            let (milliseconds, overflow) = time.multipliedReportingOverflow(by: 1000)
            if overflow, time > 0 { break }
            // Some files begin at the Big Bang, before any time that milliseconds can tell.
            if overflow {
                zone.firstOffsetSeconds = offsets[kind]
            } else {
                zone.transitions.append(
                    .init(at: ServerTime(milliseconds: milliseconds), offsetSeconds: offsets[kind]))
            }
        }
        return zone
    }

    private static func footer(_ reader: inout BigEndianReader) -> [UInt8]? {
        guard reader.byte() == 10, let end = reader.bytes.firstIndex(of: 10) else { return nil }
        return Array(reader.bytes[..<end])
    }

    private static func extend(_ zone: inout ZoneTable, by rule: POSIXZoneRule) {
        guard let last = zone.transitions.last?.at else {
            zone.firstOffsetSeconds = rule.standardOffset
            append(rule, after: ServerTime(milliseconds: .min), to: &zone, from: 1970)
            return
        }
        let day = last.milliseconds / 86_400_000
        append(rule, after: last, to: &zone, from: max(CivilDate(daysSince1970: day).year - 1, firstYear))
    }

    private static func append(_ rule: POSIXZoneRule, after last: ServerTime, to zone: inout ZoneTable, from: Int64) {
        guard from <= lastYear else { return }
        for year in from...lastYear {
            for transition in rule.transitions(in: year) where transition.at > last {
                zone.transitions.append(transition)
            }
        }
    }

    /// Without transitions that change nothing but a name or a flag, and without those that a later one undoes at once.
    private static func merged(_ zone: ZoneTable) -> ZoneTable {
        var merged = ZoneTable(name: zone.name, firstOffsetSeconds: zone.firstOffsetSeconds)
        for transition in zone.transitions {
            if merged.transitions.last?.at == transition.at { merged.transitions.removeLast() }
            let before = merged.transitions.last?.offsetSeconds ?? merged.firstOffsetSeconds
            if transition.offsetSeconds != before { merged.transitions.append(transition) }
        }
        return merged
    }
}

/// The head of a TZif block: how much of what follows.
private struct TZifHeader {
    let version: Int
    let universals: Int
    let standards: Int
    let leaps: Int
    let times: Int
    let types: Int
    let characters: Int

    init?(_ reader: inout BigEndianReader) {
        guard reader.bytes(4).map(Array.init) == Array("TZif".utf8), let mark = reader.byte(), reader.skip(15) else {
            return nil
        }
        version = mark == 0 ? 1 : Int(mark) - 48
        guard (1...9).contains(version) else { return nil }
        var counts: [Int] = []
        for _ in 0..<6 {
            guard let count = reader.integer(4), (0...100_000).contains(count) else { return nil }
            counts.append(Int(count))
        }
        (universals, standards, leaps) = (counts[0], counts[1], counts[2])
        (times, types, characters) = (counts[3], counts[4], counts[5])
    }

    func bodySize(timeSize: Int) -> Int {
        times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standards + universals
    }
}

/// Reads integers off bytes, most significant byte first.
private struct BigEndianReader {
    var bytes: ArraySlice<UInt8>

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

    mutating func byte() -> UInt8? { bytes(1)?.first }

    /// A signed integer of 4 or 8 bytes.
    mutating func integer(_ size: Int) -> Int64? {
        guard let taken = bytes(size) else { return nil }
        let bits = taken.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
    }
}
