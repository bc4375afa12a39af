private import CProcessMemory

/// The memory of a process that lives for months.
public enum ProcessMemory {
    /// Keeps the agent small; to be called before there are threads that allocate.
    ///
    /// Ticks make large tables anew and throw the old ones away. glibc learns from the first such block to keep all later
    /// ones on the heap of whichever thread it was, and never gives them back: the agent then needs nearly twice the memory.
    public static func keepSmall() { mendflow_memory_keep_small() }

    /// Gives back what is free between blocks in use, and the pages of code that a start or a deep look needed and a quiet
    /// tick does not; to be called while nothing is done, for other threads wait meanwhile.
    public static func tidy() {
        mendflow_memory_trim()
        mendflow_memory_forget_code()
    }
}
