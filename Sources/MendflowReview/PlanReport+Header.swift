public import MendflowCore

// What a plan was made of.
extension PlanReport {
    /// A kind of action that n8n refused this key.
    public struct Forbidden: Sendable, Hashable {
        /// The kind of action, and n8n's words.
        public var action: ActionKind, message: String
        /// Makes one.
        public init(_ action: ActionKind, message: String) {
            self.action = action
            self.message = message
        }
    }

    /// How much of what n8n shows, or hides, was read.
    public struct Coverage: Sendable, Hashable {
        /// From this execution on the list was read whole; nil where that holds for the whole look-back.
        public var listedFrom: ExecutionID?
        /// Executions below it may have retries that were not read; nil where all were.
        public var coveredFrom: ExecutionID?
        /// Parts of the list that later ticks read.
        public var unreadRanges: Int
        /// Ids between known ones that no list shows and that were not asked for yet.
        public var gapsLeft: Int

        /// Makes one; all was read unless told otherwise.
        public init(
            listedFrom: ExecutionID? = nil, coveredFrom: ExecutionID? = nil, unreadRanges: Int = 0, gapsLeft: Int = 0
        ) {
            self.listedFrom = listedFrom
            self.coveredFrom = coveredFrom
            self.unreadRanges = unreadRanges
            self.gapsLeft = gapsLeft
        }
    }

    /// What the plan was made of.
    public struct Header: Sendable, Hashable {
        /// The instance's name and its URL.
        public var instance: String, url: String
        /// The moment it judges.
        public var now: ServerTime
        /// How far the agent may go: the lower of its own mode and the instance's.
        public var mode: Mode
        /// Names of the policies that can act on this instance, and of those that are only evaluated, in order.
        public var acting: [String], dryRun: [String]
        /// The lowest and the highest execution seen; nil where there is none.
        public var lowest: ExecutionID?, highest: ExecutionID?
        /// Executions seen, how many of them are live, and chains and live executions judged.
        public var rows: Int, live: Int, judged: Int
        /// Whether the poll saw everything.
        public var completeness: Completeness
        /// How much was read.
        public var coverage: Coverage
        /// What was seen of the rows that only policies with `delete` look at; nil where there is no such policy.
        public var oldRows: String?
        /// What the server can do; nil where that is not known.
        public var capabilities: ServerCapabilities?
        /// Executions whose data cannot be read, in order.
        public var unreadable: [Unreadable]
        /// How far n8n's clock is ahead.
        public var clockOffset: ClockOffset
        /// Kinds of actions that n8n refused this key, with its words, in order.
        public var forbidden: [Forbidden]
        /// What could not be read because the key may not, in n8n's words.
        public var missingScopes: [String]
        /// The epoch of n8n's database.
        public var epoch: Int
        /// Number and hash of the ledger's last record; nil is `memory: none`.
        public var ledgerHead: String?
        /// The latest time of the ledger's last records, where that is still to come: a clock was wrong.
        public var recordedAhead: AgentTime?
        /// Why acting is paused.
        public var paused: String?
        /// Why n8n's database seems to be another one, so that nothing is done.
        public var alarm: String?
        /// Whether it was planned as if nothing were in dry-run.
        public var isAsIfEnforced: Bool
        /// Who holds the places in `max_in_flight`.
        public var placeHolders: [PlaceHolder]

        /// Makes a header.
        public init(
            instance: String, url: String, now: ServerTime, mode: Mode, acting: [String] = [], dryRun: [String] = [],
            lowest: ExecutionID? = nil, highest: ExecutionID? = nil, rows: Int = 0, live: Int = 0,
            judged: Int = 0,
            completeness: Completeness = .complete, coverage: Coverage = Coverage(),
            capabilities: ServerCapabilities? = nil, unreadable: [Unreadable] = [], clockOffset: ClockOffset = .zero,
            forbidden: [Forbidden] = [], missingScopes: [String] = [], epoch: Int = 1,
            ledgerHead: String? = nil, recordedAhead: AgentTime? = nil, paused: String? = nil, alarm: String? = nil,
            isAsIfEnforced: Bool = false, placeHolders: [PlaceHolder] = []
        ) {
            self.instance = instance
            self.url = url
            self.now = now
            self.mode = mode
            self.acting = acting
            self.dryRun = dryRun
            self.lowest = lowest
            self.highest = highest
            self.rows = rows
            self.live = live
            self.judged = judged
            self.completeness = completeness
            self.coverage = coverage
            self.capabilities = capabilities
            self.unreadable = unreadable
            self.clockOffset = clockOffset
            self.forbidden = forbidden
            self.missingScopes = missingScopes
            self.epoch = epoch
            self.ledgerHead = ledgerHead
            self.recordedAhead = recordedAhead
            self.paused = paused
            self.alarm = alarm
            self.isAsIfEnforced = isAsIfEnforced
            self.placeHolders = placeHolders
        }
    }
}
