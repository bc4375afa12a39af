import Glibc
import MendflowText
import Synchronization

/// Where results, messages and colours go; handed to every command.
public struct Console: Sendable {
    /// The environment variables.
    public var environment: [String: String]
    /// Whether results may carry colours: on a terminal that is not dumb, and without NO_COLOR.
    public var colours: Bool
    /// Whether messages may.
    public var messageColours: Bool
    /// Whether results go to a terminal, where columns are easier on the eye than a stable text is on a program.
    public var isTerminal = false
    /// Whether somebody looks on while a command works: messages go to a terminal that can take a line back.
    public var showsProgress = false
    /// Whether somebody can be asked: what is typed comes from a terminal, and messages go to one.
    public var canAsk = false
    /// Columns of the terminal.
    public var width: Int
    /// Why a result could not be written.
    private let fault = WriteFault()

    init(environment: [String: String], colours: Bool, messageColours: Bool, width: Int) {
        self.environment = environment
        self.colours = colours
        self.messageColours = messageColours
        self.width = width
    }

    /// Why a result could not be written, in words; nil where all was, or where the reader of a pipe had enough.
    var outputFault: String? {
        fault.code.flatMap {
            $0 == EPIPE ? nil : unsafe strerror($0).map { unsafe String(cString: $0) } ?? "error \($0)"
        }
    }

    /// The console of this process.
    public static func current(_ environment: [String: String]) -> Console {
        let wanted = wantsColours(environment)
        let width = environment["COLUMNS"].flatMap { Int($0) } ?? 100
        var console = Console(
            environment: environment, colours: wanted && isatty(1) == 1, messageColours: wanted && isatty(2) == 1,
            width: max(40, min(width, 160)))
        console.isTerminal = isatty(1) == 1
        console.canAsk = isatty(0) == 1 && isatty(2) == 1
        console.showsProgress = isatty(2) == 1 && obeys(environment)
        return console
    }

    /// Whether a terminal with this environment is to have colours, and can show them. `NO_COLOR` speaks of colours alone:
    /// progress, which takes its line back, is shown all the same.
    static func wantsColours(_ environment: [String: String]) -> Bool {
        (environment["NO_COLOR"] ?? "").isEmpty && obeys(environment)
    }

    /// Whether a terminal with this environment obeys control sequences: one that is `dumb`, or has no name, gets none.
    static func obeys(_ environment: [String: String]) -> Bool {
        let terminal = environment["TERM"] ?? ""
        return !terminal.isEmpty && terminal != "dumb"
    }

    /// Writes a result to standard output.
    func result(_ text: String) { write(1, Console.clean(text) + "\n") }
    /// Writes a report to standard output, to a terminal in colours and columns.
    func report(_ report: TextReport) {
        write(1, report.text(colours ? .ansi : .plain, isAligned: isTerminal) + "\n")
    }
    /// Writes a text of the program's own, which may carry colours, to standard output.
    func styled(_ text: String) { write(1, text + "\n") }
    /// Writes bytes as they are, for programs that check them.
    func exact(_ bytes: [UInt8]) { write(1, bytes) }
    /// Writes a message to standard error.
    func message(_ text: String) { write(2, Console.clean(text) + "\n") }
    /// Writes a message of the program's own, which may carry colours, to standard error.
    func styledMessage(_ text: String) { write(2, text + "\n") }

    /// Writes how far a command is over what it wrote of that before; nil takes the line back.
    func progress(_ text: String?) {
        guard showsProgress else { return }
        write(2, "\r\u{1B}[2K" + Console.clean(text ?? ""))
    }

    /// Asks on the terminal, and answers what was typed; nil at its end.
    func ask(_ question: String) -> String? {
        write(2, Console.clean(question))
        return readLine()
    }

    /// Writes a value as JSON to standard output.
    func json(_ value: some Encodable) {
        do {
            result(try Console.jsonText(value))
        } catch {
            message("\(error)")
            fault.note(EINVAL)
        }
    }

    /// One object with `version`, keys in snake_case and in order; a key without a value is left out.
    static func jsonText(_ value: some Encodable) throws -> String {
        try JSONEncoding(.spread, keys: .snakeCase).text(of: Versioned(value: value))
    }

    /// The same on one line.
    static func jsonLine(_ value: some Encodable) throws -> String {
        try JSONEncoding(.compact, keys: .snakeCase).text(of: Versioned(value: value))
    }

    /// A value as JSON, whose keys are as somebody else's format has them.
    static func jsonText(ofFormat value: some Encodable) throws -> String {
        try JSONEncoding(.spread).text(of: value)
    }

    /// Texts of n8n may stand in it: nothing of them is hidden, or reaches the terminal as an order.
    static func clean(_ text: String) -> String { VisibleText.block(text) }

    /// A text of people or of n8n as one line, its breaks made visible: it must not look like lines of ours.
    static func oneLine(_ text: String) -> String { VisibleText.line(text) }

    private func write(_ descriptor: CInt, _ text: String) { write(descriptor, Array(text.utf8)) }

    private func write(_ descriptor: CInt, _ bytes: [UInt8]) {
        // After one failure the rest would only look like a whole result.
        guard descriptor != 1 || fault.code == nil else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            if written < 0, errno == EAGAIN {
                var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&asked, 1, -1)
                continue
            }
            guard written > 0 else {
                if descriptor == 1 { fault.note(written == 0 ? EIO : errno) }
                return
            }
            rest = rest.dropFirst(written)
        }
    }
}

/// The first failure of a write to standard output.
private final class WriteFault: Sendable {
    private let first = Mutex<CInt?>(nil)
    var code: CInt? { first.withLock { $0 } }
    func note(_ code: CInt) { first.withLock { $0 = $0 ?? code } }
}

/// Every result that is an object says which version of the format it has.
private struct Versioned<Value: Encodable>: Encodable {
    var value: Value
    private enum Key: String, CodingKey { case version }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(1, forKey: .version)
        try value.encode(to: encoder)
    }
}

/// What the program's exit codes mean (semantics 54).
public enum ExitStatus: UInt8, Sendable, CaseIterable {
    /// Done, or nothing to do.
    case done = 0
    /// It failed.
    case failure = 1
    /// `plan`: something is pending; `diff`: something differs; `reload`: something waits for a word.
    case pending = 2
    /// The ledger was changed.
    case brokenChain = 3
    /// A bad command line.
    case usage = 64
    /// Findings in configuration or policies, or a named file that is no good.
    case findings = 65
    /// The instance cannot be reached, is not n8n, or refuses the key.
    case unreachable = 69
    /// The ledger's file was removed, replaced or linked while it was in use.
    case displaced = 74
    /// Another agent holds the ledger.
    case held = 75

    /// The meaning in words, for help and man page.
    var meaning: String {
        switch self {
        case .done: "done, or nothing to do"
        case .failure:
            "it failed, or an answer is not whole: an incomplete poll, a damaged history, an epoch alarm, unwritten output; "
                + "test, backtest: something is not as expected"
        case .pending: "plan: something is pending; diff: something differs; reload: something waits for a word"
        case .brokenChain:
            "the audit chain is broken, what is kept beside it was changed, or a decision comes out otherwise"
        case .usage: "a bad command line"
        case .findings:
            "errors in the configuration or in a policy, or a file or folder that was named is missing, unreadable, or of another "
                + "kind"
        case .unreachable: "the instance is unreachable, not n8n, or refuses the key"
        case .displaced: "the ledger's file was removed, replaced or linked while it was in use"
        case .held: "another agent holds the ledger, or works on another one than the files name now"
        }
    }
}
