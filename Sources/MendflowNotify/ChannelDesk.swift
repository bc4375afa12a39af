package import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowOperations
package import MendflowPolicy
import MendflowText
package import MendflowWorkspace

/// Tells one channel what the ledger says, beside the agents and never in their way: on a connection of its own, with
/// back-off, for as long as it takes or until a message is too old.
///
/// A message is sent at least once: whoever dies between sending and writing it down sends it again, under the same key.
package actor ChannelDesk {
    private let workspace: Workspace
    private let channel: Configuration.Channel
    private let log: any EventSink
    private let send: @Sendable (NoticeMessage) async throws(DeliveryFault) -> Void
    /// Opened once: what stands at its path later may be another one.
    private var store: (any LedgerStore)?
    private var open: (ledger: Ledger, reader: NoticeReader, queue: ChannelQueue)?
    /// Whether the ledger is not where it was, so that nothing more is written.
    private var isOver = false
    private var deliveries = Deliveries()
    private var hasToldFault = false

    private var clock: any AgentClock { workspace.clock }

    /// After how many records without a notice that is written down, so that nobody reads them again.
    private static let stride: Int64 = 5000

    /// Makes a desk for a channel of the configuration.
    package init(_ workspace: Workspace, _ channel: Configuration.Channel, log: any EventSink) {
        self.workspace = workspace
        self.channel = channel
        self.log = log
        let sender = NoticeSender(workspace)
        send = { (message) async throws(DeliveryFault) in try await sender.send(message) }
    }

    /// Begins the channel where it is new: what stands in the ledger before is not told. False where the ledger cannot be
    /// written now; it is tried again.
    @discardableResult
    package func begin() async -> Bool {
        if open != nil || isOver { return !isOver }
        do {
            let store = if let store { store } else { try await workspace.openLedger() }
            self.store = store
            let ledger = try await Ledger(store, LedgerScope(instances: []))
            let (name, now) = (channel.name, clock.now())
            try await ledger.append { state in
                guard state.channel(name) == nil else { return [] }
                return [LedgerEntry(.notified(ChannelEntry(name, .began, through: state.head.sequence)), at: now)]
            }
            guard let standing = await ledger.state.channel(name), let reader = try await NoticeReader(store) else {
                return false
            }
            let sent = try await reader.sent(by: channel.name, since: clock.now() - Deliveries.window)
            deliveries.begin(sent: sent)
            open = (ledger, reader, ChannelQueue(channel, standing))
            return true
        } catch {
            tellOnce(.error, "notify.failed", "\(error); it is tried again")
            return false
        }
    }

    /// Tells until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await turn()
            let pause = min(workspace.configuration.pollInterval, .seconds(5))
            do { try await clock.sleep(for: pause) } catch { return }
        }
    }

    /// Tells what is due now, each once; what fails is tried at a later turn.
    package func turn() async {
        guard await begin() else { return }
        do throws(LedgerFailure) {
            try await read()
            while !Task.isCancelled, try await step() {}
            hasToldFault = false
        } catch {
            // What it knows may not be what stands there.
            open = nil
            if case .displaced = error { isOver = true }
            tellOnce(.error, "notify.failed", "\(error); it is tried again")
        }
    }

    private func read() async throws(LedgerFailure) {
        while let (_, reader, queue) = open, queue.hasRoom {
            let found = try await reader.findings(after: queue.read)
            for (record, finding) in found { open?.queue.follow(finding, of: record) }
            if found.count < NoticeReader.page { break }
        }
        if let queue = open?.queue, queue.waiting.isEmpty, queue.read - queue.standing.through > ChannelDesk.stride {
            try await write(.passed, [])
        }
    }

    /// Does what is next; false where nothing is left to do now.
    private func step() async throws(LedgerFailure) -> Bool {
        guard let queue = open?.queue else { return false }
        // First of all, so that nothing is put together with what went out already.
        let gone = queue.waiting.filter { deliveries.unwritten.contains($0.record) }
        guard gone.isEmpty else {
            try await noteDelivered(gone)
            return true
        }
        let now = clock.now()
        switch queue.next(at: now, isCrowded: deliveries.isCrowded(at: now, pressing: false)) {
        case .rest: return false
        case .abandon(let notices):
            try await abandon(notices, "nobody took it within \(channel.giveUpAfter)")
            return true
        case .drop(let notices, let why):
            try await write(.dropped, notices, why: why)
            say(
                .info, "notify.dropped",
                "\(notices.count.words("ask is", "asks are")) not told any more (\(notices.map(\.key).joined(separator: ", "))), over before anybody could be told: \(why)"
            )
            return true
        case .compose(let notices):
            guard deliveries.mayTry(notices, at: now) else { return false }
            try await write(.composed, notices)
            return true
        case .send(let notices):
            guard deliveries.mayTry(notices, at: now) else { return false }
            guard try await !findsEnds(of: notices, queue) else { return true }
            return try await tell(notices)
        }
    }

    /// Whether asks of a message have ended in records that there is no room to read yet.
    private func findsEnds(of notices: [Notice], _ queue: ChannelQueue) async throws(LedgerFailure) -> Bool {
        let asks = notices.filter { $0.answerableUntil != nil }
        guard !asks.isEmpty, !queue.hasRoom, let reader = open?.reader else { return false }
        let open = try await reader.openAsks(of: Set(asks.compactMap(\.instance)))
        let dead = asks.filter { !open.contains($0.record) }
        for ask in dead { self.open?.queue.note(end: "it was over before it could be told", of: ask.record) }
        return !dead.isEmpty
    }

    /// Sends a message; false where it failed.
    private func tell(_ notices: [Notice]) async throws(LedgerFailure) -> Bool {
        do throws(DeliveryFault) { try await send(message(notices)) } catch {
            if Task.isCancelled { return false }
            return try await failed(notices, error)
        }
        deliveries.wentOut(notices, at: clock.now())
        try await noteDelivered(notices)
        return true
    }

    private func message(_ notices: [Notice]) -> NoticeMessage {
        NoticeMessage(notices, channel, links: workspace.links, console: workspace.configuration.service?.url)
    }

    private func noteDelivered(_ notices: [Notice]) async throws(LedgerFailure) {
        try await write(.delivered, notices)
        deliveries.wroteDown()
        say(.info, "notify.delivered", "\(message(notices).subject)")
    }

    private func failed(_ notices: [Notice], _ fault: DeliveryFault) async throws(LedgerFailure) -> Bool {
        guard let nextTry = deliveries.failed(fault, at: clock.now()) else {
            try await abandon(notices, fault.description)
            return true
        }
        // Said once for each time that it begins to fail: tries are no news. On record is each, so that whoever asks hears of the
        // last one, and when the next is made.
        if open?.queue.standing.failingSince == nil {
            say(.warning, "notify.failing", "\(fault); it is tried again")
        }
        try await write(.failing, notices, why: fault.description, nextTry: nextTry)
        return false
    }

    private func abandon(_ notices: [Notice], _ why: String) async throws(LedgerFailure) {
        deliveries.gaveUp()
        try await write(.abandoned, notices, why: why)
        say(
            .error, "notify.given_up",
            "\(notices.count) given up: \(why): \(notices.map(\.key).joined(separator: ", "))")
    }

    private func write(
        _ kind: ChannelEntry.Kind, _ notices: [Notice], why: String = "", nextTry: AgentTime? = nil
    ) async throws(LedgerFailure) {
        guard let queue = open?.queue, let ledger = open?.ledger else { return }
        let entry = queue.entry(kind, notices, why: why, nextTry: nextTry)
        try await ledger.append([LedgerEntry(.notified(entry), at: clock.now())])
        if let standing = await ledger.state.channel(channel.name) { open?.queue.follow(standing) }
    }

    private func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
        log.emit(
            AgentEvent(at: clock.now(), level, name, message, fields: [.init("channel", channel.name)]))
    }

    private func tellOnce(_ level: AgentEvent.Level, _ name: String, _ message: String) {
        guard !hasToldFault else { return }
        hasToldFault = true
        say(level, name, message)
    }
}
