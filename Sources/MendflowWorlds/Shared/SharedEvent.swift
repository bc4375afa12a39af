public import MendflowCore
import MendflowTestKit

/// What may happen to several hosts and the database that they share.
public enum SharedEvent: Sendable, Equatable {
    /// Hosts are killed and started again after a while.
    case kill(Who, back: Period)
    /// Hosts are stopped in good order and started again after a while.
    case stop(Who, back: Period)
    /// Hosts are frozen for a while, after so many more of their effects.
    case freeze(Who, after: Int, Period)
    /// One more host comes, and goes after a while.
    case guest(Period)
    /// Hosts do not reach the database for a while, or hear no answer of it.
    case cutFromDatabase(Who, hearsNothing: Bool, Period)
    /// Hosts do not reach n8n for a while, or hear no answer of it.
    case cutFromServer(Who, hearsNothing: Bool, Period)
    /// The database is away for a while.
    case databaseDown(Period)
    /// The database takes so long each way, refuses one commit in so many, and loses the connection after one in so many, for a
    /// while.
    case databaseAiling(latency: Period, refused: Int, dies: Int, Period)
    /// A copy takes the database's place, whose clock is so far ahead of the other's.
    case failOver(ahead: Period)
    /// A copy takes the database's place that lacks so many commits.
    case failOverLosing(Int)
    /// The wall clock of hosts jumps.
    case jump(Who, Period)

    /// Whom it befalls.
    public enum Who: String, Sendable {
        /// Whoever leads the instance in which everything happens, or some other, or all.
        case leader, other, all
    }

    /// What happens often.
    static func common(_ random: inout SplitMix64) -> SharedEvent {
        let who: Who = [.leader, .leader, .leader, .other, .all][random.below(5)]
        let short = Period.seconds(Int64(1 + random.below(90)))
        let long = Period.seconds(Int64(1 + random.below(900)))
        let some = random.below(2) == 0 ? short : long
        return switch random.below(16) {
        case 0, 1: .kill(who, back: some)
        case 2: .stop(who, back: some)
        case 3, 4, 5: .freeze(who, after: random.below(60), some)
        case 6: .guest(.minutes(Int64(1 + random.below(60))))
        case 7, 8: .cutFromDatabase(who, hearsNothing: random.below(2) == 0, some)
        case 9, 10: .cutFromServer(who, hearsNothing: random.below(2) == 0, some)
        case 11: .databaseDown(some)
        case 12, 13:
            .databaseAiling(
                latency: .milliseconds(Int64(1 + random.below(random.below(2) == 0 ? 4000 : 9000))),
                refused: random.below(2) * (2 + random.below(8)),
                dies: random.below(2) * (2 + random.below(8)), some)
        case 14: .failOver(ahead: .milliseconds(Int64(random.below(6000)) - 3000))
        default:
            .jump(
                who,
                random.below(4) == 0
                    ? .seconds(Int64(random.below(1200)) - 600) : .milliseconds(Int64(random.below(3000)) - 1500))
        }
    }
}
