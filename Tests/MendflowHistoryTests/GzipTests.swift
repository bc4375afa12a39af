import CZlib
import MendflowGzip
import Testing

/// One gzip member.
private func zipped(_ text: String) -> [UInt8] {
    var stream = z_stream()
    guard mendflow_zlib_gzip_init(&stream, 6) == Z_OK else { return [] }
    defer { deflateEnd(&stream) }
    var input = Array(text.utf8)
    var output = [UInt8](repeating: 0, count: 1_000)
    return input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { return [] }
            return Array(target[..<(target.count - Int(stream.avail_out))])
        }
    }
}

@Suite("A gzip file")
struct GzipTests {
    @Test("is read whole, all its members")
    func members() throws {
        let bytes = zipped("one\n") + zipped("") + zipped("two\n")
        #expect(try Gzip.inflate(bytes) == Array("one\ntwo\n".utf8))
    }

    @Test(
        "with something behind its data is an error",
        arguments: [Array("garbage".utf8), [0], [0x1f], Array(zipped("three").dropLast(5))])
    func trailing(behind: [UInt8]) {
        let error = #expect(throws: GzipError.self) { try Gzip.inflate(zipped("one") + behind) }
        #expect(error?.description.contains("behind its gzip data") == true)
    }

    @Test("that is cut off, or larger than the limit, is an error")
    func damaged() {
        #expect(throws: GzipError.self) { try Gzip.inflate(zipped("one").dropLast(1) + []) }
        #expect(throws: GzipError.self) { try Gzip.inflate(zipped("one") + zipped("two"), limit: 5) }
    }
}
