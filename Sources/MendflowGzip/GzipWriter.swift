private import CZlib

/// Packs bytes piece by piece into one gzip file; the same bytes give the same file.
@safe package final class GzipWriter {
    // Allocated, because zlib keeps pointers into it.
    private let stream: UnsafeMutablePointer<z_stream>
    private static let roomAtOnce = 64 << 10

    /// Begins a file.
    package init() throws(GzipError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe mendflow_zlib_gzip_init(stream, Z_BEST_COMPRESSION) == Z_OK else {
            throw GzipError(description: "zlib has no memory")
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Packs some bytes, and answers what is ready to be written.
    package func pack(_ bytes: [UInt8]) -> [UInt8] { run(bytes, Z_NO_FLUSH) }

    /// The rest of the file; nothing may be packed behind it.
    package func finish() -> [UInt8] { run([], Z_FINISH) }

    private func run(_ bytes: [UInt8], _ flush: CInt) -> [UInt8] {
        var (bytes, packed): ([UInt8], [UInt8]) = (bytes, [])
        unsafe bytes.withUnsafeMutableBufferPointer { input in
            unsafe stream.pointee.next_in = input.baseAddress
            unsafe stream.pointee.avail_in = UInt32(input.count)
            var room = 0
            repeat {
                packed += unsafe [UInt8](unsafeUninitializedCapacity: GzipWriter.roomAtOnce) { output, count in
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(GzipWriter.roomAtOnce)
                    _ = unsafe deflate(stream, flush)
                    room = unsafe Int(stream.pointee.avail_out)
                    count = GzipWriter.roomAtOnce - room
                }
            } while room == 0
        }
        return packed
    }
}
