extension Simulator {
    /// How the Public API behaves, in steps of n8n's history.
    public enum Era: String, Sendable, Hashable, CaseIterable {
        /// Before 2.30: waiting runs are hidden, some status filters ignored or refused.
        case a = "A"
        /// 2.30 to 2.38: exact filters, the old validator.
        case b = "B"
        /// From 2.39: unknown query keys are ignored, conflicts answer 409.
        case c = "C"
        /// From 2.45: like C, and keys of requests are honoured. Documented, not recorded.
        case d = "D"

        /// Those of which a server was recorded.
        public static let recorded: [Era] = [.a, .b, .c]

        /// The release that was recorded for this era, or the first of it.
        public var release: Release {
            switch self {
            case .a: Release(2, 27, 5)
            case .b: Release(2, 35, 7)
            case .c: Release(2, 41, 1)
            case .d: Release(2, 45)
            }
        }
    }

    /// A release of n8n. What it can do follows from its number.
    public struct Release: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// The three parts of the number.
        public var major: Int, minor: Int, patch: Int

        /// Makes a release of its three numbers.
        public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
            self.major = major
            self.minor = minor
            self.patch = patch
        }

        /// Reads `2.41.1`, `2.41`, or an era's letter; nil for anything else.
        public init?(_ text: String) {
            if let era = Era(rawValue: text.uppercased()) {
                self = era.release
                return
            }
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
            guard (2...3).contains(parts.count), let major = parts[0], let minor = parts[1], major >= 1, minor >= 0,
                let patch = parts.count == 3 ? parts[2] : 0, patch >= 0
            else { return nil }
            self.init(major, minor, patch)
        }

        /// The number as n8n writes it.
        public var description: String { "\(major).\(minor).\(patch)" }

        /// Older ones come first.
        public static func < (one: Release, other: Release) -> Bool {
            (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
        }

        /// The era it belongs to.
        public var era: Era {
            self < Release(2, 30) ? .a : self < Release(2, 39) ? .b : self < Release(2, 45) ? .c : .d
        }
    }
}

extension Simulator.Release {
    /// The oldest release whose Public API the model knows whole.
    public static let oldestSimulated = Self(1, 123)
    /// The first of 2.x: keys have scopes, rows tell where they are stored, a success is refused with 409 instead of 400,
    /// and what the database says is kept to itself.
    var isSecond: Bool { self >= Self(2, 0) }
    /// `GET` and `PUT /executions/{id}/tags`.
    var hasTags: Bool { self >= Self(2, 9) }
    /// The two stops.
    var hasStop: Bool { self >= Self(2, 10) }
    /// `status=crashed`, `new` and `unknown` are accepted.
    var knowsAllStatuses: Bool { self >= Self(2, 13) }
    /// `GET /discover`.
    var hasDiscover: Bool { self >= Self(2, 14) }
    /// `redactExecutionData`.
    var redacts: Bool { self >= Self(2, 16) }
    /// Data above a size is withheld, and `ignoreDataSizeLimit` lifts that.
    var limitsDataSize: Bool { self >= Self(2, 28) }
    /// The status filter is exact; before, `error` included crashed ones and some values were ignored. Only what truly
    /// runs is hidden; before, everything in the process's memory was.
    var isExact: Bool { era != .a }
    /// `startedAfter` and `startedBefore` on the list.
    var filtersStart: Bool { self >= Self(2, 37) }
    /// The controllers that came with era C: other texts, lenient queries, conflicts as 409.
    var isLenient: Bool { self >= Self(2, 39) }
    /// `Idempotency-Key` on requests that change something.
    var knowsKeys: Bool { self >= Self(2, 45) }
    /// Limits of requests by API key.
    var limitsRates: Bool { self >= Self(2, 47) }
}
