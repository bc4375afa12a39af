import MendflowCore
import MendflowPolicy
import MendflowYAML
import Testing

@Suite("The loaders under fire")
struct MutationTests {
    private static let files = Fixture.names(in: "policies").map { "policies/\($0).yaml" }
        + Fixture.names(in: Fixture.policies + "good").map { "\(Fixture.policies)good/\($0).yaml" }

    @Test("random changes never crash, and what loads says all that its file says", arguments: 0..<8 as Range<UInt64>)
    func policies(seed: UInt64) throws {
        let good = try MutationTests.files.map { try Fixture.bytes($0) }
        var random = SplitMix(state: seed)
        for _ in 0..<300 {
            var bytes = good[random.below(good.count)]
            for _ in 0...random.below(4) { mutate(&bytes, &random) }
            let loaded = PolicyLoader(testOptions).load([PolicyFile(name: "m", bytes: bytes)])
            guard !loaded.hasErrors, let root = YAMLReader.read(bytes: bytes, file: "m").root else { continue }
            let nodes = root["policies"]?.items ?? []
            #expect(nodes.count == loaded.policies.count)
            for (node, policy) in zip(nodes, loaded.policies) { try hold(node, policy) }
        }
    }

    @Test("taking any one line away never makes a policy that loads reach further without saying so")
    func droppedLines() throws {
        for path in MutationTests.files {
            let lines = try Fixture.text(path).split(separator: "\n", omittingEmptySubsequences: false)
            for index in lines.indices {
                var rest = lines
                rest.remove(at: index)
                let loaded = load(rest.joined(separator: "\n"))
                guard !loaded.hasErrors else { continue }
                for policy in loaded.policies where policy.remediation != nil {
                    #expect(policy.match?.statuses?.isEmpty == false, "\(path):\(index + 1)")
                    #expect(policy.match?.fields.contains(.executionMode) == true)
                }
            }
        }
    }

    @Test("random changes to a configuration never crash", arguments: 0..<4 as Range<UInt64>)
    func configurations(seed: UInt64) throws {
        let good = try Fixture.bytes("examples/production/mendflow.yaml")
        var random = SplitMix(state: seed)
        for _ in 0..<60 {
            var bytes = good
            for _ in 0...random.below(4) { mutate(&bytes, &random) }
            let loaded = ConfigurationLoader.load(bytes: bytes, file: "m")
            let shown = FindingRenderer().render(loaded.findings, sources: ["m": loaded.source])
            #expect(shown.isEmpty == loaded.findings.isEmpty)
        }
    }

    /// Every condition that is written is one that is tested, and nothing that holds back is lost.
    private func hold(_ node: YAMLNode, _ policy: Policy) throws {
        let written = node["match"].map(leaves) ?? 0
        let tests = policy.match?.writtenTests ?? 0
        #expect(written == tests, "\(policy.text)")
        #expect(policy.exceptions.count == node["exceptions"]?.items?.count ?? 0)
        #expect(policy.guards.notDuring.isEmpty == (node["guards"]?["not_during"] == nil))
        #expect(policy.mode == .dryRun || node["mode"] != nil)
        guard policy.remediation != nil else { return }
        #expect(policy.match?.statuses.map { $0.isSubset(of: policy.remediation?.fittingStatuses ?? []) } == true)
    }

    private func leaves(_ node: YAMLNode) -> Int {
        (node.entries ?? []).reduce(0) { sum, entry in
            switch entry.key.text {
            case "all", "any": sum + (entry.value.items ?? []).map(leaves).reduce(0, +)
            case "not": sum + leaves(entry.value)
            case "error", "custom_data": sum + (entry.value.entries?.count ?? 0)
            case "workflow": sum + parts(entry.value)
            default: sum + 1
            }
        }
    }

    private func parts(_ node: YAMLNode) -> Int {
        let parts = ["id", "name", "tag", "project", "active"]
        return max(1, node.entries?.count { parts.contains($0.key.text) } ?? 1)
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let spice: [UInt8] = Array("{}[]&*!|>'\"%@`:,-?# \n0123456789aeinot_".utf8)
        let place = bytes.isEmpty ? 0 : random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes.insert(spice[random.below(spice.count)], at: place)
        case 1 where !bytes.isEmpty: bytes.remove(at: place)
        case 2 where !bytes.isEmpty: bytes[place] = spice[random.below(spice.count)]
        case 3 where !bytes.isEmpty:
            let start = bytes[..<place].lastIndex(of: 10) ?? 0
            let end = bytes[place...].firstIndex(of: 10) ?? bytes.count
            bytes.removeSubrange(start..<end)
        default:
            let end = min(bytes.count, place + random.below(30))
            bytes.insert(contentsOf: bytes[place..<end], at: bytes.isEmpty ? 0 : random.below(bytes.count))
        }
    }
}

extension Condition {
    var writtenTests: Int {
        switch self {
        case .all(let parts), .any(let parts): parts.map(\.writtenTests).reduce(0, +)
        case .not(let part): part.writtenTests
        case .test(let test): test.isImplicit ? 0 : 1
        }
    }
}

/// A small seeded generator, so that a failing run can be had again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
