private import CZlib

/// One gzip member.
public func zipped(_ bytes: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe mendflow_zlib_gzip_init(&stream, 6) == Z_OK else { return [] }
    defer { unsafe deflateEnd(&stream) }
    var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 1_000))
    return unsafe input.withUnsafeMutableBufferPointer { source in
        unsafe output.withUnsafeMutableBufferPointer { target in
            unsafe stream.next_in = source.baseAddress
            unsafe stream.avail_in = UInt32(source.count)
            unsafe stream.next_out = target.baseAddress
            unsafe stream.avail_out = UInt32(target.count)
            guard unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END else { return [] }
            return unsafe Array(target[..<(target.count - Int(stream.avail_out))])
        }
    }
}

/// One gzip member of a text.
public func zipped(_ text: String) -> [UInt8] { zipped(Array(text.utf8)) }
