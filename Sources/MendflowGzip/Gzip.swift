private import CZlib
package import MendflowEnvironment

/// Compressed data that cannot be read.
package struct GzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    package var description: String
}

/// Reads gzip.
package enum Gzip {
    /// The first bytes of all gzip data.
    package static let mark: [UInt8] = [0x1f, 0x8b]

    /// The data of a gzip file, of all its members, at most `limit` bytes of it: a small file may unpack to any size.
    package static func inflate(_ bytes: [UInt8], limit: Int = 256 << 20) throws(GzipError) -> [UInt8] {
        let reader = try GzipReader(BytesReader(bytes), name: nil)
        var output: [UInt8] = []
        while true {
            let piece: [UInt8]
            do throws(FileFault) { piece = try reader.next(256 << 10) } catch {
                throw GzipError(description: error.description)
            }
            guard !piece.isEmpty else { return output }
            output += piece
            guard output.count <= limit else { throw GzipError(description: "unpacks to more than \(limit) bytes") }
        }
    }
}

/// Unpacks gzip while it is read.
@safe package final class GzipReader: FileReader {
    private let source: any FileReader
    /// What stands before a fault: the file's name.
    private let name: String
    // Allocated, because zlib keeps pointers into both.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var members = 1
    /// Whether all of the last member was unpacked.
    private var isWhole = false
    /// Whether data that ends early is given as far as it goes, instead of a fault.
    private let takesEarlyEnd: Bool
    /// Whether the data ended early.
    package private(set) var endsEarly = false

    private static let inputSize = 256 << 10
    private static let mostAtOnce = 1 << 30

    /// Makes a reader of a file; `name` is how its faults call it. Where an early end is taken, what was unpacked before it is
    /// given, and `endsEarly` tells of it.
    package init(
        _ source: any FileReader, name: String?, takesEarlyEnd: Bool = false
    ) throws(GzipError) {
        self.source = source
        self.takesEarlyEnd = takesEarlyEnd
        self.name = name.map { $0 + " " } ?? ""
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        unsafe input = .allocate(capacity: GzipReader.inputSize)
        unsafe input.initialize(repeating: 0)
        guard unsafe mendflow_zlib_inflate_init(stream) == Z_OK else {
            throw GzipError(description: "zlib has no memory")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
        unsafe input.deallocate()
    }

    /// The next unpacked bytes.
    package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        var filled = 0
        while filled < buffer.count, try refill() {
            let (status, made) = unsafe unpack(into: buffer, from: filled)
            filled += made
            try goOn(after: status)
        }
        return filled
    }

    /// Whether there is packed data to go on with.
    private func refill() throws(FileFault) -> Bool {
        guard unsafe stream.pointee.avail_in == 0 else { return true }
        let count = try unsafe source.fill(UnsafeMutableRawBufferPointer(input))
        guard count > 0 else {
            if !isWhole, !takesEarlyEnd { throw fault(Z_BUF_ERROR) }
            endsEarly = !isWhole
            return false
        }
        unsafe stream.pointee.next_in = input.baseAddress
        unsafe stream.pointee.avail_in = UInt32(count)
        return true
    }

    private func unpack(
        into buffer: UnsafeMutableRawBufferPointer, from filled: Int
    ) -> (status: CInt, made: Int) {
        let room = min(buffer.count - filled, GzipReader.mostAtOnce)
        unsafe stream.pointee.next_out = buffer.baseAddress.map {
            unsafe ($0 + filled).assumingMemoryBound(to: UInt8.self)
        }
        unsafe stream.pointee.avail_out = UInt32(room)
        let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        return (status, unsafe room - Int(stream.pointee.avail_out))
    }

    private func goOn(after status: CInt) throws(FileFault) {
        switch status {
        // Another member may follow; anything else is told from it by zlib.
        case Z_STREAM_END:
            isWhole = true
            members += 1
            unsafe inflateReset(stream)
        case Z_OK: isWhole = false
        default: throw fault(status)
        }
    }

    private func fault(_ status: CInt) -> FileFault {
        guard members > 1, status == Z_DATA_ERROR || status == Z_BUF_ERROR else {
            return FileFault("\(name)is cut off or damaged (zlib says \(status))")
        }
        return FileFault("\(name)has something behind its gzip data that is no gzip data, or is damaged")
    }
}
