private import CAllocator

/// The memory of a process that lives for months.
public enum ProcessMemory {
    /// Keeps the agent small; to be called before there are threads that allocate.
    ///
    /// Each tick copies the table of executions, tens of megabytes where there are 50,000. glibc learns from the first
    /// such block to keep all later ones on the heap of whichever thread it was, and never gives them back: the agent
    /// then needs nearly twice the memory (docs/benchmarks.md).
    public static func keepSmall() { mendflow_allocator_give_back() }
}
