import FoundationEssentials
import Glibc
import MendflowCore
import Testing

@testable import MendflowZones

@Suite("Time zone files", .serialized)
struct ZoneFileTests {
    private static let folder = "/usr/share/zoneinfo"

    private static func zone(_ name: String) -> ZoneTable? {
        ZoneFile.read(name: name, folder: folder) { path in
            FileManager.default.contents(atPath: path).map { [UInt8]($0) }
        }
    }

    private static func names() throws -> [String] {
        let table = try String(contentsOfFile: folder + "/tzdata.zi", encoding: .utf8)
        var names: Set<String> = []
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("Z "), words.count > 1 { names.insert(String(words[1])) }
            if line.hasPrefix("L "), words.count > 2 { names.insert(String(words[2])) }
        }
        return names.sorted()
    }

    /// Spread over 1970 to 2099, and one each side of every transition.
    private static func instants(_ zone: ZoneTable) -> [Int64] {
        let spread = (0..<500).map { Int64($0) * 8_200_003 + 12_345 }
        let edges = zone.transitions.map { $0.at.milliseconds / 1000 }.filter { $0 > 0 && $0 < 4_102_444_800 }
        return spread + edges.flatMap { [$0 - 1, $0] }
    }

    @Test("local times agree with the C library's in every zone, from 1970 to 2099")
    func agreesWithTheCLibrary() throws {
        let before = getenv("TZ").map { String(cString: $0) }
        defer {
            if let before { setenv("TZ", before, 1) } else { unsetenv("TZ") }
            tzset()
        }
        let names = try Self.names()
        #expect(names.count > 400)
        for name in names where FileManager.default.fileExists(atPath: Self.folder + "/" + name) {
            let zone = try #require(Self.zone(name), "\(name)")
            setenv("TZ", ":" + Self.folder + "/" + name, 1)
            tzset()
            var wrong: [Int64] = []
            for instant in Self.instants(zone) {
                var time = time_t(instant)
                var parts = tm()
                localtime_r(&time, &parts)
                if parts.tm_gmtoff != zone.offsetSeconds(at: ServerTime(milliseconds: instant * 1000)) {
                    wrong.append(instant)
                }
            }
            #expect(wrong.isEmpty, "\(name): \(wrong.count) instants, first \(wrong.first ?? 0)")
        }
    }

    @Test("Berlin's summer time is known far ahead, and no further than 2100")
    func berlin() throws {
        let zone = try #require(Self.zone("Europe/Berlin"))
        #expect(zone.name == "Europe/Berlin")
        #expect(zone.offsetSeconds(at: try #require(ServerTime(rfc3339: "2099-07-01T00:00:00Z"))) == 7200)
        #expect(zone.offsetSeconds(at: try #require(ServerTime(rfc3339: "2099-12-01T00:00:00Z"))) == 3600)
        #expect(zone.transitions.count < 600)
        #expect(try #require(zone.transitions.last).at < #require(ServerTime(rfc3339: "2101-01-01T00:00:00Z")))
    }

    @Test(
        "names that lead out of the folder, or nowhere, are no zones",
        arguments: [
            "", "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC", "Europe", "Europe/Atlantis", "./UTC",
            "Europe//Berlin", "UTC\0", "tzdata.zi", "Europe/Berlin/",
        ])
    func refused(_ name: String) {
        #expect(Self.zone(name) == nil)
    }

    @Test("are in the folder that TZDIR names, if it names one")
    func folder() {
        #expect(
            ZoneFile.folder([:]) == "/usr/share/zoneinfo" && ZoneFile.folder(["TZDIR": ""]) == "/usr/share/zoneinfo")
        #expect(ZoneFile.folder(["TZDIR": "/zones"]) == "/zones")
    }

    @Test("UTC needs no file")
    func utc() {
        #expect(ZoneFile.read(name: "UTC", folder: "/nonexistent") { _ in nil } == .utc)
        #expect(ZoneFile.read(name: "Europe/Berlin", folder: "/nonexistent") { _ in nil } == nil)
    }

    @Test("a file cut off anywhere is refused, not misread")
    func truncated() throws {
        let data = try #require(FileManager.default.contents(atPath: Self.folder + "/Europe/Berlin"))
        let bytes = Array(data)
        #expect(ZoneFile.parse(bytes, name: "x") != nil)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(ZoneFile.parse(Array(bytes.prefix(length)), name: "x") == nil)
        }
    }

    @Test("files that count leap seconds are refused")
    func leapSeconds() {
        #expect(Self.zone("right/UTC") == nil)
    }

    @Test(
        "the last line's rule is read as RFC 8536 writes it",
        arguments: [
            ("CET-1CEST,M3.5.0,M10.5.0/3", 3600, "2026-03-29T01:00:00Z", 7200, "2026-10-25T01:00:00Z"),
            ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", -10800, "2026-03-29T01:00:00Z", -7200, "2026-10-25T01:00:00Z"),
            ("AAA0BBB-0:30,J60/0,365/24", 0, "2026-03-01T00:00:00Z", 1800, "2027-01-01T23:30:00Z"),
        ])
    func rules(_ text: String, _ standard: Int, _ summer: String, _ offset: Int, _ back: String) throws {
        let rule = try #require(POSIXZoneRule(Array(text.utf8)))
        #expect(rule.standardOffset == standard)
        let transitions = rule.transitions(in: 2026)
        #expect(transitions.map(\.at.rfc3339) == [summer, back].map { $0.replacing("Z", with: ".000Z") })
        #expect(transitions.first?.offsetSeconds == offset)
    }

    @Test(
        "what is no rule is refused", arguments: ["", "C1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "<+3-3"])
    func badRules(_ text: String) { #expect(POSIXZoneRule(Array(text.utf8)) == nil) }
}
