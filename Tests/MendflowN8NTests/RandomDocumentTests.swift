import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowN8N

/// Makes documents that n8n would not send, from a seed.
private struct DocumentMaker {
    var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    static let names = [
        "a", "b", "data", "id", "nextCursor", "aLongerNameThanSixteenBytes", "aLongerNameThanSixteenBites",
    ]

    mutating func blank() -> String { pick(["", "", "", " ", "\n\t", "\r\n  "]) }

    mutating func quoted() -> String {
        let pieces = [
            "a", "plain words, and more of them", "ä", "🦊", "€", #"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u00e4"#,
            #"\ud83d\ude00"#,
            #"\ud83d"#, #"\ude00x"#, "1234567", "12345678", "[{]}", ":,",
        ]
        return "\"" + (0..<below(7)).map { _ in pick(pieces) }.joined() + "\""
    }

    mutating func value(depth: Int) -> String {
        switch below(depth > 0 ? 8 : 6) {
        case 0: return pick(["null", "true", "false"])
        case 1: return pick(["0", "-1.50", "12e3", "4E-2", "1795462615276"])
        case 2, 3, 4, 5: return quoted()
        case 6:
            let items = (0..<below(5)).map { _ in blank() + value(depth: depth - 1) + blank() }
            return "[" + (items.isEmpty ? blank() : items.joined(separator: ",")) + "]"
        default:
            let members = (0..<below(6)).map { _ in
                "\(blank())\"\(pick(Self.names))\"\(blank()):\(blank())\(value(depth: depth - 1))\(blank())"
            }
            return "{" + (members.isEmpty ? blank() : members.joined(separator: ",")) + "}"
        }
    }

    mutating func plan(depth: Int) -> JSONPlan {
        switch below(depth > 0 ? 7 : 3) {
        case 0: return .skip
        case 1, 2: return .scalar(limit: pick([1, 5, 8, 30, 200]))
        case 3: return .array(plan(depth: depth - 1), keep: .first(below(4)))
        case 4: return .array(plan(depth: depth - 1), keep: .last)
        case 5: return .map(plan(depth: depth - 1), limit: below(5))
        default:
            var members: [String: JSONPlan] = [:]
            for _ in 0..<below(5) { members[pick(Self.names)] = plan(depth: depth - 1) }
            return .object(members)
        }
    }

