import MendflowText
import Testing

@Suite("A number of things in words")
struct CountedWordsTests {
    @Test("is one where it is one")
    func words() {
        #expect((0...2).map { $0.words("record", "records") } == ["0 records", "1 record", "2 records"])
    }
}
