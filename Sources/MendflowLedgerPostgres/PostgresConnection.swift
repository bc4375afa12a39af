private import CLibPQ
internal import Dispatch

/// One connection, used by one caller at a time. Whatever takes time is waited for without a thread, and until a deadline; a
/// connection that broke, or whose caller was cancelled, is of no use any more.
actor PostgresConnection {
    private let handle: PQHandle
    /// Whether something went wrong that nobody can mend.
    private var isBroken = false

    private init(_ handle: sending PQHandle) { self.handle = handle }

    /// libpq's connection, which ends with its last owner.
    @safe private final class PQHandle {
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }
        deinit { unsafe mendflow_pq_finish(pointer) }

        var message: String {
            let words = unsafe mendflow_pq_error_message(pointer).map { unsafe String(cString: $0) } ?? ""
            return PostgresConnection.oneLine(words)
        }
    }

    /// Whether it can be given to the next caller: nothing is under way, and no transaction is open.
    var isAtRest: Bool {
        unsafe !isBroken && mendflow_pq_status(handle.pointer) == CONNECTION_OK
            && mendflow_pq_transaction_status(handle.pointer) == PQTRANS_IDLE
    }

    /// What the server told of one of its settings when it was connected to; nil where it tells nothing of it.
    func told(_ name: String) -> String? {
        unsafe mendflow_pq_parameter_status(handle.pointer, name).map { unsafe String(cString: $0) }
    }

    fileprivate static func oneLine(_ words: String) -> String {
        words.split(whereSeparator: \.isNewline).map { $0.drop { $0 == "\t" || $0 == " " } }.joined(separator: "; ")
    }
}

// Connecting.
extension PostgresConnection {
    /// Connects with settings of libpq's names.
    static func open(
        _ settings: [(name: String, value: String)], by deadline: DispatchTime
    ) async throws(PostgresFailure) -> PostgresConnection {
        guard mendflow_pq_open() else {
            throw .unreachable("libpq is not installed, or older than version 14: apt-get install libpq5")
        }
        let connection = try await start(settings)
        try await connection.connect(by: deadline)
        return connection
    }

    /// Looking up a host's name blocks, so that happens on a thread that nobody needs.
    private static func start(
        _ settings: [(name: String, value: String)]
    ) async throws(PostgresFailure) -> PostgresConnection {
        let (names, values) = (settings.map(\.name), settings.map(\.value))
        let connection = await withCheckedContinuation {
            (continuation: CheckedContinuation<PostgresConnection?, Never>) in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: made(names, values)) }
        }
        guard let connection else { throw .unreachable("no memory to connect") }
        return connection
    }

    private static func made(_ names: [String], _ values: [String]) -> PostgresConnection? {
        let pointer = unsafe withCStrings(names) { names in
            unsafe withCStrings(values) { values in unsafe mendflow_pq_connect_start(names, values) }
        }
        guard let pointer = unsafe pointer else { return nil }
        return unsafe PostgresConnection(PQHandle(pointer))
    }

    private func connect(by deadline: DispatchTime) async throws(PostgresFailure) {
        guard unsafe mendflow_pq_status(handle.pointer) != CONNECTION_BAD else { throw .away(handle.message) }
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            guard next != PGRES_POLLING_FAILED else { throw .away(handle.message) }
            do throws(PostgresFailure) {
                try await wait(for: next == PGRES_POLLING_READING ? .reading : .writing, by: deadline)
            } catch .late {
                throw .away("no answer while connecting")
            }
            next = unsafe mendflow_pq_connect_poll(handle.pointer)
        }
        guard unsafe mendflow_pq_set_nonblocking(handle.pointer, 1) == 0 else { throw .lost(handle.message) }
    }

    private func wait(for interest: SocketWait.Interest, by deadline: DispatchTime) async throws(PostgresFailure) {
        let socket = unsafe mendflow_pq_socket(handle.pointer)
        guard socket >= 0 else {
            isBroken = true
            throw .lost(handle.message)
        }
        switch await SocketWait.until(deadline, for: interest, of: socket) {
        case .ready: return
        case .late:
            isBroken = true
            throw .late
        case .cancelled:
            isBroken = true
            throw .cancelled
        }
    }
}

// Asking.
extension PostgresConnection {
    /// Sends statements all at once, and answers what each answers. Where one fails, those behind it are not run.
    func run(
        _ statements: [PostgresStatement], by deadline: DispatchTime
    ) async throws(PostgresFailure) -> [PostgresRows] {
        try await submit(statements, isWhole: true, by: deadline)
        var (answers, failure): ([PostgresRows], PostgresFailure?) = ([], nil)
        while let result = unsafe try await nextOfPipeline(by: deadline) {
            let rows = unsafe PostgresRows(owning: result)
            if let found = unsafe PostgresConnection.failure(of: result) { failure = failure ?? found }
            answers.append(rows)
        }
        guard unsafe mendflow_pq_exit_pipeline_mode(handle.pointer) == 1 else { throw broken() }
        if let failure { throw failure }
        guard answers.count == statements.count else { throw .unexpected("an answer is missing") }
        return answers
    }

