/// A column in which only some rows have a value.
package struct SparseColumn<Value: Sendable>: Sendable {
    /// The rows that have one, ascending, and their values.
    package private(set) var places: [UInt32] = []
    package private(set) var values: [Value] = []

    init() {}

    /// Makes a column of what a file holds; nil where the places do not ascend, or are not as many as the values.
    init?(places: [UInt32], values: [Value]) {
        guard places.count == values.count, !zip(places, places.dropFirst()).contains(where: { $0 >= $1 }) else {
            return nil
        }
        self.places = places
        self.values = values
    }

    /// Gives a row behind all others a value.
    mutating func append(_ value: Value, at place: Int) {
        places.append(UInt32(place))
        values.append(value)
    }

    /// The value of a row.
    subscript(place: Int) -> Value? {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < UInt32(place) { low = middle + 1 } else { high = middle }
        }
        return low < places.count && places[low] == UInt32(place) ? values[low] : nil
    }
}

extension SparseColumn: Sequence {
    /// The rows that have a value, each with it.
    package func makeIterator() -> AnyIterator<(place: Int, value: Value)> {
        var next = 0
        return AnyIterator { [self] in
            guard next < places.count else { return nil }
            defer { next += 1 }
            return (Int(places[next]), values[next])
        }
    }
}
