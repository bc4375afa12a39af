import MendflowCore
import MendflowLedger
import MendflowText
import Testing

/// What can be done to one cell behind the ledger's back.
private struct CellChange {
    var what: String
    var cell: LedgerCell

    /// Every property of a cell, by its name, with the changes that are tried on it. A test compares the names with the
    /// properties that there are.
    static let all: [String: @Sendable (LedgerCell) -> [LedgerCell]] = [
        "key": { cell in
            var changed = Array(repeating: cell, count: 4)
            changed[0].key = LedgerCell.Key(cell.key.table, InstanceKey(name: "elsewhere", epoch: 1), cell.key.name)
            changed[1].key = LedgerCell.Key(
                cell.key.table, InstanceKey(name: cell.key.instance, epoch: cell.key.epoch + 5), cell.key.name)
            changed[2].key.name += "x"
            changed[3].key.table = LedgerCell.Table.allCases.first { $0 != cell.key.table } ?? .intent
            return changed
        },
        "subject": { cell in others(cell.subject).map { changed(cell, \.subject, $0) } },
        "link": { cell in others(cell.link).map { changed(cell, \.link, $0) } },
        "at": { cell in [-1, 1].map { changed(cell, \.at, cell.at + .milliseconds($0)) } },
        "isOpen": { [changed($0, \.isOpen, !$0.isOpen)] },
        "exclusive": { cell in
            let other = cell.exclusive.map { $0 + "x" } ?? "x"
            return (cell.exclusive == nil ? [other] : [nil, other]).map { changed(cell, \.exclusive, $0) }
        },
        "value": { cell in variants(cell.value).map { changed(cell, \.value, $0) } },
    ]

    private static func changed<T>(
        _ cell: LedgerCell, _ path: WritableKeyPath<LedgerCell, T>, _ value: T
    ) -> LedgerCell {
        var cell = cell
        cell[keyPath: path] = value
        return cell
    }

    private static func others(_ id: ExecutionID?) -> [ExecutionID?] {
        id.map { [nil, ExecutionID($0.text + "0")] } ?? ["999"]
    }

    /// A value with one thing in it changed, everything in turn.
    private static func variants(_ value: JSONValue) -> [JSONValue] {
        switch value {
        case .text(let text): return [.text(text + "x"), .null]
        case .integer(let number): return [.integer(number &+ 1), .text(String(number))]
        case .flag(let flag): return [.flag(!flag)]
        case .null: return [true]
        case .list(let elements):
            var found: [JSONValue] = [.list(elements + [1])]
            if !elements.isEmpty { found.append(.list(elements.dropLast())) }
            for index in elements.indices {
                for changed in variants(elements[index]) {
                    var all = elements
                    all[index] = changed
                    found.append(.list(all))
                }
            }
            return found
        case .object(let members):
            var found: [JSONValue] = [.object(members.setting("zz", 1))]
            for (key, member) in members {
                found.append(.object(members.filter { $0.key != key }))
                found += variants(member).map { .object(members.setting(key, $0)) }
            }
            return found
        }
    }
}

/// A ledger with a cell in every table.
private func fullLedger(_ home: any StoreUnderTest) async throws -> TestLedger {
    let ledger = try await TestLedger(home)
    let live = Execution(id: "77", workflow: "w", status: .running, hidesRetryOf: true)
    let tick = TickState(
        tick: 1, at: at(3), accounted: "76", sweptAt: at(2), rows: 4,
        live: [.init(execution: live, firstSeen: at(2), lastSeenWaiting: nil)],
        clockOffset: ClockOffset(ahead: .milliseconds(5)),
        missing: IDRanges([3...4]), sightings: [.init(id: "76", at: at(3))],
        fingerprints: [.init(id: "70", workflow: "w", startedAt: at(1))])
    var random = RandomEvents(seed: 1)
    var planning = random.planning()
    planning.pieces = [EvidencePiece("of the instance", about: nil), EvidencePiece("of one", about: "5")]
    try await ledger.append([initialised(), initialised(InstanceKey(name: "other", epoch: 1))])
    try await ledger.append([
        .policy(PolicyText(version: "v", name: "p", text: "retry: {}", place: "p.yaml:1")),
        .planned(production, planning), latched(.child("5"), "1"),
        .owned(production, root: "1", policy: "p", shadow: false),
        decided("5", .act),
        decided("5", .act, shadow: true), reservation(draft("5", shadow: true)),
        .tick(production, TickPatch(from: nil, to: tick)), .suspended(production, .tag, reason: "403"),
        .learnedTag(production, name: "a", id: "1"),
        .replayBegan(
            production,
            ReplayStart(
                name: "replay-1", version: "v", total: 2, earliest: at(1), by: "me", reason: "why", selection: "all")),
        .approvalAsked(
            ApprovalAsk(draft: draft("5"), request: "POST /executions/5/retry", attempts: 3, expiresAt: at(99))),
        .demoted(
            production,
            Demotion(
                policy: "q", version: "v", expected: ">= 50", rate: 20, healed: 1, settled: 5, since: at(1))),
        absenceBegan(), incidentOpened(),
        .notified(ChannelEntry("ops", .began, through: 3)),
    ])
    let id = try await ledger.intent(.unresolved, of: "5", at: 4)
    try await ledger.append(reservation(draft("5"), supersedes: id), at: 5)
    _ = try await ledger.intent(.reserved, of: "6", at: 5)
    let applied = try await ledger.intent(.sending, of: "8", at: 5)
    try await ledger.settle(applied, Settlement(.applied, .answered(.success), child: "9"), at: 6)
    try await ledger.append([
        .alarmed(production, reason: "swapped", execution: nil), .paused(instance: nil, reason: "all", by: "me"),
        .paused(instance: "other", reason: "one", by: "me"),
    ])
    return ledger
}

