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
            /// The process died.
            case died
            /// The process came up again.
            case cameUp
        }
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

    mutating func note(_ what: Deed.What, by actor: Actor) {
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
