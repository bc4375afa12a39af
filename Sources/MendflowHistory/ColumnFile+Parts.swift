import MendflowCore
import MendflowLedger
import MendflowText

// How rows and data stand in a file of columns.

extension HistoryColumns {
    func write(into writer: inout ColumnWriter) {
        let table = table
        writer.blobs(table.count) { place in
            let kind = table[place]
            return CanonicalJSON.encode(.texts([kind.workflow.text, kind.status.rawValue, kind.mode.word]))
        }
        writer.column(numbers)
        writer.column(kinds)
        writer.column(starts)
        writer.column(lengths)
        writer.column(created.places)
        writer.column(created.values)
        let rests = rests
        writer.column(rests.places)
        writer.blobs(rests.places.count) { rests.values[$0].bytes }
    }

    /// Reads columns; what cannot be columns is a fault.
    init(_ reader: inout ColumnReader) throws {
        var table: [Kind] = []
        for blob in try reader.blobs() {
            guard case .list(let words) = try CanonicalJSON.decode(blob), words.count == 3,
                case .text(let workflow) = words[0], case .text(let word) = words[1], case .text(let mode) = words[2],
                let status = ExecutionStatus(rawValue: word)
            else { throw ColumnFault() }
            table.append(Kind(workflow: WorkflowID(workflow), status: status, mode: ExecutionMode(mode)))
        }
        self.init(table: table)
        numbers = try reader.column(UInt64.self)
        kinds = try reader.column(UInt32.self)
        starts = try reader.column(Int64.self)
        lengths = try reader.column(UInt32.self)
        let made = SparseColumn(places: try reader.column(UInt32.self), values: try reader.column(Int64.self))
        let places = try reader.column(UInt32.self)
        let told = SparseColumn(places: places, values: try reader.blobs().map { try Rest($0) })
        guard let made, let told else { throw ColumnFault() }
        (created, rests) = (made, told)
        hasOtherIDs = rests.values.contains { $0.id != nil }
        try check()
    }

    /// What columns promise: as many of everything, kinds that there are, a rest where one is told of, ids in order.
    private func check() throws {
        guard kinds.count == count, starts.count == count, lengths.count == count else { throw ColumnFault() }
        var (told, made) = (0, 0)
        for place in 0..<count {
            let (word, length) = (kinds[place], lengths[place])
            guard word & HistoryColumns.kindMask < UInt32(table.count) else { throw ColumnFault() }
            // A length counts from a start, which a sum with it must not lead out of all numbers.
            if length < HistoryColumns.otherEnd, !(-(1 << 60)...1 << 60).contains(starts[place]) { throw ColumnFault() }
            if word & HistoryColumns.hasCreated != 0 { made += 1 }
            guard word & HistoryColumns.hasRest != 0 else {
                guard length != HistoryColumns.otherEnd, numbers[place] != .max else { throw ColumnFault() }
                continue
            }
            told += 1
            guard let rest = rests[place], rest.id != nil || numbers[place] != .max,
                length != HistoryColumns.otherEnd || rest.stoppedAt != nil
            else { throw ColumnFault() }
        }
        guard told == rests.places.count, made == created.places.count, isInOrder,
            made == 0 || created.places.allSatisfy({ kinds.has($0, HistoryColumns.hasCreated) })
        else { throw ColumnFault() }
    }
}

extension [UInt32] {
    /// Whether a row is there and has a mark.
    fileprivate func has(_ place: UInt32, _ mark: UInt32) -> Bool { place < count && self[Int(place)] & mark != 0 }
}

extension HistoryColumns.Rest {
    /// Its members, those that are there, as one object.
    fileprivate var bytes: [UInt8] {
        var members = JSONObject()
        members["i"] = id.map { .text($0.text) }
        members["u"] = unrecognisedWord.map { .text($0) }
        members["r"] = retryOf.map { .text($0.text) }
        members["s"] = retrySuccess.map { .text($0.text) }
        if hidesRetryOf { members["h"] = .flag(true) }
        members["w"] = waitTill.map { .integer($0.milliseconds) }
        members["e"] = stoppedAt.map { .integer($0.milliseconds) }
        return CanonicalJSON.encode(.object(members))
    }

