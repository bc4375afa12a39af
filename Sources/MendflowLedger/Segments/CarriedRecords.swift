import MendflowCore
import MendflowText

/// Records that are looked for however old they are, picked out while a ledger is gone through: with what the last agent
/// began, what it read of the files last, and which readings a person has let through since.
struct CarriedRecords: Sendable {
    private var started: SealedRecord?, reading: SealedRecord?, confirmed: [SealedRecord] = []

    /// Goes on from those of an earlier segment.
    init(_ earlier: [SealedRecord]) {
        for record in earlier { try? note(record) }
    }

    /// In the order of their numbers, each once.
    var all: [SealedRecord] {
        var found = ([started, reading].compactMap { $0 } + confirmed).sorted { $0.sequence < $1.sequence }
        if started != nil, started == reading { found.removeFirst() }
        return found
    }

    /// Takes the next record in.
    mutating func note(_ sealed: SealedRecord) throws(LedgerFailure) {
        switch try sealed.lifecycle {
        case nil: break
        case .started: (started, reading, confirmed) = (sealed, sealed, [])
        case .reloaded: (reading, confirmed) = (sealed, [])
        case .confirmed: confirmed.append(sealed)
        case .stopped, .restored, .silenced, .hinted: break
        }
    }
}

extension SealedRecord {
    /// What it says of the agent itself; nil where it is about something else. Among a hundred thousand others few are, and
    /// reading them all takes seconds.
    ///
    /// - Throws: `corrupt` where it cannot be read.
    public var lifecycle: Lifecycle? {
        get throws(LedgerFailure) {
            guard holds(SealedRecord.lifecycleKind), case .lifecycle(let event) = try entry().event else { return nil }
            return event
        }
    }

    /// Whether it may be a pause for which there was no telling what had been sent.
    public var mayBeDoubt: Bool { holds(SealedRecord.doubt) }

    /// Whether it may be a policy's text.
    public var mayBePolicy: Bool { holds(SealedRecord.policy) }

    private func holds(_ wanted: [UInt8]) -> Bool {
        guard bytes.count >= wanted.count else { return false }
        for place in 0...(bytes.count - wanted.count) where bytes[place + 1] == wanted[1] {
            if bytes[place..<place + wanted.count].elementsEqual(wanted) { return true }
        }
        return false
    }

    private static let policy = Array("\"kind\":\"policy\"".utf8)
    private static let lifecycleKind = Array("\"kind\":\"lifecycle\"".utf8)
    private static let doubt = Array("\"doubt\":true".utf8)
}
