// `environ` is a variable, and nothing in this program changes it: so no two threads can meet there.
@unsafe @preconcurrency internal import Glibc

/// The environment variables that this process was started with.
package enum MachineVariables {
    /// All of them; of two with one name the first counts, as it does for the C library.
    package static var all: [String: String] {
        var all: [String: String] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let parts = unsafe String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, all[String(parts[0])] == nil { all[String(parts[0])] = String(parts[1]) }
            unsafe next += 1
        }
        return all
    }
}
