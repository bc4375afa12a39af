import FoundationEssentials

/// A recorded request and its answer.
struct Recording: Decodable, Sendable, CustomStringConvertible {
    var name: String
    var method: String
    var path: String
    var body: String?
    var key: String?
    var status: Int
    var content_type: String?
    var text: String

    var description: String { "\(name): \(method) \(path)" }

    static func load(_ file: String) -> [Recording] {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        guard let text = try? String(contentsOfFile: "/\(folder)/Fixtures/n8n/\(file).jsonl", encoding: .utf8) else {
            return []
        }
        let decoder = JSONDecoder()
        return text.split(separator: "\n").compactMap { try? decoder.decode(Recording.self, from: Data($0.utf8)) }
    }

    static let current = load("2.41.1")
    static let olderWrites = load("2.35.7-writes") + load("2.27.5-writes")

    static func named(_ name: String) -> Recording? { current.first { $0.name == name } }
}

/// SplitMix64: the same numbers on each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