extension TestLedger {
    /// What is found where these records stand in the place of all.
    fileprivate func fault(
        of rows: [LedgerAppend.Record], expecting head: AuditHead? = nil
    ) async throws -> AuditFault? {
        try await home.replaceRows(rows)
        return try await store.verify(expecting: head).fault
    }
}

extension StoreRule {
    static let tampering: [StoreRule] = [
        StoreRule("every change of every property of a cell in every table is found") { home in
            let ledger = try await fullLedger(home)
            let cells = try await home.cells()
            // What is kept about segments is changed elsewhere.
            let tables = Set(LedgerCell.Table.allCases).subtracting([.segment])
            #expect(Set(cells.map(\.key.table)) == tables, "a table is left out")
            let properties = Set(Mirror(reflecting: cells[0]).children.compactMap(\.label))
            #expect(Set(CellChange.all.keys) == properties, "a property is left out")
            for cell in cells {
                for (property, changes) in CellChange.all.sorted(by: { $0.key < $1.key }) {
                    for changed in changes(cell) where !cells.contains(where: { $0.key == changed.key && $0 != cell }) {
                        #expect(changed != cell, "\(property) of \(cell.key)")
                        try await home.tamper(cell.key, with: nil)
                        try await home.tamper(changed.key, with: changed)
                        let fault = try await ledger.store.verify(expecting: nil).fault
                        let isFound =
                            switch fault?.problem {
                            case .different, .unrecorded: true
                            default: false
                            }
                        #expect(isFound, "\(property) of \(cell.key): \(String(describing: fault))")
                        try await home.tamper(changed.key, with: nil)
                        try await home.tamper(cell.key, with: cell)
                    }
                }
            }
        },
        StoreRule("a cell that is missing and one too many are found, in every table") { home in
            let ledger = try await fullLedger(home)
            for cell in try await home.cells() {
                try await home.tamper(cell.key, with: nil)
                let lost = try await ledger.store.verify(expecting: nil).fault?.problem
                guard case .lost(cell.key.table.rawValue, _) = lost else {
                    Issue.record("\(cell.key) is missing, and not found: \(String(describing: lost))")
                    continue
                }
                try await home.tamper(cell.key, with: cell)
                var added = cell
                (added.key.name, added.exclusive) = ("added", nil)
                try await home.tamper(added.key, with: added)
                let found = try await ledger.store.verify(expecting: nil).fault?.problem
                #expect(found == .unrecorded(cell.key.table.rawValue, "added"), "\(cell.key)")
                try await home.tamper(added.key, with: nil)
            }
        },
        StoreRule("a changed record is found, whichever of its parts was changed") { home in
            let ledger = try await fullLedger(home)
            let rows = try await home.rows()
            for (index, row) in rows.enumerated() {
                for (part, problem, changed) in rowChanges(row) {
                    var all = rows
                    all[index] = changed
                    try await home.replaceRows(all)
                    let fault = try await ledger.store.verify(expecting: nil).fault
                    #expect(fault == AuditFault(row.sealed.sequence, problem), "\(part) of \(row.sealed.sequence)")
                }
            }
            try await home.replaceRows(rows)
        },
        StoreRule("removed, reordered, doubled and cut records are found") { home in
            let ledger = try await fullLedger(home)
            let rows = try await home.rows()
            let head = try await ledger.head().chain
            for index in rows.indices.dropLast() {
                var all = rows
                all.remove(at: index)
                #expect(try await ledger.fault(of: all) == AuditFault(Int64(index) + 1, .removed))
                all = rows
                (all[index].sealed.sequence, all[index + 1].sealed.sequence) = (Int64(index) + 2, Int64(index) + 1)
                all.swapAt(index, index + 1)
                #expect(try await ledger.fault(of: all) == AuditFault(Int64(index) + 1, .reordered))
            }
            for count in rows.indices {
                let cut = Array(rows.prefix(count))
                #expect(
                    try await ledger.fault(of: cut, expecting: head)
                        == AuditFault(Int64(count) + 1, .cut(expected: head.sequence)))
                #expect(try await ledger.fault(of: cut) != nil, "what is cut off shows by what it left")
            }
            try await home.replaceRows(rows)
        },
        StoreRule("a chain that was sealed anew is found by the head that was kept, by the rules, or by what it left") {
            home in
            let ledger = try await fullLedger(home)
            let (rows, head) = (try await home.rows(), try await ledger.head().chain)
            // A last record that says something else, and is in order by itself.
            let last = rows.count - 1
            let pause = LedgerEvent.paused(instance: "other", reason: "another", by: "me")
            let changed = resealed(rows, from: last, [pause])
            #expect(try await ledger.fault(of: changed, expecting: head) == AuditFault(head.sequence, .rewritten))
            let left = AuditFault(head.sequence, .different("pause", "other"))
            #expect(try await ledger.fault(of: changed) == left)
            // One that no rule allows.
            let twice = resealed(rows, from: last, [reservation(draft("6"))])
            guard case .against = try await ledger.fault(of: twice)?.problem else {
                Issue.record("a second retry is not found")
                return
            }
            try await home.replaceRows(rows)
        },
        StoreRule("an entry sealed with a time before the last one's is found") { home in
            let ledger = try await fullLedger(home)
            let rows = try await home.rows()
            var record = LedgerEntry(latched(.gone, "1"), at: at(1)).record(after: at(1))
            let head = try await ledger.head().chain
            for clock in [nil, AgentTime(milliseconds: 0)] {
                record.clock = clock
                let sealed = AuditChain.seal(record, after: head)
                try await home.replaceRows(rows + [.init(sealed: sealed, columns: RecordColumns(record))])
                guard case .against = try await ledger.store.verify(expecting: nil).fault?.problem else {
                    Issue.record("a time that goes back is not found")
                    return
                }
            }
            try await home.replaceRows(rows)
        },
    ]
}