    /// Sends statements; without the mark of their end the server waits for more of them.
    func submit(
        _ statements: [PostgresStatement], isWhole: Bool, by deadline: DispatchTime
    ) async throws(PostgresFailure) {
        guard unsafe mendflow_pq_enter_pipeline_mode(handle.pointer) == 1 else { throw broken() }
        for statement in statements {
            guard send(statement) else { throw broken() }
        }
        if isWhole {
            guard unsafe mendflow_pq_pipeline_sync(handle.pointer) == 1 else { throw broken() }
        }
        try await flush(by: deadline)
    }

    /// Runs a script of several statements that take and answer nothing.
    func script(_ sql: String, by deadline: DispatchTime) async throws(PostgresFailure) {
        guard unsafe mendflow_pq_send_query(handle.pointer, sql) == 1 else { throw broken() }
        try await flush(by: deadline)
        var failure: PostgresFailure?
        while let result = unsafe try await next(by: deadline) {
            defer { unsafe mendflow_pq_clear(result) }
            if let found = unsafe PostgresConnection.failure(of: result) { failure = failure ?? found }
        }
        if let failure { throw failure }
    }

    /// Gives up a transaction that is open, if one is; false where the connection cannot be used again.
    func settle(by deadline: DispatchTime) async -> Bool {
        if isAtRest { return true }
        let status = unsafe mendflow_pq_transaction_status(handle.pointer)
        guard !isBroken, status == PQTRANS_INTRANS || status == PQTRANS_INERROR else { return false }
        return await (try? run([PostgresStatement("ROLLBACK")], by: deadline)) != nil && isAtRest
    }

    /// Waits until the server has something to say that nobody asked for.
    func notification(by deadline: DispatchTime) async throws(PostgresFailure) {
        while unsafe !mendflow_pq_next_notification(handle.pointer) {
            try await wait(for: .reading, by: deadline)
            guard unsafe mendflow_pq_consume_input(handle.pointer) == 1 else { throw broken() }
        }
        while unsafe mendflow_pq_next_notification(handle.pointer) {}
    }

    private func broken() -> PostgresFailure {
        isBroken = true
        return .lost(handle.message)
    }

    private func send(_ statement: PostgresStatement) -> Bool {
        let values = statement.values.map(\.encoded)
        let lengths = values.map { CInt($0.count) }
        let formats = [CInt](repeating: 1, count: values.count)
        // An empty value needs a place as well: none would be NULL.
        let all = Array(values.joined()) + [0]
        var place = 0
        return unsafe all.withUnsafeBytes { buffer in
            let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = unsafe values.map { value in
                defer { place += value.count }
                return unsafe base.map { unsafe $0 + place }
            }
            return unsafe mendflow_pq_send_query_params(
                handle.pointer, statement.sql, CInt(values.count), statement.values.map(\.type), pointers, lengths,
                formats, 1)
        } == 1
    }

    private func flush(by deadline: DispatchTime) async throws(PostgresFailure) {
        while true {
            let left = unsafe mendflow_pq_flush(handle.pointer)
            if left == 0 { return }
            guard left == 1 else { throw broken() }
            try await wait(for: .either, by: deadline)
            guard unsafe mendflow_pq_consume_input(handle.pointer) == 1 else { throw broken() }
        }
    }

    /// The next result; nil behind the last of a statement.
    private func next(by deadline: DispatchTime) async throws(PostgresFailure) -> OpaquePointer? {
        while unsafe mendflow_pq_is_busy(handle.pointer) == 1 {
            try await wait(for: .reading, by: deadline)
            guard unsafe mendflow_pq_consume_input(handle.pointer) == 1 else { throw broken() }
        }
        return unsafe mendflow_pq_get_result(handle.pointer)
    }

    /// The next statement's result; nil behind the last.
    private func nextOfPipeline(by deadline: DispatchTime) async throws(PostgresFailure) -> OpaquePointer? {
        // Behind each statement's only result comes an end, behind the last statement's the mark of the pipeline's.
        for _ in 0..<2 {
            guard let result = unsafe try await next(by: deadline) else { continue }
            guard unsafe mendflow_pq_result_status(result) == PGRES_PIPELINE_SYNC else { return unsafe result }
            unsafe mendflow_pq_clear(result)
            return nil
        }
        throw broken()
    }

    private static func failure(of result: OpaquePointer) -> PostgresFailure? {
        switch unsafe mendflow_pq_result_status(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return nil
        case PGRES_PIPELINE_ABORTED: return .unexpected("a statement was left out")
        default:
            // As libpq's header has them, where they are macros of characters.
            func field(_ letter: Unicode.Scalar) -> String? {
                unsafe mendflow_pq_result_error_field(result, CInt(letter.value)).map { unsafe String(cString: $0) }
            }
            let words = field("M") ?? "no message"
            guard let code = field("C") else { return .lost(oneLine(words)) }
            return .server(code: code, oneLine(words))
        }
    }
}

/// Hands out texts as C has them, with an end.
private func withCStrings<R>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
) -> R {
    var starts: [Int] = []
    var all: [CChar] = []
    for text in texts {
        starts.append(all.count)
        all += text.utf8.map { CChar(bitPattern: $0) } + [0]
    }
    all.append(0)
    return unsafe all.withUnsafeBufferPointer { buffer in
        let pointers = unsafe starts.map { start in unsafe buffer.baseAddress.map { unsafe $0 + start } } + [nil]
        return unsafe pointers.withUnsafeBufferPointer { list in
            guard let base = list.baseAddress else { preconditionFailure("an array with elements has a place") }
            return unsafe body(base)
        }
    }
}
