import MendflowCore
import MendflowLedger
private import Synchronization

/// Slows down whoever guesses the service's token: of wrong ones some are looked at in a minute, the others are told to wait.
///
/// A right token has to wait as well once that many *different* wrong ones came, or the answer would tell a guess that is right. Of
/// one wrong token that a program sends again and again nobody else notices anything, and sessions go on in any case.
final class WrongTokens: Sendable {
    /// How many in which time.
    static let most = 10, length = Period.minutes(1)

    private struct State: Sendable {
        /// When wrong ones came that were looked at, and when different ones came first.
        var times: [Period] = []
        var different: [[UInt8]: Period] = [:]
    }

    private let state = Mutex(State())
    private let clock: any AgentClock

    init(clock: any AgentClock) { self.clock = clock }

    /// How long somebody who sends a token has to wait; nil where what they send is looked at now.
    func wait(for token: String, isRight: Bool) -> Period? {
        let (now, digest) = (clock.monotonic(), SHA256.digest(Array(token.utf8)))
        return state.withLock { state in
            state.times.removeAll { $0 + WrongTokens.length <= now }
            state.different = state.different.filter { $0.value + WrongTokens.length > now }
            let isGuessed = state.different.count >= WrongTokens.most
            if isRight {
                guard isGuessed, let first = state.different.values.min() else { return nil }
                return first + WrongTokens.length - now
            }
            if !isGuessed, state.different[digest] == nil { state.different[digest] = now }
            if state.times.count >= WrongTokens.most, let first = state.times.first {
                return first + WrongTokens.length - now
            }
            state.times.append(now)
            return nil
        }
    }
}
