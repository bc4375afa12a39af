import MendflowCore
public import MendflowEnvironment
public import MendflowLedger
import MendflowLedgerSQLite
import MendflowTestKit
import MendflowTornDisk
private import Synchronization

/// Ledgers in memory, by their paths, with the locks of those who act on them. It outlives every simulated process.
///
/// They are the store in memory, which keeps what it has acknowledged; or the product's own, in SQLite, on a disk that loses what
/// was not flushed.
public final class MemoryDisk: Sendable {
    private struct Contents {
        var ledgers: [String: MemoryLedgerStore] = [:]
        /// Which process acts on which ledger.
        var locks: [String: Int] = [:]
        /// What was marked beside each ledger.
        var marks: [String: SendMarks] = [:]
        var trouble: Trouble?
        /// How often something was written.
        var appends: UInt64 = 0
        /// Up to where whoever wrote was told that it is written.
        var acknowledged: [String: AuditHead] = [:]
        var atPowerCut: (@Sendable () -> Void)?
    }

    /// What is wrong with the disk.
    public indirect enum Trouble: Sendable, Hashable {
        /// No room is left: nothing is written.
        case full
        /// What is written is there, and whoever wrote it is told that it failed.
        case failsAfterWriting
        /// So it is now and then, and all is well in between.
        case sometimes(Trouble)

        /// What is wrong at the so-many-th time; nil where nothing is.
        func now(_ time: UInt64) -> Trouble? {
            guard case .sometimes(let trouble) = self else { return self }
            var random = SplitMix64(seed: time)
            return random.below(3) == 0 ? trouble : nil
        }
    }
    private let contents = Mutex(Contents())
    private let torn: TornDisk?

    /// Makes an empty disk; where it is `torn` it is one for SQLite, and what the power takes with it follows from a seed.
    public init(torn seed: UInt64? = nil) { torn = seed.map { TornDisk(seed: $0) } }

    /// A ledger, to be looked at; nil where there is none. On a disk that can lose something it is what would certainly be found
    /// there if the power went now.
    ///
    /// - Throws: why it cannot be opened.
    public func ledger(_ path: String) throws(LedgerFailure) -> (any LedgerStore)? {
        guard let torn else { return contents.withLock { $0.ledgers[path] } }
        let found = torn.certain()
        guard found.holds(path) else { return nil }
        return try MemoryDisk.open(path, .append, on: found, process: 0)
    }

    /// Up to where whoever wrote a ledger was told that it is written.
    public func acknowledged(_ path: String) -> AuditHead? { contents.withLock { $0.acknowledged[path] } }

    /// Sets what is wrong with the disk from now on; nil for nothing.
    public func trouble(_ trouble: Trouble?) { contents.withLock { $0.trouble = trouble } }

    /// Lets the power go after so many more writes, or writes of the database itself, and come back at once; `notice` is told.
    public func cutPower(
        after writes: Int, ofDatabase isOfDatabase: Bool, _ notice: @escaping @Sendable () -> Void
    ) {
        contents.withLock { $0.atPowerCut = notice }
        torn?.cutPower(after: writes, ofDatabase: isOfDatabase)
    }

    /// The ledgers as a process of a number sees them.
    public func ledgers(process: Int) -> any LedgerLocker { View(disk: self, process: process) }

    /// Lets go of what a dead process held; where the machine died with it, what nobody flushed is lost.
    public func release(process: Int, losingPower: Bool = false) {
        contents.withLock { $0.locks = $0.locks.filter { $0.value != process } }
        guard let torn else { return }
        torn.end(process: process)
        guard losingPower else { return }
        torn.cycle()
        // They are not flushed, and are believed on the same start of the machine alone.
        contents.withLock { $0.marks = [:] }
    }

    /// Tells whoever wants to know that the power has gone.
    private func notice() {
        guard torn?.isOff == true else { return }
        contents.withLock { $0.atPowerCut }?()
    }

