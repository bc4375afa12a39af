import MendflowCore
import MendflowCycle

/// What a tick has cost the server so far, and what it may cost.
struct PollBudget: Sendable {
    private(set) var requests = 0
    private(set) var pages = 0
    private(set) var bytes = 0
    private(set) var probes = 0
    private let begun: Period
    private let configuration: AgentConfiguration

    /// `probesLeft` is for what shares its budget with something before it.
    init(_ configuration: AgentConfiguration, begun: Period, probesLeft: Int? = nil) {
        self.configuration = configuration
        self.begun = begun
        probes = configuration.gapBudget - (probesLeft ?? configuration.gapBudget)
    }

    /// Counts a page.
    mutating func read(_ page: ExecutionPage) {
        pages += 1
        bytes += page.bytes
    }
    /// Counts a request.
    mutating func ask() { requests += 1 }
    /// Counts a question for an id that no list shows.
    mutating func probe() {
        requests += 1
        probes += 1
    }

    /// Whether there is room for another page of what can wait.
    func hasRoom(at now: Period) -> Bool {
        pages < configuration.pagesPerTick && bytes < configuration.bytesPerTick
            && hasTime(at: now)
    }
    /// Whether there is time for another request.
    func hasTime(at now: Period) -> Bool { now - begun < configuration.readingTime }
    /// How many ids may still be asked for.
    var probesLeft: Int { max(0, configuration.gapBudget - probes) }
}