    /// A row, most often as n8n writes it, in a page.
    mutating func page() -> String {
        let rows = (0..<below(5)).map { _ in below(25) == 0 ? value(depth: 1) : row() }
        var members = ["\"data\":\(blank())[" + rows.joined(separator: ",") + "]"]
        if below(20) > 0 { members.append("\"nextCursor\":" + pick(["null", "\"\"", #""eyJs\u0061""#, "7", "{}"])) }
        if below(10) == 0 { members.append("\"data\":" + value(depth: 1)) }
        if below(4) == 0 { members.append("\"a\":" + value(depth: 2)) }
        if below(4) == 0 { members.swapAt(0, members.count - 1) }
        return "{" + members.joined(separator: ",") + "}"
    }

    private mutating func row() -> String {
        var members = [
            ("id", "\"\(below(100_000))\""), ("finished", "true"),
            ("mode", pick(["\"webhook\"", "\"trigger\"", "\"\""])),
            ("retryOf", pick(["null", "null", "\"12\"", "12", "\"\""])), ("retrySuccessId", pick(["null", "\"13\""])),
            ("status", pick(["\"error\"", "\"success\"", "\"new\"", "\"paused\"", "\"queued\""])),
            ("createdAt", time()), ("startedAt", time()), ("stoppedAt", time()),
            ("workflowId", pick(["\"P3FzholtBjDtOX5M\"", "\"EyWiXdI09DfcKX2e\"", "\"short\"", "4"])),
            ("waitTill", "null"),
        ]
        if below(12) == 0 { members.remove(at: below(members.count)) }
        if below(12) == 0 { members[below(members.count)].1 = value(depth: 1) }
        if below(12) == 0 { members.append((pick(members).0, value(depth: 1))) }
        if below(12) == 0 { members.swapAt(below(members.count), below(members.count)) }
        if below(40) == 0 { members[0].1 = "\"\(String(repeating: "7", count: 257))\"" }
        return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    private mutating func time() -> String {
        let day = "20\(below(90) + 10)-0\(below(9) + 1)-\(below(22) + 10)"
        return pick([
            "\"\(day)T0\(below(10)):\(below(50) + 10):00.\(below(900) + 100)Z\"", "\"\(day)T10:00:00+02:00\"", "null",
            "\"\(day)\"", "\"\(day)T24:00:00.000Z\"",
        ])
    }

    /// The document with an ASCII byte of it changed, left out or doubled, or as it is.
    mutating func damaged(_ document: String) -> [UInt8] {
        var bytes = Array(document.utf8)
        guard !bytes.isEmpty, below(3) == 0 else { return bytes }
        let at = below(bytes.count)
        guard bytes[at] < 0x80 else { return bytes }
        switch below(3) {
        case 0: bytes[at] = pick(Array("{}[]\",:\\u0-e.tn \u{1}".utf8))
        case 1: bytes.remove(at: at)
        default: bytes.insert(bytes[at], at: at)
        }
        return bytes
    }

    mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        let cuts = (0..<below(6)).map { _ in below(bytes.count + 1) }.sorted()
        return zip([0] + cuts, cuts + [bytes.count]).map { Array(bytes[$0..<$1]) }
    }
}

@Suite("Documents of any kind")
struct RandomDocumentTests {
    private static let pagePlan = JSONPlan.object([
        "data": .array(RowAnswer.row, keep: .first(10_000)), "nextCursor": .scalar(limit: 4096),
    ])

    @Test("leave what a plain parser finds, by any plan, damaged or not, in whatever pieces they come")
    func trees() {
        var accepted = 0
        for seed in 0..<4000 {
            var maker = DocumentMaker(seed: UInt64(seed))
            let plan = maker.plan(depth: 3)
            let bytes = maker.damaged(maker.blank() + maker.value(depth: 4) + maker.blank())
            let reference = try? ReferenceParser.parse(bytes)
            var whole = JSONScanner(plan: plan)
            whole.feed(bytes)
            let tree = whole.finish()
            #expect(tree == reference?.kept(by: plan), "seed \(seed)")
            #expect(whole.isComplete == (reference != nil), "seed \(seed)")
            if whole.isComplete { accepted += 1 }
            var pieces = JSONScanner(plan: plan)
            for piece in maker.cut(bytes) { pieces.feed(piece) }
            let same = pieces.finish()
            #expect(same == tree && pieces.fault == whole.fault, "seed \(seed), in pieces")
        }
        #expect((2000..<4000).contains(accepted))
    }

    @Test("are pages with rows exactly where a plain parser finds one, and with the same rows")
    func pages() {
        var usable = 0
        for seed in 0..<3000 {
            var maker = DocumentMaker(seed: UInt64(seed))
            let bytes = maker.damaged(maker.page())
            var whole = JSONScanner(into: RowPageBuilder())
            whole.feed(bytes)
            let page = whole.end() ? whole.sink.page : nil
            let expected = Self.page(bytes)
            #expect(page?.executions == expected?.executions && page?.next == expected?.next, "seed \(seed)")
            if page != nil { usable += 1 }
            var pieces = JSONScanner(into: RowPageBuilder())
            for piece in maker.cut(bytes) { pieces.feed(piece) }
            let same = pieces.end() ? pieces.sink.page : nil
            #expect(same?.executions == page?.executions && pieces.fault == whole.fault, "seed \(seed), in pieces")
        }
        #expect((1000..<2500).contains(usable))
    }

    /// A page by way of the whole tree.
    private static func page(_ bytes: [UInt8]) -> (executions: [Execution], next: String?)? {
        guard let tree = try? ReferenceParser.parse(bytes).kept(by: pagePlan), let data = tree["data"],
            let rows = data.items, rows.count == data.elementCount, let cursor = RowAnswer.Cursor(tree["nextCursor"])
        else { return nil }
        let executions = rows.compactMap(RowAnswer.execution)
        return executions.count == rows.count ? (executions, cursor.text) : nil
    }
}
