import MendflowCore
import MendflowHTML
import MendflowService

/// A page of the console as an address. What is filtered by stands in it, so that it can be sent to a colleague.
struct Place: CustomStringConvertible, Sendable, Hashable {
    /// A name with its value behind the `?`.
    private struct Filter: Sendable, Hashable {
        var name: String, value: String
    }
    private let parts: [String]
    private var filters: [Filter]

    /// Makes one of its parts as they are, without what is nil or empty behind the `?`.
    init(_ parts: String..., query: KeyValuePairs<String, String?> = [:]) {
        self.parts = parts
        filters = query.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : Filter(name: name, value: $0) }
        }
    }

    /// The same with one more filter, or with another value of it; without it where it is nil.
    func with(_ name: String, _ value: String?) -> Place {
        var place = self
        place.filters.removeAll { $0.name == name }
        if let value { place.filters.append(Filter(name: name, value: value)) }
        return place
    }

    /// The address as links carry it.
    var description: String {
        let query = filters.map { "\($0.name)=\(PercentText.encoded($0.value))" }.joined(separator: "&")
        return "/" + parts.map(PercentText.encoded).joined(separator: "/") + (query.isEmpty ? "" : "?\(query)")
    }

    /// A link to it.
    func link(_ words: HTMLText) -> HTMLText { "<a href=\"\(self)\">\(words)</a>" }

    /// An execution's page.
    static func execution(_ id: ExecutionID, on instance: String) -> Place { Place("executions", instance, id.text) }
    /// A policy's page.
    static func policy(_ name: String) -> Place { Place("policies", name) }
    /// A replay's page.
    static func replay(_ name: String, on instance: String) -> Place { Place("replays", instance, name) }
    /// An incident's page.
    static func incident(_ key: String, on instance: String) -> Place { Place("incidents", instance, key) }
    /// A record's page.
    static func record(_ number: Int64) -> Place { Place("record", String(number)) }
    /// What is held for a reason.
    static func held(_ reason: Reason, on instance: String, policy: String? = nil) -> Place {
        Place("held", query: ["instance": instance, "reason": reason.rawValue, "policy": policy])
    }
}

extension HTMLText {
    /// A link to an execution.
    static func execution(_ id: ExecutionID, on instance: String) -> HTMLText {
        Place.execution(id, on: instance).link("\(id)")
    }
    /// A link to a policy; to a replay where it is one's.
    static func policy(_ name: String, on instance: String) -> HTMLText {
        let isReplay = Replay.number(in: name) != nil
        return (isReplay ? Place.replay(name, on: instance) : .policy(name)).link("\(name)")
    }
}
