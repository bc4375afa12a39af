import MendflowTestKit
import Testing

@testable import MendflowGzip

@Suite("Packing")
struct GzipWriterTests {
    @Test("what was packed in pieces of any size unpacks to what it was, and is the same file each time")
    func pieces() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<40 {
            let pieces = (0..<Int(random.next() % 30)).map { _ in
                (0..<Int(random.next() % 9000)).map { _ in UInt8(truncatingIfNeeded: random.next() % 7) }
            }
            func packed() throws -> [UInt8] {
                let writer = try GzipWriter()
                return pieces.flatMap { writer.pack($0) } + writer.finish()
            }
            let file = try packed()
            #expect(try Gzip.inflate(file) == pieces.flatMap { $0 })
            #expect(try packed() == file)
        }
    }

    @Test("what cannot be made smaller is whole as well")
    func noise() throws {
        var random = SplitMix64(seed: 6)
        let bytes = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let writer = try GzipWriter()
        #expect(try Gzip.inflate(writer.pack(bytes) + writer.finish()) == bytes)
    }
}
