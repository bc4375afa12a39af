private import FoundationEssentials
private import MendflowTestKit

extension FuzzTarget {
    /// What fuzzing begins with, with its place: the seeds, and what `Tests/Fixtures/fuzz` keeps of earlier runs.
    public func inputs() -> [(place: String, bytes: [UInt8])] {
        Set(seeds + ["Tests/Fixtures/fuzz/\(name)"]).sorted().flatMap { folder in
            Repository.names(in: folder, ending: "").map { "\(folder)/\($0)" }.flatMap(inputs)
        }
    }

    private func inputs(of path: String) -> [(place: String, bytes: [UInt8])] {
        guard !path.hasSuffix(".expected"), let bytes = try? Repository.bytes(path), !bytes.isEmpty else { return [] }
        guard splitsSeeds else { return [(path, bytes)] }
        return bytes.split(separator: 0x0A).enumerated().map { ("\(path):\($0.offset + 1)", Array($0.element)) }
    }

    /// Writes what fuzzing begins with into a folder, an input a file.
    ///
    /// - Throws: where the folder cannot be written.
    public func writeInputs(into folder: String) throws {
        for (number, input) in inputs().enumerated() {
            try Data(input.bytes).write(to: URL(filePath: "\(folder)/seed-\(number)"))
        }
    }
}