    fileprivate init(_ bytes: [UInt8]) throws {
        guard case .object(let members) = try CanonicalJSON.decode(bytes) else { throw ColumnFault() }
        for (key, value) in members {
            switch (key, value) {
            case ("i", .text(let text)): id = ExecutionID(text)
            case ("u", .text(let text)): unrecognisedWord = text
            case ("r", .text(let text)): retryOf = ExecutionID(text)
            case ("s", .text(let text)): retrySuccess = ExecutionID(text)
            case ("h", .flag(true)): hidesRetryOf = true
            case ("w", .integer(let time)): waitTill = ServerTime(milliseconds: time)
            case ("e", .integer(let time)): stoppedAt = ServerTime(milliseconds: time)
            default: throw ColumnFault()
            }
        }
    }
}

extension HistoryDetails {
    func write(into writer: inout ColumnWriter) {
        let pieces = pieces
        writer.blobs(pieces.count) { CanonicalJSON.encode(pieces[$0].stored) }
        writer.column(numbers)
        let ids = others.keys.sorted()
        writer.blobs(ids.count) { Array(ids[$0].text.utf8) }
        let entries = entries + ids.map { others[$0] ?? Entry(piece: 0) }
        writer.column(entries.map(\.piece))
        writer.column(entries.map(\.createdAt))
        writer.column(entries.map(\.failedAt))
    }

    init(_ reader: inout ColumnReader) throws {
        var pieces: [ExecutionDetail] = []
        for blob in try reader.blobs() { pieces.append(try ExecutionDetail(try CanonicalJSON.decode(blob))) }
        let numbers = try reader.column(UInt64.self)
        let ids = try reader.blobs()
        let (places, created, failed) = (
            try reader.column(UInt32.self), try reader.column(Int64.self), try reader.column(Int64.self)
        )
        let count = numbers.count + ids.count
        guard places.count == count, created.count == count, failed.count == count,
            places.allSatisfy({ $0 < pieces.count }),
            !zip(numbers, numbers.dropFirst()).contains(where: { $0 >= $1 })
        else { throw ColumnFault() }
        let entries = places.indices.map {
            Entry(piece: places[$0], createdAt: created[$0], failedAt: failed[$0])
        }
        var others: [ExecutionID: Entry] = [:]
        for (id, entry) in zip(ids, entries[numbers.count...]) {
            others[ExecutionID(String(decoding: id, as: UTF8.self))] = entry
        }
        self.init(pieces: pieces, numbers: numbers, entries: Array(entries[..<numbers.count]), others: others)
    }
}

extension HistoryFindings {
    /// What is kept of them; files are told by their numbers, for a folder may be called otherwise another time.
    func stored(_ names: [String]) -> JSONValue {
        let counts = HistoryFinding.Kind.allCases.map { ($0.rawValue, JSONValue.integer(Int64(count($0)))) }
        let told = first.map { finding -> JSONValue in
            .list([
                .text(finding.kind.rawValue), .text(finding.execution?.text ?? ""),
                .integer(Int64(names.firstIndex(of: finding.place.file) ?? 0)), .integer(Int64(finding.place.line)),
                .integer(Int64(finding.place.element ?? 0)), .text(finding.words), .text(finding.done),
            ])
        }
        return .object(["counts": .object(JSONObject(counts)), "first": .list(told)])
    }

    init(_ value: JSONValue, _ names: [String]) throws {
        guard case .object(let members) = value, case .object(let numbers)? = members["counts"],
            case .list(let told)? = members["first"]
        else { throw ColumnFault() }
        var counts: [HistoryFinding.Kind: Int] = [:]
        for (key, count) in numbers {
            guard let kind = HistoryFinding.Kind(rawValue: key), case .integer(let count) = count else {
                throw ColumnFault()
            }
            if count > 0 { counts[kind] = Int(count) }
        }
        self.init(first: try told.map { try HistoryFinding($0, names) }, counts: counts)
    }
}

extension HistoryFinding {
    fileprivate init(_ value: JSONValue, _ names: [String]) throws {
        guard case .list(let parts) = value, parts.count == 7, case .text(let word) = parts[0],
            let kind = Kind(rawValue: word), case .text(let execution) = parts[1], case .integer(let file) = parts[2],
            names.indices.contains(Int(clamping: file)), case .integer(let line) = parts[3],
            case .integer(let element) = parts[4], case .text(let words) = parts[5], case .text(let done) = parts[6]
        else { throw ColumnFault() }
        let place = Place(
            file: names[Int(file)], line: Int(clamping: line), element: element > 0 ? Int(clamping: element) : nil)
        let about = execution.isEmpty ? nil : ExecutionID(execution)
        self.init(kind: kind, execution: about, place: place, words: words, done: done)
    }
}
