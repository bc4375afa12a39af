import MendflowCore
package import MendflowLedger
import MendflowText
package import MendflowWorkspace

/// What the agent that runs, or ran last, read of the files last, and what it has in force since, as it put on record.
package struct LastReading: Sendable {
    /// What the files said, as text; nil where the record does not say.
    var contents: String?
    /// The policies in force; nil where the record does not name them, or a text is missing.
    var policies: [RecordedPolicy]?
    /// What waits for a person's word.
    var pending: PendingReload?
    /// What the files say otherwise than at the agent's start and only a restart takes in, in words.
    var needsRestart: [String] = []
    /// How far the agent may go on each instance; nil where the record does not say.
    var modes: [String: Mode]?

    /// How many records are looked at, a page at a time.
    private static let (most, page): (Int64, Int64) = (500_000, 2000)

    /// Reads it; nil where no agent ever began.
    package static func read(
        _ store: any LedgerStore, _ head: AuditHead
    ) async throws(LedgerFailure) -> LastReading? {
        var (end, confirmed): (Int64, Set<String>) = (head.sequence, [])
        let newest = try await store.load(LedgerScope(instances: [])).newestSegment
        let floor = newest?.last ?? 0
        while end > floor, head.sequence - end < most {
            let from = max(floor, end - page)
            for sealed in try await store.records(after: from, limit: Int(end - from)).reversed() {
                switch try ReloadWord(sealed) {
                case nil: continue
                case .confirmed(let contents): confirmed.insert(contents)
                case .inForce(let record): return try await LastReading(record, confirmed, store)
                }
            }
            end = from
        }
        // What was sealed is not read, but for what is told of it.
        for sealed in newest?.carried.reversed() ?? [] where end == floor {
            if case .confirmed(let contents)? = try ReloadWord(sealed) { confirmed.insert(contents) }
            if case .inForce(let record)? = try ReloadWord(sealed) {
                return try await LastReading(record, confirmed, store)
            }
        }
        return nil
    }

    private init(
        _ record: AuditRecord, _ confirmed: Set<String>, _ store: any LedgerStore
    ) async throws(LedgerFailure) {
        if case .text(let text)? = record.fields["contents"] { contents = text }
        if case .list(let losses)? = record.fields["waiting"], let contents {
            pending = PendingReload(
                contents: contents, since: record.clock ?? record.at, losses: losses.texts,
                isConfirmed: confirmed.contains(contents))
        }
        if case .object(let told)? = record.fields["instances"] {
            var modes: [String: Mode] = [:]
            for case (let name, .text(let word)) in told { modes[name] = Mode(rawValue: word) }
            self.modes = modes
        }
        if case .list(let words)? = record.fields["needs_restart"] { needsRestart = words.texts }
        guard case .object(let told)? = record.fields["policies"] else { return }
        var held: [String] = []
        if case .list(let names)? = record.fields["held"] { held = names.texts }
        var modes: [String: Mode] = [:]
        for case (_, .object(let policy)) in told {
            guard case .text(let version)? = policy["version"], case .text(let word)? = policy["mode"] else { return }
            modes[version] = Mode(rawValue: word)
        }
        let state = try await store.load(LedgerScope(instances: [], policies: Set(modes.keys)))
        let found = modes.compactMap { version, mode in
            state.policy(version: version).map {
                RecordedPolicy(text: $0, mode: mode, isHeld: held.contains($0.name))
            }
        }
        if found.count == told.count { policies = found }
    }

    /// What held the last agent back and does so no more with the files that another one starts with, in words, without what a
    /// person has let go.
    package func losses(in workspace: Workspace) -> [String] {
        let isSame = pending?.contents == Hex.text(workspace.meaning)
        if let pending, isSame { return pending.isConfirmed ? [] : pending.losses }
        let before = policies.flatMap { workspace.with(recorded: $0) }
        let losses = before?.loosenings(to: workspace).map(\.words) ?? []
        guard let pending else { return losses }
        if pending.isConfirmed { return losses.filter { !pending.losses.contains($0) } }
        // Protections and limits stand in no record: of files that changed since, nobody can tell.
        let untold = pending.losses.filter { !Loosening.isOfPolicy($0) }
        return losses + untold.map { "\($0), unless the files have it again" }
    }
}

/// What a record says about what is in force.
enum ReloadWord {
    /// An agent began, or took files in: nothing else counts from here on.
    case inForce(AuditRecord)
    /// A person let a reading of the files through.
    case confirmed(String)

    init?(_ sealed: SealedRecord) throws(LedgerFailure) {
        guard sealed.mayBeLifecycle else { return nil }
        let record = try sealed.record()
        guard record.kind == .lifecycle, case .text(let what)? = record.fields["what"] else { return nil }
        switch Lifecycle.Kind(rawValue: what) {
        case .started, .reloaded: self = .inForce(record)
        case .confirmed:
            guard case .text(let contents)? = record.fields["contents"] else { return nil }
            self = .confirmed(contents)
        default: return nil
        }
    }
}

extension [JSONValue] {
    /// Those that are texts.
    fileprivate var texts: [String] { compactMap { if case .text(let text) = $0 { text } else { nil } } }
}
