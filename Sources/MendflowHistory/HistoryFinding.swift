public import MendflowCore

/// Something that stands in a history and cannot be taken as it is written: where, what, and what was done about it.
public struct HistoryFinding: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A time that is none.
        case unreadableTime = "unreadable_time"
        /// Two rows of one execution that cannot both be so.
        case conflict
        /// A line that holds nothing of a history, or from which on a file cannot be read.
        case damaged
        /// Data of an execution of which there is no row.
        case dataWithoutRow = "data_without_row"
    }
    /// Where something stands.
    public struct Place: Sendable, Hashable, CustomStringConvertible {
        /// The file, the line from 1, and in a line that holds a list the element from 1.
        public var file: String, line: Int, element: Int? = nil

        /// `month/a.jsonl:7`, `month/a.json:1, element 3`.
        public var description: String { "\(file):\(line)" + (element.map { ", element \($0)" } ?? "") }

        /// An element of what stands here.
        func element(_ number: Int?) -> Place { Place(file: file, line: line, element: number) }
    }
    /// What is wrong.
    public var kind: Kind
    /// The execution that it is about; nil where nobody can tell.
    public var execution: ExecutionID?
    /// Where it stands.
    public var place: Place
    /// What stands there, and what was done about it.
    public var words: String, done: String

    /// `month/a.jsonl:7: execution 12: startedAt "yesterday" is no time: taken as not told`.
    public var description: String { "\(place): \(execution.map { "execution \($0): " } ?? "")\(words): \(done)" }
}

/// What was found in a history that cannot be taken as it is written; all are counted, the first of each kind are kept.
public struct HistoryFindings: Sendable, Hashable {
    /// How many of each kind are kept.
    public static let mostKept = 100

    /// The first of each kind, in the order in which they were read.
    public private(set) var first: [HistoryFinding] = []
    private var counts: [HistoryFinding.Kind: Int] = [:]

    /// How many there are of a kind.
    public func count(_ kind: HistoryFinding.Kind) -> Int { counts[kind] ?? 0 }

    /// Those of a kind that are kept.
    public func first(_ kind: HistoryFinding.Kind) -> [HistoryFinding] { first.filter { $0.kind == kind } }

    /// Whether everything was read that stands in the files.
    public var isWhole: Bool { count(.damaged) == 0 }

    /// Makes findings of nothing.
    init() {}

    /// Makes findings of what was kept.
    init(first: [HistoryFinding], counts: [HistoryFinding.Kind: Int]) {
        self.first = first
        self.counts = counts
    }

    /// Counts more of a kind than are told.
    mutating func add(_ count: Int, moreOf kind: HistoryFinding.Kind) {
        if count > 0 { counts[kind, default: 0] += count }
    }

    mutating func add(_ finding: HistoryFinding) {
        counts[finding.kind, default: 0] += 1
        if count(finding.kind) <= HistoryFindings.mostKept { first.append(finding) }
    }
}
