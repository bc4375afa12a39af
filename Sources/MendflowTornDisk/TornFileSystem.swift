private import CSQLite
private import Glibc
private import Synchronization

/// The file system that SQLite is told to use for such disks: the first part of a path names the disk, the second one the process.
enum TornFileSystem {
    /// What SQLite calls it; it is registered once and stays.
    static let name: String = {
        unsafe sqlite3_vfs_register(makeSystem(), 0)
        return systemName
    }()

    private struct Disks {
        var known: [Int: Reference] = [:]
        var last = 0
    }
    /// A disk goes when nobody holds it, and nobody has a file of it open.
    private struct Reference { weak var disk: TornDisk? }
    private static let disks = Mutex(Disks())

    static func place() -> Int {
        disks.withLock { disks in
            disks.last += 1
            return disks.last
        }
    }
    static func add(_ disk: TornDisk) { disks.withLock { $0.known[disk.number] = Reference(disk: disk) } }
    static func remove(_ number: Int) { disks.withLock { $0.known[number] = nil } }
    fileprivate static func disk(_ number: Int) -> TornDisk? { disks.withLock { $0.known[number]?.disk } }
}

private let systemName = "mendflow-torn"

/// A path, taken apart.
private struct Place {
    var disk: TornDisk
    var process: Int
    var name: String

    init?(_ path: UnsafePointer<CChar>?) {
        guard let path = unsafe path else { return nil }
        let parts = unsafe String(cString: path).split(separator: "/", maxSplits: 2)
        guard parts.count == 3, let number = Int(parts[0]), let process = Int(parts[1]),
            let disk = TornFileSystem.disk(number)
        else { return nil }
        (self.disk, self.process, name) = (disk, process, "/" + parts[2])
    }
}

/// What SQLite allocates for an open file; it begins as SQLite expects.
@unsafe private struct Slot {
    var file: sqlite3_file
    /// Held as long as the file is open.
    var disk: Unmanaged<TornDisk>
    var number: Int
}

private typealias File = UnsafeMutablePointer<sqlite3_file>

/// Does something with an open file and says how SQLite calls what came of it.
private func with(_ file: File?, _ body: (inout TornDisk.Contents, Int) throws(TornDisk.Fault) -> Int32) -> Int32 {
    guard let file = unsafe file else { return SQLITE_IOERR }
    let slot = unsafe UnsafeMutableRawPointer(file).assumingMemoryBound(to: Slot.self)
    let (disk, number) = unsafe (slot.pointee.disk.takeUnretainedValue(), slot.pointee.number)
    do throws(TornDisk.Fault) {
        return try disk.withContents { (contents) throws(TornDisk.Fault) in try body(&contents, number) }
    } catch { return code(error) }
}

private func code(_ fault: TornDisk.Fault) -> Int32 {
    switch fault {
    case .gone: SQLITE_IOERR
    case .full: SQLITE_FULL
    case .unflushed: SQLITE_IOERR | 4 << 8
    case .busy: SQLITE_BUSY
    case .missing: SQLITE_CANTOPEN
    }
}

private func close(_ file: File?) -> Int32 {
    guard let file = unsafe file else { return SQLITE_OK }
    let slot = unsafe UnsafeMutableRawPointer(file).assumingMemoryBound(to: Slot.self)
    let disk = unsafe slot.pointee.disk.takeRetainedValue()
    let number = unsafe slot.pointee.number
    try? disk.withContents { (contents) throws(TornDisk.Fault) in contents.close(number) }
    return SQLITE_OK
}

private func read(_ file: File?, _ target: UnsafeMutableRawPointer?, _ count: Int32, _ place: Int64) -> Int32 {
    guard let target = unsafe target else { return SQLITE_IOERR }
    var found: ArraySlice<UInt8> = []
    let done = unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
        found = try contents.read(number, Int(count), at: Int(place))
        return SQLITE_OK
    }
    guard done == SQLITE_OK else { return done }
    unsafe found.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { unsafe target.copyMemory(from: start, byteCount: bytes.count) }
    }
    guard found.count < Int(count) else { return SQLITE_OK }
    // SQLite wants what is not there to be zeros, and to be told.
    unsafe memset(target + found.count, 0, Int(count) - found.count)
    return SQLITE_IOERR | 2 << 8
}

private func write(_ file: File?, _ source: UnsafeRawPointer?, _ count: Int32, _ place: Int64) -> Int32 {
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: source, count: Int(count)))
    return unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
        try contents.write(number, bytes, at: Int(place))
        return SQLITE_OK
    }
}

private func size(_ file: File?, _ answer: UnsafeMutablePointer<Int64>?) -> Int32 {
    var found = 0
    let done = unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
        found = try contents.size(number)
        return SQLITE_OK
    }
    unsafe answer?.pointee = Int64(found)
    return done
}

private func map(
    _ file: File?, _ place: Int32, _ size: Int32, _ makes: Int32,
    _ answer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    var found: UInt?
    let done = unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
        found = try contents.piece(Int(place), number, size: Int(size), makes: makes != 0)
        return SQLITE_OK
    }
    unsafe answer?.pointee = found.flatMap { unsafe UnsafeMutableRawPointer(bitPattern: $0) }
    return done
}

