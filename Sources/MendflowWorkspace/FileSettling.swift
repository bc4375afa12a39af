import MendflowCore
public import MendflowEnvironment

/// Tells whether files that changed are whole: an editor or a copy may write them in parts, and a policy without its
/// exceptions is a policy all the same.
///
/// They are, once the newest of them was written two seconds ago or more, or once they were the same two seconds before. So
/// is what was renamed into its place, as soon as it is as old as that.
struct FileSettling: Sendable {
    /// What was seen last, and since when, in monotonic time.
    private var candidate: (contents: [UInt8], since: Period)?
    /// How long what was written stays as it is until it counts as whole.
    static let time = Period.seconds(2)

    /// Whether what was just seen is whole; where not, it is known at the next look.
    mutating func isWhole(_ contents: [UInt8], writtenAt: AgentTime?, now: AgentTime, _ monotonic: Period) -> Bool {
        if let writtenAt, writtenAt + FileSettling.time <= now { return true }
        if let candidate, candidate.contents == contents { return candidate.since + FileSettling.time <= monotonic }
        candidate = (contents, monotonic)
        return false
    }

    /// Nothing differs any more.
    mutating func forget() { candidate = nil }
}

extension Workspace {
    /// When the newest of the files was written; nil where that is not known of all of them.
    var writtenAt: AgentTime? {
        let times = fileNames.filter(environment.files.exists).map(environment.files.writtenAt)
        return times.contains(nil) ? nil : times.compactMap(\.self).max()
    }

    /// Loads what `load` does, once the files are whole: those that were written a moment ago are waited for.
    ///
    /// - Throws: `findings` where they go on changing for ten seconds.
    public static func loadSettled(
        path: String, environment: Environment
    ) async throws(MendflowFailure) -> (workspace: Workspace?, report: FindingsReport) {
        var settling = FileSettling()
        let clock = environment.clock
        for _ in 0..<5 {
            let loaded = try load(path: path, environment: environment, needs: .configuration)
            // What is not even a configuration is told as it is.
            guard let read = loaded.workspace else { return loaded }
            let contents = read.contents
            if settling.isWhole(contents, writtenAt: read.writtenAt, now: clock.now(), clock.monotonic()) {
                let whole = try load(path: path, environment: environment)
                if read.contents == contents { return whole }
            }
            do { try await clock.sleep(for: FileSettling.time) } catch { break }
        }
        throw MendflowFailure(.findings, "\(path) or a policy file goes on changing; start again when they are whole")
    }
}
