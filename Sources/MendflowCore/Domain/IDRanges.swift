/// A set of execution ids as ranges of n8n's dense sequence: fifty thousand ids without gaps are two numbers.
public struct IDRanges: Sendable, Hashable, CustomStringConvertible {
    /// The ranges, ascending, neither overlapping nor touching.
    public private(set) var ranges: [ClosedRange<UInt64>] = []

    /// Makes an empty set.
    public init() {}

    /// Makes a set of ranges in any order.
    public init(_ ranges: some Sequence<ClosedRange<UInt64>>) {
        for range in ranges { insert(range) }
    }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { ranges.isEmpty }
    /// How many ids there are.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }
    /// `3-5,9`.
    public var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }

    /// Whether an id is in it; one that is no number never is.
    public func contains(_ id: ExecutionID) -> Bool { id.number.map(contains) ?? false }

    /// Whether a number is in it.
    public func contains(_ number: UInt64) -> Bool {
        let index = position(of: number)
        return index < ranges.count && ranges[index].contains(number)
    }

    /// Adds an id; one that is no number has no place in the sequence.
    public mutating func insert(_ id: ExecutionID) {
        if let number = id.number { insert(number...number) }
    }

    /// Adds a range.
    public mutating func insert(_ range: ClosedRange<UInt64>) {
        var joined = range
        let first = position(of: range.lowerBound == 0 ? 0 : range.lowerBound - 1)
        var end = first
        while end < ranges.count, ranges[end].lowerBound <= (joined.upperBound == .max ? .max : joined.upperBound + 1) {
            joined = min(joined.lowerBound, ranges[end].lowerBound)...max(joined.upperBound, ranges[end].upperBound)
            end += 1
        }
        if end == first + 1, ranges[first] == joined { return }
        ranges.replaceSubrange(first..<end, with: CollectionOfOne(joined))
    }

    /// Adds all of another set.
    public mutating func formUnion(_ other: IDRanges) {
        for range in other.ranges { insert(range) }
    }

    /// What is in it and not in another set.
    public func subtracting(_ other: IDRanges) -> IDRanges {
        guard !other.isEmpty else { return self }
        var rest = IDRanges()
        // Gaps come newest first; each is put in front of those before it.
        rest.ranges = ranges.flatMap { other.gaps(in: $0).reversed() }
        return rest
    }

    /// Drops everything below a number.
    public mutating func drop(below number: UInt64) {
        let index = position(of: number)
        ranges.removeFirst(index)
        guard let first = ranges.first, first.lowerBound < number else { return }
        ranges[0] = number...first.upperBound
    }

    /// What is missing between two numbers, the newest gap first.
    public func gaps(in range: ClosedRange<UInt64>) -> [ClosedRange<UInt64>] {
        var gaps: [ClosedRange<UInt64>] = []
        var next = range.lowerBound
        for known in ranges[position(of: range.lowerBound)...] {
            guard known.lowerBound <= range.upperBound else { break }
            if known.lowerBound > next { gaps.append(next...known.lowerBound - 1) }
            guard known.upperBound < range.upperBound else { return gaps.reversed() }
            next = max(next, known.upperBound + 1)
        }
        gaps.append(next...range.upperBound)
        return gaps.reversed()
    }

    /// The first range that ends at or above a number.
    private func position(of number: UInt64) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension IDRanges {
    /// Reads what `description` writes; nil for anything else.
    public init?(text: String) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
            guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high else {
                return nil
            }
            insert(low...high)
        }
    }
}
