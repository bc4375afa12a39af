import MendflowTestKit
import Testing

@testable import MendflowN8N

@Suite("The scanner")
struct ScannerTests {
    private static let page = JSONPlan.object([
        "data": .array(RowAnswer.row, keep: .first(10_000)), "nextCursor": .scalar(limit: 4096),
    ])
    private static let plans: [(name: String, plan: JSONPlan)] = [
        ("page", page), ("row", RowAnswer.row), ("detail", DetailPlan.execution),
        ("workflows", WorkflowAnswer.page), ("tags", WorkflowAnswer.tags), ("refusal", AnswerReading.refusalPlan),
    ]

    private func scan(_ bytes: [UInt8], _ plan: JSONPlan, cuts: [Int] = []) -> (tree: JSONTree?, fault: JSONFault?) {
        var scanner = JSONScanner(plan: plan)
        var start = 0
        for cut in cuts.sorted() + [bytes.count] {
            scanner.feed(Array(bytes[start..<cut]))
            start = cut
        }
        let tree = scanner.finish()
        return (tree, scanner.fault)
    }

    private func tree(_ text: String, _ plan: JSONPlan) -> JSONTree? { scan(Array(text.utf8), plan).tree }

    @Test("keeps of every recorded body what a plain parser finds there", arguments: Recording.current)
    func agreesWithReference(_ recording: Recording) throws {
        let bytes = Array(recording.text.utf8)
        guard let reference = try? ReferenceParser.parse(bytes) else {
            #expect(scan(bytes, Self.page).tree == nil)
            return
        }
        for (name, plan) in Self.plans {
            #expect(scan(bytes, plan).tree == reference.kept(by: plan), "plan \(name)")
        }
    }

    @Test("finds the same wherever the pieces are cut", arguments: Recording.current)
    func splits(_ recording: Recording) {
        let bytes = Array(recording.text.utf8)
        var generator = SplitMix64(seed: UInt64(bytes.count))
        for (name, plan) in Self.plans.prefix(3) {
            let whole = scan(bytes, plan).tree
            if bytes.count <= 400 {
                for cut in stride(from: 0, through: bytes.count, by: TestScale.isFull ? 1 : 7) {
                    #expect(scan(bytes, plan, cuts: [cut]).tree == whole, "\(name) at \(cut)")
                }
            } else {
                for _ in 0..<4 {
                    let cuts = (0..<12).map { _ in Int.random(in: 0...bytes.count, using: &generator) }
                    #expect(scan(bytes, plan, cuts: cuts).tree == whole, "\(name) at \(cuts)")
                }
            }
        }
    }

