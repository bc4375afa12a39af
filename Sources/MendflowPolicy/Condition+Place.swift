package import MendflowCore

extension Condition {
    /// The same wherever it stands in a file.
    package var placeless: Condition {
        switch self {
        case .all(let parts): return .all(parts.map(\.placeless))
        case .any(let parts): return .any(parts.map(\.placeless))
        case .not(let part): return .not(part.placeless)
        case .test(var test):
            test.place = nil
            return .test(test)
        }
    }
}
