private import Glibc
import MendflowCore
import MendflowLedger
import Synchronization

/// Marks of requests that are about to leave, in `<ledger>.mendflow-sends`. A write to a file outlives the process at once,
/// for the kernel has it; nothing waits for the disk, and after a power failure the marks are not believed.
final class SendMarksFile: Sendable {
    private struct Contents {
        var marks: SendMarks?
        /// Nil before marks are kept.
        var file: LockedFile?
    }
    private let path: String
    private let boot: String
    private let contents: Mutex<Contents>

    /// What is longer is not gone on with.
    private static let longest = 1 << 20

    /// Reads the marks of earlier processes, as far as they can be relied on; `boot` names this start of the machine.
    init(ledger: String, boot: String = SendMarksFile.machineStart) {
        path = ledger + ".mendflow-sends"
        self.boot = boot
        let text = try? LockedFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).text(limit: SendMarksFile.longest)
        contents = Mutex(Contents(marks: text.flatMap { SendMarks($0, boot: boot) }, file: nil))
    }

    var marks: SendMarks? { contents.withLock { $0.marks } }

    func begin(at head: AuditHead) throws(LedgerFailure) {
        contents.withLock { $0 = Contents(marks: nil, file: nil) }
        guard !boot.isEmpty else { throw .unusable("\(path): this machine does not tell when it was started") }
        let file = try LockedFile(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
        _ = try file.text(limit: SendMarksFile.longest)
        guard file.replace(SendMarks.header(head, boot: boot)) else { throw file.unusable("it cannot be written") }
        contents.withLock { $0 = Contents(marks: SendMarks(start: head), file: file) }
    }

    func mark(_ intent: IntentID) throws(LedgerFailure) {
        let isMarked = contents.withLock { contents in
            guard let file = contents.file else { return true }
            guard file.append(SendMarks.line(intent)) else { return false }
            contents.marks?.mark(intent)
            return true
        }
        guard isMarked else { throw .unusable("\(path) cannot be written") }
    }

    /// What the kernel calls this start of the machine; empty where it does not tell.
    private static var machineStart: String {
        let file = try? LockedFile("/proc/sys/kernel/random/boot_id", O_RDONLY)
        return file?.line(limit: 64) ?? ""
    }
}
