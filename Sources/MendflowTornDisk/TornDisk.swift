import MendflowTestKit
private import Synchronization

/// A disk in memory that SQLite works on, and whose power can go at any write.
///
/// What was flushed stays. Of what was written since then each sector is found or not, or its beginning alone, as a seed decides;
/// a file that was never flushed may be gone, and one that was removed may be there again. Whoever had a file open then has
/// nothing more: a dead process's connections reach the disk no more.
public final class TornDisk: Sendable {
    /// What is wrong with the disk.
    public enum Trouble: Sendable, Hashable {
        /// No room is left.
        case full
        /// What is flushed is there, and whoever flushed it is told that it failed.
        case failsAfterFlushing
    }

    /// Why something cannot be done.
    enum Fault: Error { case gone, full, unflushed, busy, missing }

    struct Contents {
        var files: [String: TornFile] = [:]
        /// Files that were removed, whose names may still be on the disk.
        var removed: [String: TornFile] = [:]
        var opened: [Int: OpenedFile] = [:]
        var indexes: [Int: SharedIndex] = [:]
        var counter = 0
        var random: SplitMix64
        var isOff = false
        var trouble: Trouble?
        /// How many writes the power lasts, and whether only those count that move records from the log into the database.
        var lasts: (writes: Int, ofDatabase: Bool)?

        mutating func number() -> Int {
            counter += 1
            return counter
        }
    }
    private let contents: Mutex<Contents>
    /// What tells it from others in this program.
    let number: Int

    /// Makes an empty disk; what is lost with the power follows from a seed.
    public convenience init(seed: UInt64) { self.init(Contents(random: SplitMix64(seed: seed))) }

    private init(_ start: sending Contents) {
        contents = Mutex(start)
        number = TornFileSystem.place()
        TornFileSystem.add(self)
    }

    deinit {
        TornFileSystem.remove(number)
        for index in contents.withLock({ $0.indexes }).values { index.free() }
    }

    /// What SQLite calls the file system of all such disks.
    public static var fileSystem: String { TornFileSystem.name }

    /// The path by which a process of a number opens a file of this disk.
    public func path(_ name: String, process: Int) -> String { "/\(number)/\(process)\(name)" }

    /// Whether there is a file of a name, and something in it: SQLite asks no more.
    public func holds(_ name: String) -> Bool { contents.withLock { $0.files[name]?.bytes.isEmpty == false } }

    /// Whether the power is off: nobody can do anything until it comes back.
    public var isOff: Bool { contents.withLock { $0.isOff } }

    /// Sets what is wrong with it; nil for nothing.
    public func trouble(_ trouble: Trouble?) { contents.withLock { $0.trouble = trouble } }

    /// Lets the power go after so many more writes, whatever they are; or after so many that move records from SQLite's log
    /// into its database.
    public func cutPower(after writes: Int, ofDatabase isOfDatabase: Bool = false) {
        contents.withLock { $0.lasts = (writes, isOfDatabase) }
    }

    /// The power goes, if it has not, and comes back.
    public func cycle() {
        contents.withLock { contents in
            var chance = Chance(SplitMix64(seed: contents.random.next()))
            var found: [String: TornFile] = [:]
            // In an order of their own, so that chance meets the same files in every process.
            for (name, file) in contents.removed.sorted(by: { $0.key < $1.key }) where chance.keeps() {
                found[name] = file.certain
            }
            for (name, file) in contents.files.sorted(by: { $0.key < $1.key }) {
                if let left = file.afterPowerCut(&chance) { found[name] = left }
            }
            (contents.files, contents.removed, contents.isOff, contents.lasts) = (found, [:], false, nil)
            for number in contents.opened.keys { contents.opened[number]?.isDead = true }
        }
    }

    /// A process is gone, and the machine goes on: what it wrote stays, and its locks are free.
    public func end(process: Int) {
        contents.withLock { contents in
            for (number, file) in contents.opened where file.process == process {
                contents.opened[number]?.isDead = true
            }
        }
    }

