public import MendflowHTTP

extension Simulator {
    /// Who did something.
    public enum Actor: Sendable, Hashable {
        /// The holder of the API key of that name.
        case key(String)
        /// Somebody in n8n's editor.
        case person(String)
        /// The server itself.
        case server
    }

    /// Something that was done to the server or by it.
    public struct Deed: Sendable, Hashable {
        /// When, in milliseconds since 1970.
        public var at: Int64
        /// By whom.
        public var by: Actor
        /// What.
        public var what: What

        /// What was done.
        public enum What: Sendable, Hashable {
            /// A retry was started.
            case retried(Int, child: Int)
            /// An execution was stopped.
            case stopped(Int)
            /// Several were asked to be stopped at once; each stop is a deed of its own too.
            case stoppedMany(Int)
            /// An execution's tags were replaced by these.
            case tagged(Int, [String])
            /// An execution was deleted.
            case deleted(Int)
            /// A run was started from outside.
            case triggered(Int)
            /// A run ended.
            case ended(Int, Status)
            /// A run was not kept at its end.
            case notKept(Int)
            /// A run truly began: nodes may have done things from here on.
            case began(Int)
            /// An execution was annotated for the first time, which exempts it from pruning for ever.
            case annotated(Int)
            /// Rows grew old and vanished.
            case pruned([Int])
            /// A retry was refused with this status; nothing ran.
            case retryRefused(Int, status: Int)
            /// A workflow was saved anew.
            case edited(String, version: String, isPublished: Bool)
            /// The main process died.
            case died
            /// The main process came up again.
            case cameUp
            /// The server became another release.
            case upgraded(Release, to: Release)
            /// The database was replaced by another one.
            case restored
            /// A worker died.
            case workerDied(Int)
            /// A worker came up again.
            case workerCameUp(Int)
            /// Redis forgot so many jobs.
            case jobsLost(Int)
            /// A run whose worker had died was begun again under its id.
            case stalledRunAgain(Int)
        }
    }

    /// What a retry really did on the server, whatever its caller was told.
    public struct RetryRecord: Sendable, Hashable {
        /// The execution that was retried, and the one that was made.
        public var of: Int, child: Int
        /// By whom, and when, in milliseconds since 1970.
        public var by: Actor, at: Int64
        /// When the child truly began; nil where it never did.
        public var beganAt: Int64?
        /// What it came to last; nil where it goes on, sleeps, or is lost.
        public var end: Status?
        /// Whether its row vanished at its end.
        public var isKept = true
    }

    /// A request that arrived.
    public struct ReceivedRequest: Sendable, Hashable {
        /// When, in milliseconds since 1970.
        public var at: Int64
        /// The request.
        public var request: HTTPRequest
        /// The name of its API key; nil without a valid one.
        public var key: String?
        /// Where it went; nil for paths that are not there.
        public var endpoint: Endpoint?
        /// What became of it; nil while it is held.
        public var reply: Reply?

        init(at: Int64, request: HTTPRequest, key: String?) {
            self.at = at
            self.request = request
            self.key = key
        }
    }

    /// All retries in order: who did what, whether it truly ran, and what came of it.
    public var retries: [RetryRecord] {
        var records: [RetryRecord] = []
        var places: [Int: Int] = [:]
        for deed in deeds {
            switch deed.what {
            case .retried(let of, let child):
                places[child] = records.count
                records.append(RetryRecord(of: of, child: child, by: deed.by, at: deed.at))
            case .began(let id): if let place = places[id] { records[place].beganAt = deed.at }
            case .ended(let id, let status): if let place = places[id] { records[place].end = status }
            case .notKept(let id): if let place = places[id] { records[place].isKept = false }
            // Ids begin again with another database.
            case .restored: places = [:]
            default: break
            }
        }
        return records
    }

    /// The executions that one caller retried more than once, which must never happen. A retry counts as soon as its
    /// child was made, whether it ran or not.
    public func retriedTwice(by actor: Actor) -> [Int] {
        var counts: [Int: Int] = [:]
        for record in retries where record.by == actor { counts[record.of, default: 0] += 1 }
        return counts.filter { $0.value > 1 }.keys.sorted()
    }

    /// Changes what is remembered of a request, if it was not forgotten already.
    mutating func remember(_ place: Int, _ change: (inout ReceivedRequest) -> Void) {
        if place >= forgotten { change(&requests[place - forgotten]) }
    }

    mutating func forgetOldRequests() {
        guard let limit = configuration.recordLimit, requests.count >= 2 * limit else { return }
        forgotten += requests.count - limit
        requests.removeFirst(requests.count - limit)
    }

    mutating func note(_ what: Deed.What, by actor: Actor) {
        if let limit = configuration.recordLimit, deeds.count >= 2 * limit { deeds.removeFirst(deeds.count - limit) }
        deeds.append(Deed(at: now, by: actor, what: what))
    }

    /// The children of retries of an execution, in order; of one caller only where `by` is given.
    public func retries(of execution: Int, by actor: Actor? = nil) -> [Int] {
        deeds.compactMap { deed in
            guard case .retried(execution, let child) = deed.what, actor == nil || deed.by == actor else { return nil }
            return child
        }
    }
}
