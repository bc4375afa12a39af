private import Glibc
import MendflowMetrics

/// What this process uses, as the kernel counts it.
enum ProcessUsage {
    /// Now; nil where the kernel does not tell.
    static func now() -> ProcessFigures? {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0, let pages = residentPages() else {
            return nil
        }
        let seconds = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1_000_000 }
        return ProcessFigures(
            processorSeconds: seconds.reduce(0, +), residentBytes: Double(pages * sysconf(Int32(_SC_PAGESIZE))))
    }

    private static func residentPages() -> Int? {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let words = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        return words.count > 1 ? Int(words[1]) : nil
    }
}
