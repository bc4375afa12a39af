/// Reads a file from its beginning to its end.
public protocol FileReader: AnyObject {
    /// Fills a buffer with the next bytes; answers how many, fewer than there is room for only at the end of the file.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int
}

extension FileReader {
    /// Puts at most so many bytes into a buffer, from a place on; answers how many.
    public func fill(_ buffer: inout [UInt8], from place: Int, count: Int) throws(FileFault) -> Int {
        try unsafe buffer.withUnsafeMutableBufferPointer { bytes throws(FileFault) in
            let room = unsafe UnsafeMutableRawBufferPointer(bytes)[place..<(place + count)]
            return try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: room))
        }
    }

    /// The next bytes, at most so many, and fewer only at the end.
    public func next(_ count: Int) throws(FileFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = try fill(&bytes, from: 0, count: count)
        bytes.removeLast(count - filled)
        return bytes
    }
}

/// Reads bytes that are there already.
public final class BytesReader: FileReader {
    private let bytes: [UInt8]
    private var place = 0

    /// Makes one.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next bytes.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let end = min(bytes.count, place + buffer.count)
        unsafe buffer.copyBytes(from: bytes[place..<end])
        defer { place = end }
        return end - place
    }
}
