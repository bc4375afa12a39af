import MendflowCore
import MendflowSimulator
import Synchronization

/// What a world's own hand noted, for its judges: the agent knows nothing of it. What is compared with a request's moment is
/// told by how long the world had lived, for a clock that is set back shows the same times twice.
final class SeedRecord: Sendable {
    /// How a workflow stood from a moment on.
    struct Standing: Sendable {
        var workflow: SeedCast
        var from: Period
        var change: SeedEvent.Change?
    }

    struct Contents: Sendable {
        var standings: [Standing] = []
        /// How the policies stood from a moment on.
        var edits: [(from: Period, edit: SeedEvent.Edit?)] = []
        /// When acting was paused, and resumed if it was, as the operator's commands were done.
        var pauses: [(from: Period, to: Period?)] = []
        /// What somebody let be run again.
        var replays: [SeedReplay] = []
        /// What people said to what they were asked.
        var answers: [SeedAnswer] = []
        /// What others' hands changed between a decision and its request.
        var meddled: [Meddled] = []
        /// When processes ended, or were told to, by their numbers.
        var ends: [Int: Period] = [:]
        /// Whether clocks jumped.
        var hasJumps = false
        /// What was sent to change something.
        var sends: [SeedSend] = []
        /// When the database was replaced for the first time, of when it was from there on, and what was in it before.
        var restoredAt: AgentTime?
        var restoredTo: AgentTime?
        var replaced: Simulator.Database?
        /// Requests that a server refused for a while, and until when.
        var refusals: [(action: ActionKind, execution: ExecutionID, at: AgentTime, until: AgentTime)] = []
        /// Executions of which an operator said that our retry did not run.
        var told: [ExecutionID] = []
        /// Executions of which an operator said that our retry ran, and when.
        var toldRan: [(execution: ExecutionID, at: AgentTime)] = []
        /// What agents kept in memory at their ticks.
        var holdings: [SeedHolding] = []
        /// What agents logged, where that is kept.
        var log: [(at: AgentTime, line: String)] = []
        /// What was seen to be wrong while it happened.
        var accusations: [BrokenPromise] = []
        /// How often which event befell the host while it did what.
        var counts: [SeedCount: Int] = [:]
    }
    private let state = Mutex(Contents())

    var contents: Contents { state.withLock { $0 } }

    func note(_ workflow: SeedCast, _ at: Period, _ change: SeedEvent.Change? = nil) {
        state.withLock { $0.standings.append(Standing(workflow: workflow, from: at, change: change)) }
    }
    func note(_ edit: SeedEvent.Edit?, _ at: Period) { state.withLock { $0.edits.append((at, edit)) } }
    func notePaused(_ at: Period) { state.withLock { $0.pauses.append((at, nil)) } }
    /// One command ends all pauses.
    func noteResumed(_ at: Period) {
        state.withLock { $0.pauses = $0.pauses.map { ($0.from, $0.to ?? at) } }
    }
    func note(_ replay: SeedReplay) { state.withLock { $0.replays.append(replay) } }
    func note(_ answer: SeedAnswer) { state.withLock { $0.answers.append(answer) } }
    func noteHalted(_ name: String, _ at: Period) {
        change(name) { $0.halts.append((at, nil)) }
    }
    func noteGoesOn(_ name: String, _ at: Period) {
        change(name) { $0.halts = $0.halts.map { ($0.from, $0.to ?? at) } }
    }
    private func change(_ name: String, _ change: (inout SeedReplay) -> Void) {
        state.withLock {
            // Of two that were begun at once under one name, one was refused.
            for index in $0.replays.indices where $0.replays[index].name == name { change(&$0.replays[index]) }
        }
    }
    func note(_ holding: SeedHolding) { state.withLock { $0.holdings.append(holding) } }
    func note(_ at: AgentTime, _ line: String) { state.withLock { $0.log.append((at, line)) } }
    func note(_ send: SeedSend) { state.withLock { $0.sends.append(send) } }
    func noteEnd(of process: Int, _ at: Period) {
        state.withLock { $0.ends[process] = $0.ends[process] ?? at }
    }
    func noteJump() { state.withLock { $0.hasJumps = true } }
    func noteRestored(_ at: AgentTime, to backup: AgentTime, _ before: Simulator.Database) {
        state.withLock {
            guard $0.restoredAt == nil else { return }
            ($0.restoredAt, $0.restoredTo, $0.replaced) = (at, backup, before)
        }
    }
    func forgetMeddling(with execution: ExecutionID) {
        state.withLock { $0.meddled.removeAll { $0.execution == execution } }
    }
    /// What a person's hand began, who came later than the hand was noted.
    func noteRun(_ run: Int, ofMeddlingWith execution: ExecutionID) {
        state.withLock { noted in
            guard let place = noted.meddled.lastIndex(where: { $0.execution == execution }) else { return }
            noted.meddled[place].run = run
        }
    }
    func noteMeddled(_ meddled: Meddled) { state.withLock { $0.meddled.append(meddled) } }
    func noteRefusal(_ action: ActionKind, _ execution: ExecutionID, _ at: AgentTime, until: AgentTime) {
        state.withLock { $0.refusals.append((action, execution, at, until)) }
    }
    func noteTold(_ execution: ExecutionID) { state.withLock { $0.told.append(execution) } }
    func noteToldRan(_ execution: ExecutionID, _ at: AgentTime) {
        state.withLock { $0.toldRan.append((execution, at)) }
    }
    func accuse(_ judge: String, _ what: String) {
        state.withLock { $0.accusations.append(BrokenPromise(judge: judge, what: what)) }
    }
    func count(_ event: String, at step: String) {
        state.withLock { $0.counts[SeedCount(event: event, step: step), default: 0] += 1 }
    }
}

/// A cell of the table of what befell whom.
public struct SeedCount: Sendable, Hashable {
    /// What happened.
    public var event: String
    /// What was being done.
    public var step: String
    /// Makes the name of a cell.
    public init(event: String, step: String) {
        self.event = event
        self.step = step
    }
}

/// A promise that did not hold.
public struct BrokenPromise: Sendable, Hashable, CustomStringConvertible {
    /// The judge that saw it.
    public var judge: String
    /// What was seen.
    public var what: String

    /// Both, for people.
    public var description: String { "\(judge): \(what)" }
}
