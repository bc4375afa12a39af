import MendflowCore
public import MendflowEnvironment
public import MendflowLedger
private import Synchronization

/// Ledgers in memory, by their paths, with the locks of those who act on them. It outlives every simulated process.
public final class MemoryDisk: Sendable {
    private struct Contents {
        var ledgers: [String: MemoryLedgerStore] = [:]
        /// Which process acts on which ledger.
        var locks: [String: Int] = [:]
        /// What was marked beside each ledger.
        var marks: [String: SendMarks] = [:]
    }
    private let contents = Mutex(Contents())

    /// Makes an empty disk.
    public init() {}

    /// A ledger as it stands; nil where there is none.
    public func ledger(_ path: String) -> MemoryLedgerStore? { contents.withLock { $0.ledgers[path] } }

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
            return found
        }

        func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold {
            let holder = disk.contents.withLock { contents -> Int? in
                if let holder = contents.locks[path] { return holder }
                contents.locks[path] = process
                return nil
            }
            if let holder { throw .locked("\(path) (process \(holder))") }
            return Lock(disk: disk, path: path)
        }
    }

    /// Lets go when it goes.
    private final class Lock: LedgerHold {
        let disk: MemoryDisk
        let path: String
        init(disk: MemoryDisk, path: String) {
            self.disk = disk
            self.path = path
        }
        var marks: SendMarks? { disk.contents.withLock { $0.marks[path] } }
        func beginMarks(at head: AuditHead) throws(LedgerFailure) {
            disk.contents.withLock { $0.marks[path] = SendMarks(start: head) }
        }
        func mark(_ intent: IntentID) throws(LedgerFailure) {
            disk.contents.withLock { $0.marks[path]?.mark(intent) }
        }
        deinit { _ = disk.contents.withLock { $0.locks.removeValue(forKey: path) } }
    }
}
