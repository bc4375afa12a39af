import MendflowHostKit
import MendflowLedger
import MendflowTestKit

// Every tenth world keeps its ledger in SQLite, on a disk that loses what was not flushed and tears what was being written.
extension SeedPlan {
    /// Whether a world's disk can lose something.
    var isOnTornDisk: Bool { shared == nil && seed % 10 == 8 }

    /// The power goes now and then, in the middle of a write; drawn apart.
    mutating func addPowerCuts() {
        guard isOnTornDisk else { return }
        var random = SplitMix64(seed: seed ^ 0xD15C)
        events += (0..<4 + random.below(6)).map { _ in
            Event(
                at: SeedPlan.moment(&random),
                what: .powerCut(writes: 1 + random.below(40), ofDatabase: random.below(4) == 0))
        }
    }
}

extension SeedWorld {
    /// Lets the power go in the middle of a write. The machine comes up at once, and starts the agent if it ran.
    func cutPower(after writes: Int, ofDatabase isOfDatabase: Bool) {
        disk.cutPower(after: writes, ofDatabase: isOfDatabase) { [weak self] in
            guard let self else { return }
            let ran = host() != nil
            killHost(0, "the power went", losingPower: true)
            if ran { startHost() }
        }
    }

    /// After each death: the ledger opens, nothing is lost that somebody was told is written, and every record and all that is
    /// kept beside them is what was written.
    func examineDisk() {
        guard plan.isOnTornDisk, let acknowledged = disk.acknowledged(SeedWorld.ledger) else { return }
        do throws(LedgerFailure) {
            guard let found = try disk.ledger(SeedWorld.ledger) else {
                return record.accuse("durable", "the ledger is gone, and record \(acknowledged.sequence) was written")
            }
            inPassing { [record] _ in
                do throws(LedgerFailure) {
                    guard let fault = try await found.verify(expecting: acknowledged).fault else { return }
                    record.accuse("durable", "after record \(acknowledged.sequence) was written: \(fault)")
                } catch { record.accuse("durable", "\(error)") }
            }
        } catch { record.accuse("durable", "\(error)") }
    }
}
