import MendflowCore
public import MendflowEnvironment
public import MendflowLedger
import MendflowTestKit
private import Synchronization

/// Ledgers in memory, by their paths, with the locks of those who act on them. It outlives every simulated process.
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

    /// Makes an empty disk.
    public init() {}

    /// A ledger as it stands; nil where there is none.
    public func ledger(_ path: String) -> MemoryLedgerStore? { contents.withLock { $0.ledgers[path] } }

    /// Sets what is wrong with the disk from now on; nil for nothing.
    public func trouble(_ trouble: Trouble?) { contents.withLock { $0.trouble = trouble } }

    /// The ledgers as a process of a number sees them.
    public func ledgers(process: Int) -> any LedgerLocker { View(disk: self, process: process) }

    /// Lets go of what a dead process held.
    public func release(process: Int) {
        contents.withLock { $0.locks = $0.locks.filter { $0.value != process } }
    }

    private struct View: LedgerLocker {
        let disk: MemoryDisk
        let process: Int

        func open(_ path: String, _ access: LedgerAccess) throws(LedgerFailure) -> any LedgerStore {
            let found = disk.contents.withLock { contents -> MemoryLedgerStore? in
                if access == .create, contents.ledgers[path] == nil { contents.ledgers[path] = MemoryLedgerStore() }
                return contents.ledgers[path]
            }
            guard let found else { throw .missing(path) }
            return HookedStore(found) { [disk] (_, append) throws(LedgerFailure) in
                let trouble = disk.contents.withLock { contents in
                    contents.appends += 1
                    return contents.trouble?.now(contents.appends)
                }
                if trouble == .full { throw .full(path) }
                let head = try await append()
                if trouble == .failsAfterWriting { throw .unusable("\(path): input/output error") }
                return head
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
