import MendflowTestKit
import MendflowYAML
import Testing

@Suite("The YAML reader")
struct YAMLReaderTests {
    @Test("finds each fault at its line and column", arguments: Fixture.names(in: "bad"))
    func faults(name: String) throws {
        let reading = YAMLReader.read(bytes: try Fixture.bytes("bad/\(name).yaml"), file: name)
        let expected = String(decoding: try Fixture.bytes("bad/\(name).expected"), as: UTF8.self)
        #expect(reading.findings.map(\.brief).joined(separator: "\n") + "\n" == expected)
        #expect(reading.hasErrors)
    }

    @Test("has a fixture for every fault")
    func coverage() {
        #expect(Fixture.names(in: "bad").count >= 35)
        #expect(Fixture.names(in: "good").count == 4)
    }

    @Test("reads good files without a finding", arguments: Fixture.names(in: "good"))
    func good(name: String) throws {
        let reading = YAMLReader.read(bytes: try Fixture.bytes("good/\(name).yaml"), file: name)
        #expect(reading.findings.isEmpty)
        #expect(reading.root?.entries != nil)
    }

    @Test("keeps order, nesting and text, and resolves aliases")
    func nodes() throws {
        let root = try #require(read("b: [1, {c: 'd'}]\na: &x {y: z}\ne: *x\nf:\n").root)
        #expect(root.outline == #"{b: [1, {c: "d"}], a: {y: z}, e: {y: z}, f: }"#)
        #expect(root["e"]?.range == root["a"]?.range)
    }

    @Test("knows where nodes begin and end, in characters")
    func places() throws {
        let root = try #require(read("名: 💥x\nb:\n  - ü: [a,\n      b]\n\n\nc: 1\n").root)
        #expect(root["名"]?.range == range(1, 4, 1, 6))
        #expect(root["b"]?.range == range(3, 3, 4, 9))
        #expect(root["b"]?.items?.first?.range == range(3, 5, 4, 9))
        #expect(root.range == range(1, 1, 7, 5))
        #expect(root.entries?[2].key.range == range(7, 1, 7, 2))
    }

    @Test("decodes the styles of scalars")
    func styles() throws {
        let reading = YAMLReader.read(bytes: try Fixture.bytes("good/styles.yaml"), file: "styles")
        let root = try #require(reading.root)
        #expect(root["plain"]?.scalar == YAMLScalar("several words"))
        #expect(root["single"]?.scalar == YAMLScalar("it's", style: .singleQuoted))
        #expect(root["double"]?.scalar == YAMLScalar("café \"x\" \n", style: .doubleQuoted))
        #expect(root["literal"]?.scalar == YAMLScalar("one\ntwo\n", style: .literal))
        #expect(root["folded"]?.scalar == YAMLScalar("one two", style: .folded))
    }

    @Test(
        "gives no root and no finding for an empty document",
        arguments: ["", "\n", "# only a comment\n", "---\n", "\u{FEFF}", "--- \n...\n"])
    func empty(text: String) {
        let reading = read(text)
        #expect(reading.root == nil)
        #expect(reading.findings.isEmpty)
    }

    @Test("keeps the document where the rest is readable, with the broken place marked")
    func partial() {
        let reading = read("a: *no\nb: 1\nb: 2\n<<: {c: 1}\n")
        #expect(reading.root?.outline == "{a: ?, b: 1, <<: ?}")
        #expect(reading.findings.map(\.id) == ["unknown-alias", "duplicate-key", "merge-key"])
        #expect(read("a: [1\n").root == nil)
    }

    @Test("a refused character hides only the syntax error of its own line")
    func noise() {
        #expect(read("a: 1\u{C}\n\u{C}b: [\u{1}\n").findings.map(\.id).contains("syntax"))
        #expect(read("a: \u{1}: @\n").findings.map(\.id) == ["control-character"])
        #expect(read("{a: 1, a: 2, b: ]}\n").findings.map(\.id) == ["duplicate-key", "syntax"])
    }

    @Test("a quoted << is a key like any other")
    func quotedMerge() {
        #expect(read("'<<': 1\n").findings.isEmpty)
    }

    @Test("names both places, and what was probably meant")
    func help() throws {
        let twice = try #require(read("a: 1\nb: 2\na: 3\n").findings.first)
        #expect(twice.message == "the key `a` stands twice in this map")
        #expect(twice.notes == [Finding.Note("first here", at: range(1, 1, 1, 2))])
        #expect(read("base: &retries 3\nb: *retrys\n").findings.first?.suggestion == "retries")
        let open = try #require(read("a: {b: 1\nc: 2\n").findings.first)
        #expect(open.notes.first == Finding.Note("it began here", at: range(1, 4, 1, 4)))
        #expect(read("a:\n\tb: 1\n").findings.first?.notes.last?.message.contains("tabs") == true)
    }