/// What SQLite calls of an open file: the second version of it, which has what a write-ahead log needs. Made once, and
/// never changed or freed, so that any thread may read it.
nonisolated(unsafe) private let methods: UnsafePointer<sqlite3_io_methods> = {
    var methods = sqlite3_io_methods()
    methods.iVersion = 2
    unsafe methods.xClose = { unsafe close($0) }
    unsafe methods.xRead = { unsafe read($0, $1, $2, $3) }
    unsafe methods.xWrite = { unsafe write($0, $1, $2, $3) }
    unsafe methods.xTruncate = { file, size in
        unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
            try contents.cut(number, to: Int(size))
            return SQLITE_OK
        }
    }
    unsafe methods.xSync = { file, _ in
        unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
            try contents.flush(number)
            return SQLITE_OK
        }
    }
    unsafe methods.xFileSize = { unsafe size($0, $1) }
    unsafe methods.xLock = { file, level in
        unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
            try contents.lock(number, level)
            return SQLITE_OK
        }
    }
    unsafe methods.xUnlock = { file, level in
        unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
            contents.unlock(number, level)
            return SQLITE_OK
        }
    }
    unsafe methods.xCheckReservedLock = { file, answer in
        var isMeant = false
        let done = unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
            isMeant = try contents.isMeant(number)
            return SQLITE_OK
        }
        unsafe answer?.pointee = isMeant ? 1 : 0
        return done
    }
    unsafe methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    unsafe methods.xSectorSize = { _ in Int32(TornFile.sector) }
    // Nothing is promised: not even that what lies beside a write stays as it is.
    unsafe methods.xDeviceCharacteristics = { _ in 0 }
    unsafe methods.xShmMap = { unsafe map($0, $1, $2, $3, $4) }
    unsafe methods.xShmLock = { file, first, count, flags in
        unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
            let locks = (UInt32(1) << UInt32(count) - 1) << UInt32(first)
            let (owns, takes) = (flags & SQLITE_SHM_EXCLUSIVE != 0, flags & SQLITE_SHM_LOCK != 0)
            try contents.lockIndex(number, locks, owns: owns, takes: takes)
            return SQLITE_OK
        }
    }
    unsafe methods.xShmBarrier = { _ in }
    unsafe methods.xShmUnmap = { file, _ in
        unsafe with(file) { (contents, number) throws(TornDisk.Fault) in
            contents.dropIndex(number)
            return SQLITE_OK
        }
    }
    let place = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    unsafe place.initialize(to: methods)
    return unsafe UnsafePointer(place)
}()

private func open(_ path: UnsafePointer<CChar>?, _ process: Place?, _ file: File, _ flags: Int32) -> Int32 {
    unsafe file.pointee.pMethods = nil
    // A file without a name is SQLite's own for a while, on no disk of ours.
    guard let place = process else { return SQLITE_CANTOPEN }
    do throws(TornDisk.Fault) {
        let number = try place.disk.withContents { (contents) throws(TornDisk.Fault) in
            try contents.open(place.name, process: place.process, creates: flags & SQLITE_OPEN_CREATE != 0)
        }
        let slot = unsafe UnsafeMutableRawPointer(file).assumingMemoryBound(to: Slot.self)
        unsafe slot.initialize(
            to: Slot(
                file: sqlite3_file(pMethods: methods), disk: Unmanaged.passRetained(place.disk), number: number))
        return SQLITE_OK
    } catch { return code(error) }
}

private func makeSystem() -> UnsafeMutablePointer<sqlite3_vfs> {
    var system = unsafe sqlite3_vfs()
    unsafe system.iVersion = 1
    unsafe system.szOsFile = Int32(MemoryLayout<Slot>.size)
    unsafe system.mxPathname = 512
    unsafe system.zName = UnsafePointer(strdup(systemName))
    unsafe system.xOpen = { _, path, file, flags, answer in
        guard let file = unsafe file else { return SQLITE_CANTOPEN }
        unsafe answer?.pointee = flags
        return unsafe open(path, Place(path), file, flags)
    }
    unsafe system.xDelete = { _, path, isFlushed in
        guard let place = unsafe Place(path) else { return SQLITE_IOERR }
        do throws(TornDisk.Fault) {
            try place.disk.withContents { (contents) throws(TornDisk.Fault) in
                try contents.remove(place.name, isFlushed: isFlushed != 0)
            }
            return SQLITE_OK
        } catch { return error == .missing ? SQLITE_IOERR | 23 << 8 : code(error) }
    }
    unsafe system.xAccess = { _, path, _, answer in
        let place = unsafe Place(path)
        unsafe answer?.pointee = place.map { $0.disk.holds($0.name) } == true ? 1 : 0
        return SQLITE_OK
    }
    unsafe system.xFullPathname = { _, path, count, answer in
        guard let path = unsafe path, let answer = unsafe answer, unsafe strlen(path) < Int(count) else {
            return SQLITE_CANTOPEN
        }
        unsafe strcpy(answer, path)
        return SQLITE_OK
    }
    unsafe system.xRandomness = { _, count, answer in
        if let answer = unsafe answer { unsafe memset(answer, 0, Int(count)) }
        return count
    }
    // Nobody ever waits here, and nothing of what is kept tells SQLite's time.
    unsafe system.xSleep = { _, microseconds in microseconds }
    unsafe system.xCurrentTime = { _, answer in
        unsafe answer?.pointee = 2_440_587.5
        return SQLITE_OK
    }
    unsafe system.xGetLastError = { _, _, _ in 0 }
    let place = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    unsafe place.initialize(to: system)
    return unsafe place
}
