/// The memory that the connections to one database share: SQLite keeps there what its log holds. It goes with the power, and with
/// the last connection.
struct SharedIndex: Sendable {
    var name: String
    /// Where its pieces lie.
    var pieces: [UInt] = []
    var size = 0
    var users = 0

    func free() {
        for piece in pieces { unsafe UnsafeMutableRawPointer(bitPattern: piece)?.deallocate() }
    }
}

// Who may read and write at the same time. All of it happens in one thread, so that nobody ever waits.
extension TornDisk.Contents {
    private func others(of number: Int, _ name: String) -> [OpenedFile] {
        opened.filter { $0.key != number && !$0.value.isDead && $0.value.name == name }.map(\.value)
    }

    /// How far SQLite locks a file: it reads, means to write, waits to write, writes.
    enum Level { static let (reads, means, waits, writes): (Int32, Int32, Int32, Int32) = (1, 2, 3, 4) }

    mutating func lock(_ number: Int, _ level: Int32) throws(TornDisk.Fault) {
        let file = try living(number)
        guard level > file.lock else { return }
        let taken = others(of: number, file.name).map(\.lock).max() ?? 0
        let isFree =
            switch level {
            case Level.reads: taken < Level.waits
            case Level.means: taken < Level.means
            default: taken < Level.reads
            }
        guard isFree else { throw .busy }
        opened[number]?.lock = level
    }

    mutating func unlock(_ number: Int, _ level: Int32) {
        guard let file = opened[number], file.lock > level else { return }
        opened[number]?.lock = level
    }

    func isMeant(_ number: Int) throws(TornDisk.Fault) -> Bool {
        let name = try living(number).name
        return opened.values.contains { !$0.isDead && $0.name == name && $0.lock >= Level.means }
    }

    /// A piece of the shared memory, as an address; nil where there is none and none is to be made.
    mutating func piece(_ place: Int, _ number: Int, size: Int, makes: Bool) throws(TornDisk.Fault) -> UInt? {
        let file = try living(number)
        if file.index == nil {
            let shared = others(of: number, file.name).compactMap(\.index).first ?? self.number()
            indexes[shared, default: SharedIndex(name: file.name)].users += 1
            opened[number]?.index = shared
        }
        guard let shared = opened[number]?.index, var index = indexes[shared] else { throw .gone }
        while index.pieces.count <= place {
            guard makes else { return nil }
            let piece = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            unsafe piece.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            index.pieces.append(UInt(bitPattern: piece))
        }
        indexes[shared] = index
        return index.pieces[place]
    }

    /// Takes or gives back some of the locks of what is shared.
    mutating func lockIndex(_ number: Int, _ locks: UInt32, owns: Bool, takes: Bool) throws(TornDisk.Fault) {
        let file = try living(number)
        guard takes else {
            opened[number]?.shares &= ~locks
            opened[number]?.owns &= ~locks
            return
        }
        for other in others(of: number, file.name) where other.index == file.index {
            guard other.owns & locks == 0, !owns || other.shares & locks == 0 else { throw .busy }
        }
        if owns { opened[number]?.owns |= locks } else { opened[number]?.shares |= locks }
    }

    mutating func dropIndex(_ number: Int) {
        guard let shared = opened[number]?.index else { return }
        opened[number]?.index = nil
        opened[number]?.shares = 0
        opened[number]?.owns = 0
        indexes[shared]?.users -= 1
        guard let index = indexes[shared], index.users == 0 else { return }
        index.free()
        indexes[shared] = nil
    }
}
