public import MendflowCore
import MendflowText

extension PlanReport {
    /// An execution whose data cannot be read.
    public struct Unreadable: Sendable, Hashable {
        /// The execution, and why not.
        public var execution: ExecutionID, why: String
        /// Makes one.
        public init(_ execution: ExecutionID, why: String) {
            self.execution = execution
            self.why = why
        }

        /// How many cannot be read, in a line for each reason, the most frequent first.
        public static func grouped(_ all: [Unreadable]) -> [String] {
            // What differs from one to the next is the id only.
            let groups = Dictionary(grouping: all) { $0.why.replacing($0.execution.text, with: "ID") }
            return groups.sorted {
                $0.value.count != $1.value.count ? $0.value.count > $1.value.count : $0.key < $1.key
            }.compactMap { why, group in
                group.first.map {
                    "the data of \(group.count.words("execution", "executions")) cannot be read, for example "
                        + "\($0.execution): \(why)"
                }
            }
        }
    }
}