    @Test("byte by byte is no different")
    func byteByByte() throws {
        let bytes = Array(try #require(Recording.named("batch.get")).text.utf8)
        let whole = scan(bytes, DetailPlan.execution).tree
        #expect(whole != nil)
        #expect(scan(bytes, DetailPlan.execution, cuts: Array(0..<bytes.count)).tree == whole)
    }

    @Test("a damaged body never crashes it, and is accepted only where a plain parser accepts it")
    func mutations() {
        var generator = SplitMix64(seed: 7)
        let bodies = Recording.current.filter { (50...5000).contains($0.text.utf8.count) }.map { Array($0.text.utf8) }
        for round in 0..<1500 {
            var bytes = bodies[round % bodies.count]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[at] = Array("{}[]\",:\\u0-e.tn".utf8).randomElement(using: &generator) ?? 0
                case 2: bytes.remove(at: at)
                default: bytes.insert(bytes[at], at: at)
                }
            }
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let isAccepted = scan(bytes, DetailPlan.execution, cuts: [cut]).tree != nil
            #expect(
                isAccepted == ((try? ReferenceParser.parse(bytes)) != nil), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test("every shortened body is incomplete")
    func truncated() throws {
        let bytes = Array(try #require(Recording.named("get.ok")).text.utf8)
        for count in 0..<bytes.count { #expect(scan(Array(bytes.prefix(count)), RowAnswer.row).tree == nil) }
    }

    @Test(
        "reads escapes and surrogates, and repairs lone halves",
        arguments: [
            (#""a\"\\\/\b\f\n\r\t\u0041""#, "a\"\\/\u{8}\u{C}\n\r\tA"), (#""\ud83d\ude00!""#, "😀!"),
            (#""\ud83dx""#, "\u{FFFD}x"), (#""\ude00""#, "\u{FFFD}"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
            (#""\ud83d""#, "\u{FFFD}"), (#""\ud83d\n""#, "\u{FFFD}\n"),
        ])
    func escapes(_ json: String, _ expected: String) {
        for cut in 0...json.utf8.count {
            let tree = scan(Array(json.utf8), .word, cuts: [cut]).tree
            #expect(tree == .text(expected, whole: true))
        }
    }

    @Test("repairs broken UTF-8")
    func brokenUTF8() {
        #expect(scan([0x22, 0xC3, 0x28, 0x22], .word).tree == .text("\u{FFFD}(", whole: true))
    }

    @Test("cuts a text at its limit between characters and says so")
    func limit() {
        #expect(tree("\"aaäää\"", .scalar(limit: 5)) == .text("aaä", whole: false))
        #expect(tree("\"aaä\"", .scalar(limit: 4)) == .text("aaä", whole: true))
        #expect(tree("\"aaä\"", .scalar(limit: 4))?.word == "aaä")
        #expect(tree("\"aaäb\"", .scalar(limit: 4))?.word == nil)
    }

    @Test(
        "refuses what is not JSON",
        arguments: [
            "", "n8n is starting up", "<html>", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "01", "1.", "-", "1e",
            "\"\u{1}\"", "\"\\x\"", "\"\\u12G4\"", "nul", "[1}", "{}{}", "[1 2]", "+1", "tru", "{\"a\":1,}",
            "\u{FEFF}{}",
        ])
    func malformed(_ text: String) {
        #expect(tree(text, .object(["a": .word])) == nil)
    }

    @Test("numbers keep their text", arguments: ["0", "-0", "12", "1.50", "1e5", "-1.2E-3", "9007199254740993"])
    func numbers(_ text: String) {
        #expect(tree(text, .word) == .number(text))
        #expect(tree("[\(text)]", .array(.word, keep: .first(1))) == .array([.number(text)], count: 1))
    }

    @Test("stops at a depth that no run data has")
    func depth() {
        let open = String(repeating: "[", count: 1024)
        let close = String(repeating: "]", count: 1024)
        #expect(tree(open + close, .skip) == nil)
        #expect(scan(Array((open + close).utf8), .skip).fault == nil)
        #expect(scan(Array(("[" + open + close + "]").utf8), .skip).fault == .tooDeep)
    }

    @Test("holds no more than its budget, however much is wanted")
    func budget() {
        let item = "{\"id\":\"\(String(repeating: "x", count: 200))\"}"
        let body = Array(("[" + Array(repeating: item, count: 100).joined(separator: ",") + "]").utf8)
        var scanner = JSONScanner(plan: .array(.object(["id": .word]), keep: .first(1000)), budget: 1000)
        scanner.feed(body)
        #expect(scanner.fault == .tooMuchKept)
        #expect(scanner.finish() == nil)
    }

    @Test("ten megabytes of run data leave a few bytes behind")
    func huge() throws {
        let item = #"{"json":{"order":1,"text":"\u00e4 [{]}"},"pairedItem":{"item":0}}"#
        let items = Array(repeating: item, count: 1600).joined(separator: ",")
        let run = #"{"executionStatus":"success","data":{"main":[[\#(items)]]}}"#
        var scanner = JSONScanner(plan: DetailPlan.execution, budget: 4096)
        scanner.feed(Array(#"{"data":{"resultData":{"runData":{"#.utf8))
        for index in 0..<100 {
            scanner.feed(Array((index == 0 ? "" : ",").utf8) + Array("\"n\(index % 10)\":[\(run)]".utf8))
        }
        scanner.feed(Array(#"}}},"id":"7","status":"error","workflowId":"w"}"#.utf8))
        let finished = scanner.finish()
        let tree = try #require(finished)
        #expect(tree["id"]?.word == "7")
        #expect(tree["data"]?["resultData"]?["runData"]?.members?.count == 10)
    }

    @Test("keeps the first or the last elements and counts all")
    func elements() {
        #expect(tree("[1,2,3]", .count)?.elementCount == 3)
        #expect(tree("[[1],{},3]", .count) == .array([], count: 3))
        #expect(tree("[1,2,3]", .array(.word, keep: .last)) == .array([.number("3")], count: 3))
        #expect(tree("[1,2,3]", .array(.word, keep: .first(2))) == .array([.number("1"), .number("2")], count: 3))
    }

    @Test("takes the later of two members with one name, and so many of a map")
    func members() {
        #expect(tree(#"{"a":1,"a":2}"#, .object(["a": .word]))?["a"] == .number("2"))
        let map = tree(#"{"a":1,"b":2,"c":3,"a":4}"#, .map(.word, limit: 2))
        #expect(map?.members == ["a": .number("4"), "b": .number("2")])
    }
}
