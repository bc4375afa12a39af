import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@Suite("Slips in policies and configurations")
struct MutationTests {
    @Test("the files themselves are without errors", arguments: GoodFile.all)
    func good(file: GoodFile) {
        let read = file.read(file.bytes)
        #expect(!read.hasErrors, "\(FindingRenderer().render(read.findings))")
        #expect(!read.usable.isEmpty)
    }

    @Test("a misspelt key is always found, wherever it stands", arguments: GoodFile.all)
    func misspeltKeys(file: GoodFile) throws {
        var random = SplitMix64(seed: 7)
        for item in sample(file, 80, &random) where !item.isFree {
            let key = item.entry.key
            let slip = misspelt(key.text, &random)
            guard !GoodFile.keys.contains(slip) else { continue }
            let read = file.read(file.replacing(key.range, by: slip))
            #expect(read.hasErrors, "\(item.dotted) as \(slip) goes unnoticed")
            #expect(read.findings.contains { $0.line == key.range.start.line }, "\(item.dotted) as \(slip)")
        }
    }

    @Test("a key that stands twice is always found", arguments: GoodFile.all)
    func twice(file: GoodFile) throws {
        var random = SplitMix64(seed: 5)
        for item in sample(file, 10, &random) where item.style != .lone {
            let (key, range) = (item.entry.key, item.entry.key.range)
            let gap =
                item.style == .braces ? ", " : "\n" + String(repeating: " ", count: item.map.range.start.column - 1)
            let name = "\"\(key.text)\""
            let read = file.read(file.replacing(range, by: "\(name): x\(gap)\(name)"))
            #expect(read.findings.contains { $0.id == "duplicate-key" }, "\(item.dotted)")
        }
    }

    @Test("an empty map, an empty list and nothing are always found where something is meant", arguments: GoodFile.all)
    func emptied(file: GoodFile) throws {
        var random = SplitMix64(seed: 11)
        for item in sample(file, 20, &random) where isInline(item.entry) {
            let key = item.entry.key.text
            for (empty, allowed) in Self.empties.shuffled(using: &random).prefix(1) where !allowed.contains(key) {
                let read = file.read(file.replacing(item.entry.value.range, by: empty))
                #expect(read.hasErrors, "\(item.dotted): \(empty) goes unnoticed")
            }
        }
    }

    @Test("a value of another kind is always found", arguments: GoodFile.all)
    func kinds(file: GoodFile) throws {
        var random = SplitMix64(seed: 13)
        for item in sample(file, 25, &random) where item.entry.key.text != "http_code" {
            guard let scalar = item.entry.value.scalar, !item.entry.value.isNull else { continue }
            let others: [String] =
                switch scalar.kind {
                case .string: ["3", "true", "[[x]]", "{x: y}"]
                case .boolean: ["yes", "1", "[true]", "\"true\""]
                default: ["soon", "true", "{x: 1}", "\"3\""]
                }
            for other in others.shuffled(using: &random).prefix(1) {
                let read = file.read(file.replacing(item.entry.value.range, by: other))
                #expect(read.hasErrors, "\(item.dotted): \(other) goes unnoticed")
            }
        }
    }

    @Test("without `match`, and without `status` where it remediates, a policy is never used", arguments: GoodFile.all)
    func removed(file: GoodFile) throws {
        guard !file.isConfiguration else { return }
        for policy in file.root?["policies"]?.items ?? [] {
            let remediates = policy["actions"]?.items?.contains { $0.string != nil || $0["retry"] != nil } == true
            let name = try #require(policy["name"]?.string)
            for item in PlacedEntry.all(in: file) where policy.range.contains(item.entry.key.range) {
                let isStatus = item.dotted == "policies.match.status" && remediates
                guard item.dotted == "policies.match" || isStatus else { continue }
                let read = file.read(file.replacing(whole(item, in: file), by: ""))
                #expect(read.hasErrors, "\(name) without \(item.dotted)")
                #expect(!read.usable.contains(name), "\(name) without \(item.dotted)")
            }
        }
    }

    @Test(
        "random changes never crash the loader, and give findings or something to use",
        arguments: 0..<6 as Range<UInt64>)
    func random(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<25 {
            let file = GoodFile.all[random.below(GoodFile.all.count)]
            var bytes = file.bytes
            for _ in 0...random.below(3) { mutate(&bytes, &random) }
            let read = file.read(bytes)
            #expect(!read.findings.isEmpty || !read.usable.isEmpty, "\(String(decoding: bytes, as: UTF8.self))")
            let source = SourceText(bytes: bytes)
            let text = FindingRenderer(width: 60).render(read.findings, sources: [file.path: source])
            #expect(text.isEmpty == read.findings.isEmpty)
        }
    }
}

extension MutationTests {
    /// What means "nothing", with the keys for which that is a value: bare actions, and lists that may have no item.
    private static let empties: [(String, Set<String>)] = [
        ("{}", ["retry", "stop", "bulk_stop", "delete", "headers", "tags"]), ("[]", ["protect", "error_classes"]),
        ("~", ["retry", "stop", "bulk_stop", "delete", "ca_file"]),
    ]

    /// Some of a file's keys: all of them, every time, would take longer than it is worth.
    private func sample(_ file: GoodFile, _ count: Int, _ random: inout SplitMix64) -> [PlacedEntry] {
        Array(PlacedEntry.all(in: file).shuffled(using: &random).prefix(count))
    }

    private func isInline(_ entry: YAMLEntry) -> Bool { entry.key.range.start.line == entry.value.range.end.line }

    /// The key with its value, and the comma behind it in braces.
    private func whole(_ item: PlacedEntry, in file: GoodFile) -> SourceRange {
        let entries = item.map.entries ?? []
        let index = entries.firstIndex { $0.key.range == item.entry.key.range } ?? 0
        let next = index + 1 < entries.count ? entries[index + 1].key.range.start : item.entry.value.range.end
        return SourceRange(start: item.entry.key.range.start, end: next)
    }

    private func misspelt(_ key: String, _ random: inout SplitMix64) -> String {
        var letters = Array(key)
        let place = random.below(letters.count)
        let letter = Array("abcdefghijklmnopqrstuvwxyz_")[random.below(27)]
        switch random.below(4) {
        case 0: letters.insert(letter, at: place)
        case 1 where letters.count > 1: letters.remove(at: place)
        case 2 where letters[place] != letter: letters[place] = letter
        case 3 where place > 0 && letters[place] != letters[place - 1]: letters.swapAt(place, place - 1)
        default: letters.append("x")
        }
        return String(letters)
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        let line = random.below(lines.count)
        let spice: [UInt8] = Array("{}[]&*!|>'\"%@`:,-?# \n\r\t<~\\0".utf8) + [0, 0xFF, 0xC3, 0xE2, 0xF0]
        switch random.below(7) {
        case 0: lines.remove(at: line)
        case 1: lines.insert(lines[line], at: random.below(lines.count))
        case 2: lines[line].insert(contentsOf: Array(repeating: 0x20, count: 1 + random.below(4)), at: 0)
        case 3 where lines[line].first == 0x20: lines[line].removeFirst()
        case 4: lines.swapAt(line, random.below(lines.count))
        case 5: lines.removeSubrange(line...)
        default: lines[line].insert(spice[random.below(spice.count)], at: random.below(lines[line].count + 1))
        }
        bytes = Array(lines.joined(separator: [0x0A]))
    }
}

extension SourceRange {
    fileprivate func contains(_ other: SourceRange) -> Bool { start <= other.start && other.end <= end }
}
