import MendflowCore
import MendflowTestKit
import Testing

@Suite("Ranges of execution ids")
struct IDRangesTests {
    @Test("joins what touches, and says what is missing, newest first")
    func joins() {
        var ranges = IDRanges()
        for number: UInt64 in [5, 7, 1, 6, 2, 10] { ranges.insert(number...number) }
        #expect(ranges.description == "1-2,5-7,10")
        #expect(ranges.gaps(in: 1...12) == [11...12, 8...9, 3...4])
        #expect(ranges.gaps(in: 5...7) == [])
        #expect(ranges.gaps(in: 3...6) == [3...4])
        #expect(ranges.count == 6)
        ranges.drop(below: 6)
        #expect(ranges.description == "6-7,10")
        ranges.insert(ExecutionID("not-a-number"))
        #expect(ranges.count == 3)
        #expect(IDRanges(text: ranges.description) == ranges)
        #expect(IDRanges(text: "7-3") == nil)
    }

    @Test("agrees with a plain set, whatever is inserted", arguments: UInt64(1)...20)
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var ranges = IDRanges()
        var model: Set<UInt64> = []
        for _ in 0..<60 {
            let low = random.next() % 50
            let high = low + random.next() % 6
            ranges.insert(low...high)
            model.formUnion(low...high)
            #expect((0...60).allSatisfy { ranges.contains($0) == model.contains($0) })
            #expect(ranges.count == model.count)
            let missing = Set(ranges.gaps(in: 3...58).flatMap { Array($0) })
            #expect(missing == Set(3...58).subtracting(model))
            for (one, next) in zip(ranges.ranges, ranges.ranges.dropFirst()) {
                #expect(one.upperBound + 1 < next.lowerBound)
            }
        }
    }
}