/// One thing after the other of a record changed, with what is found.
private func rowChanges(_ row: LedgerAppend.Record) -> [(String, AuditFault.Problem, LedgerAppend.Record)] {
    var found: [(String, AuditFault.Problem, LedgerAppend.Record)] = []
    func add(_ part: String, _ problem: AuditFault.Problem, _ change: (inout LedgerAppend.Record) -> Void) {
        var changed = row
        change(&changed)
        found.append((part, problem, changed))
    }
    for byte in stride(from: 0, to: row.sealed.bytes.count, by: 37) {
        add("byte \(byte)", .changed) { $0.sealed.bytes[byte] ^= 1 }
    }
    add("bytes", .changed) { $0.sealed.bytes = [] }
    add("hash", .changed) { $0.sealed.hash[31] ^= 0x80 }
    add("hash", .changed) { $0.sealed.hash = [] }
    add("previous", .changed) { $0.sealed.previous[0] ^= 1 }
    add("at", .column("at")) { $0.columns.at += 1 }
    add("instance", .column("instance")) { $0.columns.instance = ($0.columns.instance ?? "") + "x" }
    add("epoch", .column("epoch")) { $0.columns.epoch = ($0.columns.epoch ?? 0) + 1 }
    add("execution", .column("execution")) { $0.columns.execution = ($0.columns.execution ?? "") + "1" }
    add("root", .column("root")) { $0.columns.root = ($0.columns.root ?? "") + "1" }
    if row.columns.instance != nil { add("instance", .column("instance")) { $0.columns.instance = nil } }
    if row.columns.epoch != nil { add("epoch", .column("epoch")) { $0.columns.epoch = nil } }
    if row.columns.execution != nil { add("execution", .column("execution")) { $0.columns.execution = nil } }
    if row.columns.root != nil { add("root", .column("root")) { $0.columns.root = nil } }
    let names = Set(Mirror(reflecting: row.columns).children.compactMap(\.label))
    #expect(names.isSubset(of: found.map(\.0)), "a column is left out")
    return found
}

/// A chain whose records from some place on are others, sealed as if they had been there always.
private func resealed(_ rows: [LedgerAppend.Record], from index: Int, _ events: [LedgerEvent]) -> [LedgerAppend.Record]
{
    var all = Array(rows.prefix(index))
    var head = all.last.map { AuditHead(sequence: $0.sealed.sequence, hash: $0.sealed.hash) } ?? .start
    for event in events {
        let record = LedgerEntry(event, at: at(6)).record(after: at(6))
        let sealed = AuditChain.seal(record, after: head)
        all.append(.init(sealed: sealed, columns: RecordColumns(record)))
        head = AuditHead(sequence: sealed.sequence, hash: sealed.hash)
    }
    return all
}