    private func range(_ line: Int, _ column: Int, _ endLine: Int, _ endColumn: Int) -> SourceRange {
        SourceRange(
            start: SourcePosition(line: line, column: column), end: SourcePosition(line: endLine, column: endColumn))
    }
}

@Suite("The YAML reader's limits")
struct YAMLLimitTests {
    @Test(
        "any number of open brackets ends at the limit", arguments: [5_000, 100_000],
        ["[", "{", "- ", "? ", "[\n", "{a: "])
    func brackets(count: Int, bracket: String) {
        let reading = read(String(repeating: bracket, count: count))
        #expect(reading.root == nil)
        #expect(reading.findings.map(\.id) == ["too-deep"])
    }

    @Test("exactly the allowed depth is read")
    func depth() {
        #expect(read(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).findings.isEmpty)
    }

    @Test("aliases may add nodes up to the budget, nested ones counted in full")
    func budget() {
        var limits = YAMLLimits.default
        limits.aliasedNodes = 10
        let text = "a: &a [1, 2]\nb: &b [*a]\nc: *b\n"
        #expect(read(text, limits: limits).findings.isEmpty)
        limits.aliasedNodes = 6
        #expect(read(text, limits: limits).findings.map(\.brief) == ["alias-expansion 3:4"])
    }

    @Test("a hundred aliases are allowed")
    func aliases() {
        let list = Array(repeating: "*a", count: 100).joined(separator: ", ")
        #expect(read("a: &a 1\nb: [\(list)]\n").findings.isEmpty)
    }

    @Test("a file over a mebibyte is not parsed")
    func size() {
        let reading = YAMLReader.read(bytes: Array(repeating: 0x5B, count: (1 << 20) + 1), file: "big")
        #expect(reading.findings.map(\.brief) == ["file-too-large 1:1"])
        let fits = YAMLReader.read(bytes: Array(repeating: UInt8(ascii: "a"), count: 1 << 20), file: "big")
        #expect(fits.findings.isEmpty)
    }

    @Test("a file of nothing but faults gives a bounded report")
    func report() {
        let reading = YAMLReader.read(bytes: Array(repeating: 0xFF, count: 5_000), file: "x")
        #expect(reading.findings.count == 101)
        #expect(reading.findings.last?.message == "4900 more are not shown")
    }
}

@Suite("The YAML reader under fire")
struct YAMLMutationTests {
    @Test(
        "random changes to good files never crash, and findings stay inside the file", arguments: 0..<8 as Range<UInt64>
    )
    func mutations(seed: UInt64) throws {
        let names = Fixture.names(in: "good")
        let files = try names.map { try Fixture.bytes("good/\($0).yaml") }
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            var bytes = files[random.below(files.count)]
            for _ in 0...random.below(6) { mutate(&bytes, &random) }
            let reading = YAMLReader.read(bytes: bytes, file: "m")
            let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 2
            #expect(reading.findings.allSatisfy { (1...lines).contains($0.line ?? 1) })
            #expect(reading.root != nil || reading.hasErrors || bytes.isEmpty || isBlank(bytes), "\(bytes)")
            let text = FindingRenderer(width: 40).render(reading.findings, sources: ["m": SourceText(bytes: bytes)])
            #expect(text.isEmpty == reading.findings.isEmpty)
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let spice: [UInt8] = Array("{}[]&*!|>'\"%@`:,-?# \n\r\t<~\\".utf8) + [0, 0xFF, 0xC3, 0xE2, 0xF0, 0x85]
        let place = bytes.isEmpty ? 0 : random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes.insert(spice[random.below(spice.count)], at: place)
        case 1 where !bytes.isEmpty: bytes.remove(at: place)
        case 2 where !bytes.isEmpty: bytes[place] = UInt8(random.below(256))
        case 3 where !bytes.isEmpty: bytes[place] = spice[random.below(spice.count)]
        default:
            let end = min(bytes.count, place + random.below(40))
            bytes.insert(contentsOf: bytes[place..<end], at: bytes.isEmpty ? 0 : random.below(bytes.count))
        }
    }

    /// Only comments, markers and blanks are left.
    private func isBlank(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).allSatisfy { line in
            let text = line.drop { $0 == " " || $0 == "\u{FEFF}" }
            return text.isEmpty || text.hasPrefix("#") || text.hasPrefix("---") || text.hasPrefix("...")
        }
    }
}
