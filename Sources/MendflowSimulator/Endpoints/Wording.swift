/// A refusal of what a query or body says.
struct Refusal: Error {
    var status = 400
    var body: Simulator.JSON

    init(_ message: String) { body = ["message": .string(message)] }

    init(status: Int, _ message: String) {
        self.init(message)
        self.status = status
    }
}

/// How a release's validator words its refusals.
struct Wording {
    private let release: Simulator.Release

    init(_ release: Simulator.Release) { self.release = release }

    /// A value of the wrong type.
    func expected(_ type: String, _ value: Simulator.JSON) -> String {
        release.isLenient ? "Expected \(type), received \(value.typeName)" : "must be \(type)"
    }

    /// A value that is none of those allowed.
    func choice(_ allowed: [String], _ text: String) -> String {
        release.isLenient
            ? "Invalid enum value. Expected \(Self.union(allowed)), received '\(text)'"
            : "must be equal to one of the allowed values: \(allowed.joined(separator: ", "))"
    }

    static func union(_ allowed: [String]) -> String { allowed.map { "'\($0)'" }.joined(separator: " | ") }

    /// A query field that is no boolean.
    func boolean(_ text: String) -> String {
        release.isLenient ? choice(["true", "false"], text) : "must be boolean"
    }

    /// A date that is none.
    var date: String { release.isLenient ? "Invalid datetime" : #"must match format "date-time""# }

    /// `POST /executions/stop` with an empty list.
    var noStatus: Refusal {
        guard !release.isLenient else { return Refusal("request/body/status must include at least one status") }
        var refusal = Refusal(
            "Status filter is required. Please provide at least one status to stop executions.")
        refusal.body["example"] = ["status": ["running", "waiting", "queued"]]
        return refusal
    }
}
