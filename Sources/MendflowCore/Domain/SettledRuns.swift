/// Runs that succeeded and are nobody's retry, in 24 bytes each, ascending by id.
///
/// They lie in pieces of some hundred, each with its earliest times: a copy of the whole shares all pieces that did not
/// change, and what is older than some time is found by looking at the pieces.
struct SettledRuns: Sendable {
    /// One run.
    struct Run: Sendable, Equatable {
        let number: UInt64
        /// In milliseconds since 1970.
        let started: Int64
        /// How long it took, in milliseconds.
        let took: UInt32
        /// Where its workflow and its mode stand among the texts.
        let workflow: UInt16, mode: UInt16

        /// In milliseconds since 1970.
        var stopped: Int64 { started + Int64(took) }
    }

    /// Runs with adjacent ids, at least one.
    struct Piece: Sendable {
        fileprivate(set) var runs: [Run]
        /// No run of it started, or ended, earlier; none ended later.
        private(set) var earliestStart: Int64, earliestEnd: Int64, latestEnd: Int64

        fileprivate init(_ runs: some Collection<Run>) {
            self.runs = Array(runs)
            earliestStart = runs.lazy.map(\.started).min() ?? .max
            earliestEnd = runs.lazy.map(\.stopped).min() ?? .max
            latestEnd = runs.lazy.map(\.stopped).max() ?? .min
        }

        /// Where its runs lie in memory.
        fileprivate var address: Int { unsafe runs.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } }

