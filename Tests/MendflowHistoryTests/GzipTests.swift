import MendflowEnvironment
import MendflowGzip
import MendflowTestKit
import Testing

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

    @Test("whose data ends early gives what there is to whoever takes that, and tells of it")
    func early() throws {
        let text = (0..<500).map { "line \($0 * $0)\n" }.joined()
        let bytes = Array(zipped(text).dropLast(200))
        let reader = try GzipReader(BytesReader(bytes), name: nil, takesEarlyEnd: true)
        var found: [UInt8] = []
        while case let next = try reader.next(1000), !next.isEmpty { found += next }
        #expect(reader.endsEarly && !found.isEmpty && found.count < text.utf8.count && text.utf8.starts(with: found))
        let whole = try GzipReader(BytesReader(zipped("line\n")), name: nil, takesEarlyEnd: true)
        #expect(try whole.next(1000) == Array("line\n".utf8) && !whole.endsEarly)
    }

    @Test("that is cut off, or larger than the limit, is an error")
    func damaged() {
        #expect(throws: GzipError.self) { try Gzip.inflate(zipped("one").dropLast(1) + []) }
        #expect(throws: GzipError.self) { try Gzip.inflate(zipped("one") + zipped("two"), limit: 5) }
    }
}
