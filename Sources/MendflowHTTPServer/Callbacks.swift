private import CMicroHTTPD
private import MendflowHTTP
private import Synchronization

/// Starts libmicrohttpd's daemon on top of `exchanges`, which must outlive it; nil where it cannot listen.
func listen(_ configuration: HTTPServerConfiguration, _ exchanges: OpenExchanges) -> OpaquePointer? {
    unsafe mendflow_mhd_start(
        configuration.address.number, configuration.port, UInt32(configuration.threads),
        UInt32(configuration.connections),
        UInt32(configuration.idleSeconds), handleRequest, requestEnded, requestBegins,
        Unmanaged.passUnretained(exchanges).toOpaque())
}

/// libmicrohttpd read the request line: the request's context is made of the target as it stands there.
private func requestBegins(
    context: UnsafeMutableRawPointer?, target: UnsafePointer<CChar>?, connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let target = unsafe target, let connection = unsafe connection else { return nil }
    let exchange = unsafe Exchange(target: String(cString: target), connection: connection)
    return unsafe Unmanaged.passRetained(exchange).toOpaque()
}

/// The request is over, answered or not.
private func requestEnded(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, reason: MHD_RequestTerminationCode
) {
    guard let context = unsafe context, let pointer = unsafe slot?.pointee else { return }
    unsafe slot?.pointee = nil
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
    unsafe Unmanaged<OpenExchanges>.fromOpaque(context).takeUnretainedValue().ended(exchange)
}

/// Called once for the headers, once per piece of body, once at its end, and once more when a reply is there.
private func handleRequest(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, upload: UnsafePointer<CChar>?,
    size: UnsafeMutablePointer<Int>?, slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context = unsafe context, let pointer = unsafe slot?.pointee, let size = unsafe size,
        let method = unsafe method
    else { return .NO }
    let exchanges = unsafe Unmanaged<OpenExchanges>.fromOpaque(context).takeUnretainedValue()
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    let begins = exchange.state.withLock { state in
        defer { state.hasBegun = true }
        return !state.hasBegun
    }
    if begins {
        let name = unsafe String(cString: method)
        exchange.state.withLock { $0.method = name }
        _ = unsafe mendflow_mhd_get_connection_values(connection, .HEADER_KIND, takeHeader, pointer)
        let announced = exchange.state.withLock { $0.headers["content-length"].flatMap { Int($0) } ?? 0 }
        return announced > exchanges.bodyBytes ? unsafe queue(tooLarge, on: connection) : .YES
    }
    if unsafe size.pointee > 0 {
        let piece = unsafe UnsafeRawBufferPointer(start: upload, count: size.pointee)
        let bytes = unsafe Array(piece)
        unsafe size.pointee = 0
        exchange.state.withLock { $0.append(bytes, limit: exchanges.bodyBytes) }
        return .YES
    }
    return unsafe proceed(exchange, exchanges, connection)
}

private func proceed(_ exchange: Exchange, _ exchanges: OpenExchanges, _ connection: OpaquePointer?) -> MHD_Result {
    let state = exchange.state.withLock { $0 }
    if state.isTooLarge { return unsafe queue(tooLarge, on: connection) }
    switch state.reply {
    case .respond(let response): return unsafe queue(response, on: connection)
    case .close: return .NO
    case nil:
        exchange.state.withLock { $0.isDispatched = true }
        unsafe mendflow_mhd_suspend_connection(connection)
        exchanges.dispatch(exchange)
        return .YES
    }
}

private let tooLarge = HTTPResponse(
    status: 413, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array("body too large\n".utf8))

private func takeHeader(
    context: UnsafeMutableRawPointer?, kind: MHD_ValueKind, key: UnsafePointer<CChar>?, value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let context = unsafe context, let key = unsafe key else { return .YES }
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    let name = unsafe String(cString: key)
    let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
    exchange.state.withLock { $0.headers.add(name, text) }
    return .YES
}

extension Exchange.State {
    /// What is beyond the limit is read and forgotten, so that the client gets its 413.
    fileprivate mutating func append(_ bytes: [UInt8], limit: Int) {
        guard !isTooLarge, body.count + bytes.count <= limit else {
            isTooLarge = true
            body = []
            return
        }
        body += bytes
    }
}

/// Hands a response to libmicrohttpd.
private func queue(_ response: HTTPResponse, on connection: OpaquePointer?) -> MHD_Result {
    // The library copies the bytes before it returns, so the pointer need not outlive the call.
    let made = unsafe response.body.withUnsafeBufferPointer { bytes in
        unsafe mendflow_mhd_create_response_from_buffer(
            bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
    guard let made = unsafe made else { return .NO }
    defer { unsafe mendflow_mhd_destroy_response(made) }
    let framing: Set = ["content-length", "transfer-encoding", "connection"]
    for field in response.head.headers.fields where !framing.contains(field.name.lowercased()) {
        _ = unsafe mendflow_mhd_add_response_header(made, field.name, field.value)
    }
    return unsafe mendflow_mhd_queue_response(connection, UInt32(response.status), made)
}
