import MendflowCore

/// Tells when files are to be read anew: pure.
struct WatchedFiles: Sendable {
    /// What was read last, good or bad.
    private var contents: [UInt8]
    private var settling = FileSettling()

    /// Files that were read with these contents.
    init(_ contents: [UInt8]) { self.contents = contents }

    /// Whether what was just seen is to be read: where that is called for, or it is new and whole.
    mutating func isDue(
        _ found: [UInt8], isCalled: Bool, writtenAt: @autoclosure () -> AgentTime?, _ clock: any AgentClock
    ) -> Bool {
        if isCalled { return true }
        guard found != contents else {
            settling.forget()
            return false
        }
        return settling.isWhole(found, writtenAt: writtenAt(), now: clock.now(), clock.monotonic())
    }

    /// They were read.
    mutating func took(_ found: [UInt8]) { contents = found }

    /// They are to be read once more, also where they stay the same.
    mutating func forget() { contents = [] }
}