        fileprivate mutating func insert(_ run: Run, at place: Int) {
            runs.insert(run, at: place)
            earliestStart = min(earliestStart, run.started)
            earliestEnd = min(earliestEnd, run.stopped)
            latestEnd = max(latestEnd, run.stopped)
        }
    }

    private static let mostPerPiece = 512
    private(set) var count = 0
    private var pieces: [Piece] = []
    private var workflows = Texts<WorkflowID>(), modes = Texts<ExecutionMode>()

    /// The run with a number.
    subscript(number: UInt64) -> Execution? {
        let piece = piece(of: number)
        guard piece < pieces.count else { return nil }
        let place = place(of: number, in: piece)
        let runs = pieces[piece].runs
        return place < runs.count && runs[place].number == number ? execution(runs[place]) : nil
    }

    /// Takes a run in whose number is not there yet; false where it is none that can be kept so.
    mutating func insert(_ row: Execution, _ number: UInt64) -> Bool {
        guard row.isSettled, let started = row.startedAt, let stopped = row.stoppedAt,
            let took = UInt32(exactly: stopped.milliseconds - started.milliseconds),
            let workflow = workflows.place(of: row.workflow), let mode = modes.place(of: row.mode)
        else { return false }
        let run = Run(number: number, started: started.milliseconds, took: took, workflow: workflow, mode: mode)
        count += 1
        guard !pieces.isEmpty else {
            pieces.append(Piece([run]))
            return true
        }
        let piece = min(self.piece(of: number), pieces.count - 1)
        let place = place(of: number, in: piece)
        let runs = pieces[piece].runs.count
        if place == 0, piece > 0, pieces[piece - 1].runs.count < SettledRuns.mostPerPiece {
            // Between two pieces: a page of older runs, which are taken in one after the other, goes on filling one piece.
            pieces[piece - 1].insert(run, at: pieces[piece - 1].runs.count)
        } else if runs < SettledRuns.mostPerPiece {
            pieces[piece].insert(run, at: place)
        } else if place == runs || place == 0 {
            // Runs come in order, newest first at the start and oldest first later: a full piece at an end stays full.
            pieces.insert(Piece([run]), at: place == 0 ? piece : piece + 1)
        } else {
            let all = pieces[piece].runs
            pieces[piece] = Piece(all[..<place] + [run])
            pieces.insert(Piece(all[place...]), at: piece + 1)
        }
        return true
    }

    /// How many pieces they lie in.
    var pieceCount: Int { pieces.count }

    /// Takes a run out.
    mutating func remove(_ number: UInt64) -> Execution? {
        guard let row = self[number] else { return nil }
        let piece = piece(of: number)
        pieces[piece].runs.remove(at: place(of: number, in: piece))
        if pieces[piece].runs.isEmpty { pieces.remove(at: piece) }
        count -= 1
        return row
    }

    /// The runs for which something holds, of the pieces that may have such.
    func all(where mayHave: (Piece) -> Bool, _ holds: (Run) -> Bool) -> [Execution] {
        pieces.lazy.filter(mayHave).flatMap { $0.runs.lazy.filter(holds).map(execution) }
    }

    /// Whether it is a copy, or has copies of all pieces: told without a look at the runs.
    func isShared(with other: SettledRuns) -> Bool {
        count == other.count && pieces.count == other.pieces.count && workflows.count == other.workflows.count
            && modes.count == other.modes.count
            && zip(pieces, other.pieces).allSatisfy { $0.address == $1.address }
    }

    /// The run with the lowest number that ended after a time.
    func first(endedAfter limit: Int64) -> Execution? {
        pieces.lazy.filter { $0.latestEnd > limit }.flatMap { $0.runs.lazy.filter { $0.stopped > limit } }.first
            .map(execution)
    }

    /// Where workflows stand among the texts.
    func places(of chosen: Set<WorkflowID>) -> Set<UInt16> { Set(chosen.compactMap(workflows.known)) }

    /// Gives each pair of runs that differ between another collection and this one; pieces that both share are passed over.
    func differences(from other: SettledRuns, _ give: (Execution?, Execution?) -> Void) {
        let (mine, others) = SettledRuns.differing(pieces, other.pieces)
        let isSpeltAlike = workflows.goesOn(from: other.workflows) && modes.goesOn(from: other.modes)
        var (after, before) = (mine.lazy.flatMap(\.runs).makeIterator(), others.lazy.flatMap(\.runs).makeIterator())
        var (new, old) = (after.next(), before.next())
        while new != nil || old != nil {
            if let one = new, let two = old, one.number == two.number {
                if !isSpeltAlike || one != two {
                    let (before, after) = (other.execution(two), execution(one))
                    if before != after { give(before, after) }
                }
                (new, old) = (after.next(), before.next())
            } else if let one = new, old.map({ one.number < $0.number }) ?? true {
                give(nil, execution(one))
                new = after.next()
            } else {
                give(old.map(other.execution), nil)
                old = before.next()
            }
        }
    }

    /// The pieces without those at both ends that lie in the same memory.
    private static func differing(_ mine: [Piece], _ others: [Piece]) -> (ArraySlice<Piece>, ArraySlice<Piece>) {
        let begun = zip(mine, others).prefix { $0.address == $1.address }.count
        let (mine, others) = (mine[begun...], others[begun...])
        let ended = zip(mine.reversed(), others.reversed()).prefix { $0.address == $1.address }.count
        return (mine.dropLast(ended), others.dropLast(ended))
    }

    /// The newest runs for which something holds.
    func newest(_ count: Int, where holds: (Execution) -> Bool) -> [Execution] {
        var found: [Execution] = []
        for run in pieces.reversed().lazy.flatMap({ $0.runs.reversed() }) where found.count < count {
            let row = execution(run)
            if holds(row) { found.append(row) }
        }
        return found
    }

    /// The run of each workflow and mode that ended last.
    func latest() -> [Execution] {
        var found = [Run?](repeating: nil, count: workflows.count * modes.count)
        for piece in pieces {
            for run in piece.runs {
                let place = Int(run.workflow) * modes.count + Int(run.mode)
                if let known = found[place], known.stopped > run.stopped { continue }
                found[place] = run
            }
        }
        return found.compactMap { $0.map(execution) }
    }

    /// Gives all runs, ascending.
    func makeIterator() -> some IteratorProtocol<Execution> {
        pieces.lazy.flatMap(\.runs).map(execution).makeIterator()
    }

    private func execution(_ run: Run) -> Execution {
        Execution(
            id: ExecutionID(run.number), workflow: workflows[run.workflow], status: .success,
            mode: modes[run.mode], startedAt: ServerTime(milliseconds: run.started),
            stoppedAt: ServerTime(milliseconds: run.stopped))
    }

    /// The first piece that ends at or above a number.
    private func piece(of number: UInt64) -> Int {
        pieces.firstPlace { ($0.runs.last?.number ?? 0) >= number }
    }

    /// The first run of a piece that is at or above a number.
    private func place(of number: UInt64, in piece: Int) -> Int {
        pieces[piece].runs.firstPlace { $0.number >= number }
    }
}

/// Different texts, each with a number.
private struct Texts<Text: Hashable & Sendable>: Sendable {
    private var texts: [Text] = []
    private var places: [Text: UInt16] = [:]
    var count: Int { texts.count }

    subscript(place: UInt16) -> Text { texts[Int(place)] }

    /// Whether it began with the same texts as another.
    func goesOn(from other: Texts) -> Bool { texts.starts(with: other.texts) }

    /// A text's number; nil where it has none.
    func known(_ text: Text) -> UInt16? { places[text] }

    /// A text's number; nil where there are too many.
    mutating func place(of text: Text) -> UInt16? {
        if let known = places[text] { return known }
        guard let place = UInt16(exactly: texts.count) else { return nil }
        texts.append(text)
        places[text] = place
        return place
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first place from which on something holds, where it holds for none before and for all behind.
    package func firstPlace(where holds: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Execution {
    /// Whether nothing is to be remembered of it but its times, workflow and mode.
    fileprivate var isSettled: Bool {
        status == .success && retryOf == nil && !hidesRetryOf && retrySuccess == nil && createdAt == nil
            && waitTill == nil && unrecognisedWord == nil
    }
}
