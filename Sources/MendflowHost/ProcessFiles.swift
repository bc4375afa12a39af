private import Glibc
import MendflowCore
public import MendflowWorkspace

/// How many files this process may have open. Where there are too few, libraries of the runtime end it without a word.
public enum ProcessFiles {
    /// What any command needs beside those that are open already.
    private static let least = 24
    /// Where the limit is raised by itself, it is raised to this.
    private static let wanted: rlim_t = 1024

    /// Makes sure that there are enough, within what the system allows.
    ///
    /// - Throws: what the limit is, and how to raise it.
    public static func ensure() throws(MendflowFailure) {
        if canOpen() { return }
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let allowed = limit.rlim_cur
        limit.rlim_cur = min(limit.rlim_max, wanted)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if canOpen() { return }
        throw MendflowFailure(
            .failed,
            "at most \(allowed) files may be open here, which is too few: \(least) more than are open are needed; "
                + "raise the limit, for example by `ulimit -n 1024`")
    }

    /// Tries it, with pipes, which are there wherever the program runs.
    private static func canOpen() -> Bool {
        var opened: [CInt] = []
        defer { for descriptor in opened { close(descriptor) } }
        while opened.count < least {
            var ends: [CInt] = [0, 0]
            guard unsafe pipe(&ends) == 0 else { return false }
            opened += ends
        }
        return true
    }
}