    /// Another disk, with what is certainly found if the power goes now.
    public func certain() -> TornDisk {
        contents.withLock { contents in
            var copy = Contents(random: contents.random)
            copy.files = contents.files.compactMapValues(\.certain)
            return TornDisk(copy)
        }
    }

    func withContents<T: Sendable>(_ body: (inout Contents) throws(Fault) -> T) throws(Fault) -> T {
        let result: Result<T, Fault> = contents.withLock { contents in
            do throws(Fault) { return .success(try body(&contents)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// What one connection has open.
struct OpenedFile: Sendable {
    var name: String
    var process: Int
    /// Its process is gone, or the power was.
    var isDead = false
    /// How far it has locked the file.
    var lock: Int32 = 0
    /// What it shares with other connections, and which of its locks it holds, a bit each.
    var index: Int?
    var shares: UInt32 = 0, owns: UInt32 = 0
}

// What SQLite does with files.
extension TornDisk.Contents {
    mutating func open(_ name: String, process: Int, creates: Bool) throws(TornDisk.Fault) -> Int {
        guard !isOff else { throw .gone }
        if files[name] == nil {
            guard creates else { throw .missing }
            files[name] = TornFile()
        }
        let number = number()
        opened[number] = OpenedFile(name: name, process: process)
        return number
    }

    mutating func close(_ number: Int) {
        dropIndex(number)
        opened[number] = nil
    }

    /// The file of a living connection.
    func living(_ number: Int) throws(TornDisk.Fault) -> OpenedFile {
        guard !isOff, let file = opened[number], !file.isDead, files[file.name] != nil else { throw .gone }
        return file
    }

    func read(_ number: Int, _ count: Int, at place: Int) throws(TornDisk.Fault) -> ArraySlice<UInt8> {
        let bytes = files[try living(number).name]?.bytes ?? []
        return place < bytes.count ? bytes[place..<min(bytes.count, place + count)] : []
    }

    func size(_ number: Int) throws(TornDisk.Fault) -> Int { files[try living(number).name]?.bytes.count ?? 0 }

    mutating func write(_ number: Int, _ bytes: [UInt8], at place: Int) throws(TornDisk.Fault) {
        let name = try living(number).name
        if trouble == .full, place + bytes.count > files[name]?.bytes.count ?? 0 { throw .full }
        files[name]?.write(bytes, at: place)
        if losesPower(at: name) { throw .gone }
    }

    mutating func cut(_ number: Int, to size: Int) throws(TornDisk.Fault) {
        let name = try living(number).name
        files[name]?.cut(to: size)
        if losesPower(at: name) { throw .gone }
    }

    mutating func flush(_ number: Int) throws(TornDisk.Fault) {
        let name = try living(number).name
        let isLast = losesPower(at: name)
        // Who hears nothing of a flush does not know whether it was done.
        if !isLast || random.below(2) == 0 {
            files[name]?.flush()
            // Names are written in their order: with a flush of any file, what was removed before is.
            removed = [:]
        }
        if isLast { throw .gone }
        if trouble == .failsAfterFlushing { throw .unflushed }
    }

    mutating func remove(_ name: String, isFlushed: Bool) throws(TornDisk.Fault) {
        guard !isOff else { throw .gone }
        guard let file = files.removeValue(forKey: name) else { throw .missing }
        removed[name] = isFlushed ? nil : file
        if losesPower(at: name) { throw .gone }
    }

    private mutating func losesPower(at name: String) -> Bool {
        guard let left = lasts else { return false }
        if left.ofDatabase, name.hasSuffix("-wal") || name.hasSuffix("-journal") { return false }
        lasts?.writes -= 1
        guard left.writes <= 1 else { return false }
        (lasts, isOff) = (nil, true)
        return true
    }
}