    private func store(
        _ path: String, _ access: LedgerAccess, process: Int
    ) throws(LedgerFailure) -> any LedgerStore {
        if let torn { return try MemoryDisk.open(path, access, on: torn, process: process) }
        let found = contents.withLock { contents -> MemoryLedgerStore? in
            if access == .create, contents.ledgers[path] == nil { contents.ledgers[path] = MemoryLedgerStore() }
            return contents.ledgers[path]
        }
        guard let found else { throw .missing(path) }
        return found
    }

    private static func open(
        _ path: String, _ access: LedgerAccess, on disk: TornDisk, process: Int
    ) throws(LedgerFailure) -> any LedgerStore {
        let (path, system) = (disk.path(path, process: process), TornDisk.fileSystem)
        return switch access {
        case .read: try SQLiteLedgerStore.openReading(path: path, vfs: system, placement: .inline)
        case .append, .create:
            try SQLiteLedgerStore.open(path: path, vfs: system, create: access == .create, placement: .inline)
        }
    }

    /// Appends as the disk's trouble allows.
    private func append(
        _ path: String, _ append: @Sendable () async throws(LedgerFailure) -> LedgerHead
    ) async throws(LedgerFailure) -> LedgerHead {
        let trouble = contents.withLock { contents in
            contents.appends += 1
            return contents.trouble?.now(contents.appends)
        }
        let head = try await torn == nil ? beside(trouble, path, append) : below(trouble, append)
        contents.withLock { $0.acknowledged[path] = head.chain }
        return head
    }

    /// The store in memory knows no disk.
    private func beside(
        _ trouble: Trouble?, _ path: String, _ append: @Sendable () async throws(LedgerFailure) -> LedgerHead
    ) async throws(LedgerFailure) -> LedgerHead {
        if trouble == .full { throw .full(path) }
        let head = try await append()
        if trouble == .failsAfterWriting { throw .unusable("\(path): input/output error") }
        return head
    }

    /// SQLite finds out by itself.
    private func below(
        _ trouble: Trouble?, _ append: @Sendable () async throws(LedgerFailure) -> LedgerHead
    ) async throws(LedgerFailure) -> LedgerHead {
        torn?.trouble(trouble.map { $0 == .full ? .full : .failsAfterFlushing })
        defer {
            torn?.trouble(nil)
            notice()
        }
        return try await append()
    }

    private struct View: LedgerLocker {
        let disk: MemoryDisk
        let process: Int

        func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
            disk.notice()
            // SQLite also writes where it opens, closes and reads.
            defer { disk.notice() }
            return HookedStore(try disk.store(path, access, process: process), hasRead: { [disk] in disk.notice() }) {
                [disk] (_, append) throws(LedgerFailure) in try await disk.append(path, append)
            }
        }

        func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold {
            let holder = disk.contents.withLock { contents -> Int? in
                if let holder = contents.locks[path] { return holder }
                contents.locks[path] = process
                return nil
            }
            if let holder { throw .locked("\(path) (process \(holder))") }
            return Lock(disk: disk, path: path, process: process)
        }

        func agent(on path: String) -> AgentSigns {
            disk.contents.withLock {
                AgentSigns(isHeld: $0.locks[path] != nil, begun: $0.marks[path]?.start)
            }
        }
    }

    /// Lets go when it goes.
    private final class Lock: LedgerHold {
        let disk: MemoryDisk
        let path: String
        let process: Int
        init(disk: MemoryDisk, path: String, process: Int) {
            self.disk = disk
            self.path = path
            self.process = process
        }
        var marks: SendMarks? { disk.contents.withLock { $0.marks[path] } }
        func beginMarks(at head: AuditHead) throws(LedgerFailure) {
            disk.contents.withLock { $0.marks[path] = SendMarks(start: head) }
        }
        func mark(_ intent: IntentID) throws(LedgerFailure) {
            disk.contents.withLock { $0.marks[path]?.mark(intent) }
        }
        deinit { disk.contents.withLock { if $0.locks[path] == process { $0.locks[path] = nil } } }
    }
}
