public import MendflowCore
public import MendflowHostKit
public import MendflowSimulator
import MendflowTestKit

/// What may happen in a simulated world, beside what goes wrong with requests.
public enum SeedEvent: Sendable, Equatable {
    /// The host is killed and started again after a while.
    case kill(back: Period)
    /// The host dies by itself after so many effects, and is started again after a while.
    case dieAfter(effects: Int, back: Period)
    /// The host is stopped in good order and started again.
    case stop(back: Period)
    /// The host is frozen for a while, and goes on as if nothing had been.
    case freeze(Period)
    /// A second host is started on the same ledger: it must be refused.
    case second
    /// An operator pauses everything, and resumes after a while.
    case pause(Period)
    /// An operator settles the oldest unanswered request, now or as soon as there is one.
    case resolve(ran: Bool)
    /// The policies are edited, broken, or removed.
    case policies(Edit)
    /// Configuration and policies are read anew.
    case reload
    /// Something is wrong with the disk for a while.
    case disk(MemoryDisk.Trouble, Period)
    /// The power goes in the middle of the so-many-th write from now, or of one of the database itself, and comes back.
    case powerCut(writes: Int, ofDatabase: Bool)
    /// Somebody lets the failed runs of the workflow that is retried be run again, so many first and so many at once.
    case replay(canary: Int, inFlight: Int)
    /// Somebody pauses the newest replay and lets it go on after a while; nil ends it.
    case haltReplay(back: Period?)
    /// Somebody says yes or no to the oldest ask that is open, or to the next one, so long after they have seen it.
    case answer(isYes: Bool, late: Period)
    /// n8n's process dies and comes back.
    case killServer(back: Period)
    /// A worker dies and comes back.
    case killWorker(back: Period)
    /// n8n is stopped and comes up as another release.
    case upgrade(Simulator.Release, taking: Period)
    /// n8n's database is put back to what it was so long before.
    case restore(backup: Period)
    /// A person retries, stops, tags or deletes a run.
    case person(Deed)
    /// A workflow is changed, and changed back after a while.
    case workflow(Change, Period)
    /// As soon as the agent decides to act, somebody changes what it went by.
    case meddle(Hand)
    /// So many runs of the workflow that is retried are started at once.
    case burst(Int)
    /// So many runs that no policy is for are started at once.
    case flood(Int)
    /// What the workflow that is retried calls is down for a while, in which it is started again and again.
    case outage(Outage, Period, every: Period)
    /// The data of runs cannot be read for a while.
    case dataUnreadable(Period)
    /// The agent's wall clock jumps.
    case jump(Period)
    /// n8n's clock jumps.
    case serverJump(Period)
    /// Answers are dated by another clock than n8n's from now on.
    case dates(ahead: Period)
    /// Something happens to several hosts or to the database that they share.
    case shared(SharedEvent)
    /// n8n prunes what ended more than so long ago.
    case prune(Period)

    /// How policies are edited.
    public enum Edit: String, Sendable {
        /// The file is gone.
        case removed
        /// It cannot be read.
        case broken
        /// More retries are allowed.
        case moreRetries
        /// Everything is in dry-run.
        case dryRun
    }

    /// What a person does.
    public enum Deed: String, Sendable {
        /// To the newest failed run.
        case retries, deletes, tags
        /// To the newest live run.
        case stops
    }

    /// What is done in the moment between a decision and its request.
    public enum Hand: String, Sendable, CaseIterable {
        /// A person does it to the run, or to its workflow.
        case retries, deletes, tags, switchesOff, renames
        /// An operator pauses everything.
        case pauses
        /// The agent's machine sleeps, and a person retries the run meanwhile.
        case sleeps
        /// The agent dies: before the request leaves, before its answer comes, or before that is written down.
        case dies
        /// The disk is full as soon as a tag's request leaves, and for a while.
        case fillsDisk
        /// The agent's machine sleeps with a request on record that has not left, and another may take over meanwhile.
        case naps

        /// Those that worlds of the first kind know.
        static let first = allCases.filter { $0 != .fillsDisk && $0 != .naps }
    }

    /// What becomes of a workflow.
    public enum Change: String, Sendable {
        /// Its name, its being in use, its being there.
        case renamed, switchedOff, archived
        /// Its nodes, published or as a draft.
        case published, drafted
    }

    /// What happens often.
    static func common(_ random: inout SplitMix64) -> SeedEvent {
        let back = Period.seconds(Int64(1 + random.below(900)))
        return switch random.below(16) {
        case 0, 1: .kill(back: back)
        case 2, 3, 4: .dieAfter(effects: 1 + random.below(40), back: back)
        case 5: .stop(back: back)
        case 6: .second
        case 7: .pause(back)
        case 8: .resolve(ran: random.below(2) == 0)
        case 9: .policies([.removed, .broken, .moreRetries, .dryRun][random.below(4)])
        case 10: .reload
        case 11: .killServer(back: back)
        case 12: .person(.retries)
        case 13: .person(.deletes)
        case 14: .jump(.seconds(Int64(random.below(7200)) - 3600))
        default: .prune(.minutes(Int64(10 + random.below(120))))
        }
    }

    /// What happens rarely.
    static func rare(_ random: inout SplitMix64, of kind: Simulator.Configuration) -> SeedEvent {
        let back = Period.seconds(Int64(1 + random.below(3600)))
        let changes: [Change] = [.renamed, .switchedOff, .archived, .published, .drafted]
        let eras = Simulator.Era.recorded
        return switch random.below(12) {
        case 0, 1: .freeze(back)
        case 2: .disk([.failsAfterWriting, .full, .full][random.below(3)], back)
        case 3: kind.mode == .regular ? .killServer(back: back) : .killWorker(back: back)
        case 4: .upgrade(eras[random.below(eras.count)].release, taking: .seconds(Int64(1 + random.below(120))))
        case 5: random.below(3) == 0 ? .restore(backup: back) : .person(.stops)
        case 6: .person(.stops)
        case 7: .person(.tags)
        case 8, 9: .workflow(changes[random.below(changes.count)], back)
        case 10: .serverJump(.seconds(Int64(random.below(7200)) - 3600))
        default: .dates(ahead: .seconds(Int64(random.below(7200)) - 3600))
        }
    }

    /// What comes at the worst of moments.
    static func untimely(_ random: inout SplitMix64) -> SeedEvent {
        switch random.below(10) {
        case 0: .burst(8 + random.below(8))
        case 1, 6:
            .disk(.sometimes(random.below(2) == 0 ? .full : .failsAfterWriting), .minutes(Int64(10 + random.below(50))))
        case 2: .dataUnreadable(.minutes(Int64(10 + random.below(50))))
        case 3, 4: .meddle(.dies)
        case 5: random.below(3) == 0 ? .restore(backup: .minutes(Int64(15 + random.below(60)))) : .burst(12)
        case 7: .person(.retries)
        default: .meddle(Hand.first[random.below(Hand.first.count)])
        }
    }
}
