private import CZlib

/// Compressed data that cannot be read.
package struct GzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    package var description: String
}

/// Reads gzip.
package enum Gzip {
    /// The data of a gzip file, of all its members, at most `limit` bytes of it: a small file may unpack to any size.
    package static func inflate(_ bytes: [UInt8], limit: Int = 256 << 20) throws(GzipError) -> [UInt8] {
        var stream = unsafe z_stream()
        guard unsafe mendflow_zlib_inflate_init(&stream) == Z_OK else {
            throw GzipError(description: "zlib has no memory")
        }
        defer { unsafe inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        let size = buffer.count
        var status = Z_OK
        var members = 1
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe stream.next_in = source.baseAddress
            unsafe stream.avail_in = UInt32(source.count)
            while status == Z_OK, output.count <= limit {
                unsafe buffer.withUnsafeMutableBufferPointer { target in
                    unsafe stream.next_out = target.baseAddress
                    unsafe stream.avail_out = UInt32(size)
                    status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
                    unsafe output.append(contentsOf: target[..<(size - Int(stream.avail_out))])
                }
                // Another member follows; anything else is told from it by zlib.
                if status == Z_STREAM_END, unsafe stream.avail_in > 0 {
                    members += 1
                    status = unsafe inflateReset(&stream)
                }
            }
        }
        guard output.count <= limit else { throw GzipError(description: "unpacks to more than \(limit) bytes") }
        guard status == Z_STREAM_END else {
            if members > 1, status == Z_DATA_ERROR || status == Z_BUF_ERROR {
                throw GzipError(description: "has something behind its gzip data that is no gzip data, or is damaged")
            }
            throw GzipError(description: "is cut off or damaged (zlib says \(status))")
        }
        return output
    }
}
