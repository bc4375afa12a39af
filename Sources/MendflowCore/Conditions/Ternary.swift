/// Kleene's three truth values, and a fourth state: a fact that has to be fetched before anything can be said.
public enum Ternary: String, Sendable, Hashable {
    /// Holds.
    case yes
    /// Does not hold.
    case no
    /// Cannot be told: unreadable, or unexpectedly absent.
    case unknown
    /// Cannot be told before a fact is fetched; never the same as unknown.
    case needs

    /// True as yes.
    public init(_ holds: Bool) { self = holds ? .yes : .no }

    /// NOT: swaps yes and no, keeps the rest.
    public var negated: Ternary {
        switch self {
        case .yes: .no
        case .no: .yes
        case .unknown, .needs: self
        }
    }

    /// AND: one no decides; else a missing fact must be fetched; else unknown.
    public func and(_ other: Ternary) -> Ternary {
        if self == .no || other == .no { return .no }
        if self == .needs || other == .needs { return .needs }
        return self == .unknown || other == .unknown ? .unknown : .yes
    }

    /// OR: one yes decides; else a missing fact must be fetched; else unknown.
    public func or(_ other: Ternary) -> Ternary {
        negated.and(other.negated).negated
    }
}

/// A value of one field of one execution, or why there is none (semantics 2).
public enum Fact<Value: Sendable & Hashable>: Sendable, Hashable {
    /// Known.
    case known(Value)
    /// Absent by nature, such as the error of a run that has not failed. A test of it is no, in a match and in a
    /// protection alike.
    case absent
    /// Unreadable or unexpectedly absent.
    case unknown
    /// Not fetched yet.
    case needs(Need)

    /// The fact of another value computed from this one.
    @inlinable
    public func map<Other>(_ transform: (Value) -> Other) -> Fact<Other> {
        switch self {
        case .known(let value): .known(transform(value))
        case .absent: .absent
        case .unknown: .unknown
        case .needs(let need): .needs(need)
        }
    }
}

/// A fact that the shell has to fetch before a decision can be made.
public enum Need: Sendable, Hashable, Comparable {
    /// An execution's data.
    case detail(ExecutionID)
    /// An execution's annotation tags.
    case tags(ExecutionID)

    /// The execution that the fact is about.
    public var execution: ExecutionID {
        switch self {
        case .detail(let id), .tags(let id): id
        }
    }
    /// Orders by execution, then details before tags, so that the order of fetching does not depend on the order of a
    /// set.
    public static func < (one: Need, other: Need) -> Bool {
        guard one.execution == other.execution else { return one.execution < other.execution }
        if case .detail = one, case .tags = other { return true }
        return false
    }
}
