import Glibc
import MendflowHost
import Testing

@Suite("What a process gives back at rest")
struct ProcessMemoryTests {
    /// Pages of files, code above all, that the kernel counts for this process.
    private static func pagesOfFiles() throws -> Int {
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(file, &text, text.count)
        let words = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return try #require(Int(words[2]))
    }

    @Test("is code that was needed once, and it is there again when it is called")
    func code() throws {
        let before = try Self.pagesOfFiles()
        ProcessMemory.tidy()
        let after = try Self.pagesOfFiles()
        // Tests that run beside this one call back what they need; the code of all of them is far more.
        #expect(after < before)
        #expect((1...1000).map { "\($0)" }.joined().utf8.count == 2893)
    }
}
