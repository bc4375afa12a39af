private import Glibc
public import MendflowLedger

/// A ledger's file, measured, copied and made smaller with what SQLite has for it.
public struct SQLiteLedgerKeeper: LedgerKeeper {
    private let path: String

    /// Makes a keeper of the ledger at a path.
    public init(path: String) { self.path = path }

    /// Its size, of the file and of what is in it.
    public func measure() async throws(LedgerFailure) -> LedgerMeasure {
        let logBytes = SQLiteLedgerKeeper.size(FileIdentity.resolved(path) + "-wal")
        return try await open(.read).work { (file) throws(LedgerFailure) in try file.measure(logBytes: logBytes) }
    }

    /// Copies it by `VACUUM INTO`, which reads one moment's state, keeps nobody from writing, and leaves out what is free. The copy
    /// comes into its place whole or not at all.
    public func copy(to target: String) async throws(LedgerFailure) {
        guard FileIdentity.at(target) == nil else {
            throw .unusable("\(target) is there already; nothing is written over it")
        }
        let draft = "\(target).\(getpid()).new"
        let descriptor = unsafe Glibc.open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unusable("\(target): \(SQLiteLedgerKeeper.words(of: errno))") }
        defer {
            close(descriptor)
            _ = unsafe unlink(draft)
        }
        try await open(.read).work { (file) throws(LedgerFailure) in try file.copy(into: draft) }
        guard fsync(descriptor) == 0, unsafe link(draft, target) == 0 else {
            throw .unusable("\(target): \(SQLiteLedgerKeeper.words(of: errno))")
        }
        SQLiteLedgerKeeper.syncFolder(of: target)
    }

    /// Makes it beside its place, and copies it there once it is whole.
    public func fill(
        behind base: SealedBase?,
        from pages: @Sendable (_ after: Int64) async throws(LedgerFailure) -> [SealedRecord]
    ) async throws(LedgerFailure) -> AuditVerification {
        guard FileIdentity.at(path) == nil else {
            throw .unusable("\(path) is there already; a ledger is copied to where there is none")
        }
        let draft = "\(path).\(getpid()).draft"
        defer { for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(draft + suffix) } }
        var retelling = try LedgerRetelling(behind: base)
        let store = try SQLiteLedgerStore.open(path: draft, create: true)
        if let base {
            try await store.work { (file) throws(LedgerFailure) in try file.keep(base.cells, in: "base") }
        }
        while true {
            let records = try retelling.take(try await pages(retelling.head.sequence))
            if records.isEmpty { break }
            try await store.work { (file) throws(LedgerFailure) in try file.keep(records) }
        }
        let cells = retelling.cells
        try await store.work { (file) throws(LedgerFailure) in try file.keep(cells) }
        try await SQLiteLedgerKeeper(path: draft).copy(to: path)
        let found = try await open(.read).verify(expecting: retelling.head.chain)
        if !found.isIntact { _ = unsafe unlink(path) }
        return found
    }

    /// Gives back what is free.
    public func compact() async throws(LedgerFailure) {
        try await open(.append).work { (file) throws(LedgerFailure) in try file.compact() }
    }

    /// Copies the copy beside the ledger, and changes names then.
    public func replace(with copy: String, settingAside name: String) async throws(LedgerFailure) {
        let place = FileIdentity.resolved(path)
        let fresh = "\(place).\(getpid()).restored"
        guard FileIdentity.at(name) == nil else {
            throw .unusable("\(name) is there already; nothing is written over it")
        }
        defer { _ = unsafe unlink(fresh) }
        try await SQLiteLedgerKeeper(path: copy).copy(to: fresh)
        if FileIdentity.at(place) != nil {
            // What is written beside the file belongs to it; a ledger that cannot be opened is set aside as it is.
            try? await settle()
            try SQLiteLedgerKeeper.rename(place, name)
            for beside in ["-wal", "-shm"] where FileIdentity.at(place + beside) != nil {
                try SQLiteLedgerKeeper.rename(place + beside, name + beside)
            }
        }
        try SQLiteLedgerKeeper.rename(fresh, place)
        SQLiteLedgerKeeper.syncFolder(of: place)
    }

    private func settle() async throws(LedgerFailure) {
        try await open(.append).work { (file) throws(LedgerFailure) in try file.settle() }
    }

    private static func rename(_ path: String, _ name: String) throws(LedgerFailure) {
        guard unsafe Glibc.rename(path, name) == 0 else { throw .unusable("\(path): \(words(of: errno))") }
    }

    private enum Access { case read, append }

    private func open(_ access: Access) throws(LedgerFailure) -> SQLiteLedgerStore {
        switch access {
        case .read: try SQLiteLedgerStore.openReading(path: path)
        case .append: try SQLiteLedgerStore.open(path: path, create: false)
        }
    }

    private static func size(_ path: String) -> Int64 {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
    }

    /// So that the name outlives a power failure as well.
    private static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func words(of code: CInt) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}

extension SQLiteLedgerFile {
    fileprivate func measure(logBytes: Int64) throws(LedgerFailure) -> LedgerMeasure {
        func number(_ sql: String) throws(LedgerFailure) -> Int64 {
            try database.query(sql) { (row) throws(LedgerFailure) in row.integer() }.first ?? 0
        }
        return try database.snapshot { () throws(LedgerFailure) in
            let page = try number("PRAGMA page_size")
            let cells = try database.query("SELECT kind, count(*) FROM cell GROUP BY kind") {
                (row) throws(LedgerFailure) in (row.text(), Int(row.integer()))
            }
            return LedgerMeasure(
                bytes: try number("PRAGMA page_count") * page, freeBytes: try number("PRAGMA freelist_count") * page,
                logBytes: logBytes, records: try number("SELECT count(*) FROM entry"),
                recordBytes: try number("SELECT coalesce(sum(length(bytes)), 0) FROM entry"),
                cells: Dictionary(cells) { one, _ in one }, head: try head())
        }
    }

    fileprivate func copy(into path: String) throws(LedgerFailure) { try database.run("VACUUM INTO ?", .text(path)) }

    fileprivate func keep(_ records: [LedgerAppend.Record]) throws(LedgerFailure) {
        try database.transaction { () throws(LedgerFailure) in for record in records { try insert(record) } }
    }

    fileprivate func keep(_ cells: [LedgerCell], in table: String = "cell") throws(LedgerFailure) {
        try database.transaction { () throws(LedgerFailure) in for cell in cells { try apply(.set(cell), to: table) } }
    }

    fileprivate func compact() throws(LedgerFailure) {
        try database.execute("VACUUM")
        try settle()
    }

    fileprivate func settle() throws(LedgerFailure) {
        let busy = try database.query("PRAGMA wal_checkpoint(TRUNCATE)") { (row) throws(LedgerFailure) in row.integer()
        }
        guard busy == [0] else { throw .locked(path) }
    }
}
