import MendflowFuzz
import Testing

@Suite("What is kept of fuzzing")
struct CorpusTests {
    @Test("breaks no promise, and there is something of every target", arguments: FuzzTarget.all)
    func replay(target: FuzzTarget) {
        let inputs = target.inputs()
        #expect(inputs.count >= 3)
        for (place, bytes) in inputs {
            do throws(BrokenPromise) { try target.check(bytes) } catch { Issue.record("\(place): \(error)") }
        }
    }
}
