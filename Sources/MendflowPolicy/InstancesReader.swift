import MendflowCore
import MendflowText
public import MendflowYAML

/// A file that holds one instance: what would be an entry of `instances`.
public struct InstanceFile: Sendable {
    /// Its name, as findings tell it.
    public var name: String
    /// What it holds.
    public var bytes: [UInt8]

    /// Makes one.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Whether it looks like one rather than like a file of policies.
    public var isOne: Bool {
        // Such a line at the margin is a key of the whole file, and nearly all files have it: they are not read twice.
        let hasPolicies = bytes.split(separator: UInt8(ascii: "\n")).contains { $0.starts(with: "policies:".utf8) }
        guard !hasPolicies else { return false }
        let root = YAMLReader.read(bytes: bytes, file: name).root
        return root?["url"] != nil && root?["policies"] == nil
    }

    /// Checks one alone; whether a service is there that takes its hints in is not known then.
    public var findings: [Finding] {
        var reader = InstancesReader(protections: ConfigurationLoader().protections)
        reader.read(self)
        return reader.findings
    }
}

/// Reads the instances of a configuration: those of its list, and those that have a file each.
struct InstancesReader {
    let protections: (YAMLNode, Report) -> [Protection]
    /// Those that could be read, in order, each with where it is reported.
    private var read: [(instance: Configuration.Instance, report: Report)] = []
    /// All of them as they are written, each with where it is reported.
    private var entries: [(node: YAMLNode, report: Report)] = []
    /// All of them as they are written.
    var nodes: [YAMLNode] { entries.map(\.node) }
    /// The files that were read.
    private var files: [(file: InstanceFile, reading: YAMLReading, report: Report)] = []

    init(protections: @escaping (YAMLNode, Report) -> [Protection]) { self.protections = protections }

    private func parser(_ report: Report) -> InstanceParser {
        InstanceParser(report: report, protections: { protections($0, report) })
    }

    /// Reads a list.
    mutating func read(_ list: YAMLNode, _ report: Report) {
        read += (report.list(list, "`instances`", parser(report).parse) ?? []).map { ($0, report) }
        entries += (list.items ?? []).map { ($0, report) }
    }

    /// Reads a file of one.
    mutating func read(_ file: InstanceFile) {
        let (reading, report) = (YAMLReader.read(bytes: file.bytes, file: file.name), Report(file: file.name))
        if let root = reading.root {
            read += parser(report).parse(root).map { [($0, report)] } ?? []
            entries.append((root, report))
        } else if !reading.hasErrors {
            report.error(
                "empty-document", "the file is empty; it needs `name`, `url` and where the API key stands", at: nil)
        }
        files.append((file, reading, report))
    }

    /// Those that could be read, in order.
    var instances: [Configuration.Instance] { read.map(\.instance) }
    /// Those of them whose files have no error.
    var whole: [Configuration.Instance] {
        let broken = Set(findings.filter { $0.severity == .error }.map(\.file))
        return read.filter { !broken.contains($0.report.file) }.map(\.instance)
    }

    /// What is wrong with the files, none of which shows a secret.
    var findings: [Finding] {
        files.flatMap { file, reading, report in
            SecretMask.hiding(Finding.inOrder(reading.findings + report.findings), of: file.bytes, reading)
        }
    }

    /// What only all of them together tell. Names and addresses are compared as they are written, even if something else in an
    /// instance is wrong, so that two equal ones are always reported.
    func check(hasService: Bool) {
        var names: [String: Report] = [:], addresses: [String: Report] = [:]
        func elsewhere(_ other: Report, _ report: Report) -> String {
            other.file == report.file ? "" : ", in \(other.file)"
        }
        for (item, report) in entries {
            if !hasService { HintsParser(report: report).checkHeard(item) }
            if let name = item["name"], let text = name.string {
                if let other = names[text] {
                    let words = "another instance is named \(text.inBackticks)\(elsewhere(other, report))"
                    report.error("duplicate-name", words, at: name.range)
                }
                names[text] = names[text] ?? report
            }
            guard let url = item["url"], var text = url.string?.lowercased() else { continue }
            while text.hasSuffix("/") { text.removeLast() }
            if let other = addresses[text] {
                let place = elsewhere(other, report)
                report.error(
                    "same-server", "another instance has the same `url`\(place); both would act on one server",
                    at: url.range)
            }
            addresses[text] = addresses[text] ?? report
        }
    }
}
