import MendflowTestKit

/// A file as whoever reads it sees it, and what of it would be found if the power went.
struct TornFile: Sendable {
    /// What is done to a file, and not on the disk before it is flushed.
    private enum Change: Sendable {
        case write([UInt8], at: Int)
        case cut(to: Int)
    }

    /// What whoever reads it sees.
    private(set) var bytes: [UInt8] = []
    private var flushed: [UInt8] = []
    private var waiting: [Change] = []
    /// Whether its name is on the disk, too: the first flush of a file brings it there.
    private(set) var isNamed = false

    /// A disk writes so many bytes together or not at all, mostly.
    static let sector = 512

    mutating func write(_ new: [UInt8], at place: Int) {
        let change = Change.write(new, at: place)
        TornFile.apply(change, to: &bytes)
        waiting.append(change)
    }

    mutating func cut(to size: Int) {
        TornFile.apply(.cut(to: size), to: &bytes)
        waiting.append(.cut(to: size))
    }

    mutating func flush() {
        for change in waiting { TornFile.apply(change, to: &flushed) }
        waiting = []
        isNamed = true
    }

    /// The power goes: what was flushed stays, and of the rest what chance leaves. Nil where nobody finds the file any more.
    func afterPowerCut(_ chance: inout Chance) -> TornFile? {
        guard isNamed || chance.keeps() else { return nil }
        var found = flushed
        for change in waiting {
            guard case .write(let new, let place) = change else {
                if chance.keeps() { TornFile.apply(change, to: &found) }
                continue
            }
            for start in stride(from: 0, to: new.count, by: TornFile.sector) where chance.keeps() {
                let whole = min(TornFile.sector, new.count - start)
                let part = Array(new[start..<start + (chance.tears() ? chance.below(whole) : whole)])
                TornFile.apply(.write(part, at: place + start), to: &found)
            }
        }
        return TornFile(found)
    }

    /// Only what is certainly found.
    var certain: TornFile? { isNamed ? TornFile(flushed) : nil }

    init() {}

    private init(_ found: [UInt8]) { (bytes, flushed, isNamed) = (found, found, true) }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .cut(let size):
            if size < bytes.count { bytes.removeLast(bytes.count - size) }
        case .write(let new, let place):
            let end = place + new.count
            if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
            bytes.replaceSubrange(place..<end, with: new)
        }
    }
}

/// What becomes of things that were not flushed when the power goes.
struct Chance {
    private enum Remains { case nothing, everything, some }
    private let remains: Remains
    private var random: SplitMix64

    init(_ random: SplitMix64) {
        var random = random
        remains = [.nothing, .everything, .some, .some][random.below(4)]
        self.random = random
    }

    /// Whether one such thing is found afterwards.
    mutating func keeps() -> Bool {
        switch remains {
        case .nothing: false
        case .everything: true
        case .some: random.below(2) == 0
        }
    }

    /// Whether only its beginning is.
    mutating func tears() -> Bool { remains == .some && random.below(8) == 0 }

    mutating func below(_ bound: Int) -> Int { random.below(bound) }
}
