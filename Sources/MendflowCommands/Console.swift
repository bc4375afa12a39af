import FoundationEssentials
import Glibc

/// Where results, messages and colours go; handed to every command.
public struct Console: Sendable {
    /// The environment variables.
    public var environment: [String: String]
    /// Whether results may carry colours: on a terminal and without NO_COLOR.
    public var colours: Bool
    /// Columns of the terminal.
    public var width: Int

    /// The console of this process.
    public static func current(_ environment: [String: String]) -> Console {
        let isTerminal = isatty(1) == 1
        let width = environment["COLUMNS"].flatMap { Int($0) } ?? 100
        return Console(
            environment: environment, colours: isTerminal && environment["NO_COLOR"].map(\.isEmpty) ?? true,
            width: max(40, min(width, 160)))
    }

    /// Writes a result to standard output. Texts of n8n may stand in it: no control character reaches the terminal.
    func result(_ text: String) {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            clean.append(isControl && scalar != "\n" && scalar != "\t" ? "\u{FFFD}" : scalar)
        }
        write(1, String(clean) + "\n")
    }
    /// Writes a text of the program's own, which may carry colours, to standard output.
    func styled(_ text: String) { write(1, text + "\n") }
    /// Writes a message to standard error.
    func message(_ text: String) { write(2, text + "\n") }

    /// Writes a value as JSON to standard output.
    func json(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do { result(String(decoding: try encoder.encode(value), as: UTF8.self)) } catch { message("\(error)") }
    }

    private func write(_ descriptor: CInt, _ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}

/// What the program's exit codes mean (semantics 54).
public enum ExitStatus: UInt8, Sendable, CaseIterable {
    /// Done, or nothing to do.
    case done = 0
    /// It failed.
    case failure = 1
    /// `plan`: something is pending.
    case pending = 2
    /// The audit chain is broken.
    case brokenChain = 3
    /// A bad command line.
    case usage = 64
    /// Findings in configuration or policies.
    case findings = 65
    /// The instance cannot be reached, is not n8n, or refuses the key.
    case unreachable = 69
    /// Another agent holds the ledger.
    case held = 75

    /// The meaning in words, for help and man page.
    var meaning: String {
        switch self {
        case .done: "done, or nothing to do"
        case .failure: "it failed"
        case .pending: "plan: something is pending"
        case .brokenChain: "the audit chain is broken"
        case .usage: "a bad command line"
        case .findings: "errors in the configuration or in a policy"
        case .unreachable: "the instance is unreachable, not n8n, or refuses the key"
        case .held: "another agent holds the ledger"
        }
    }
}
