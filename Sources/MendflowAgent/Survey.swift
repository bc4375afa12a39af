package import MendflowCore
package import MendflowCycle

/// What a survey found.
package struct Survey: Sendable {
    /// What was decided; nil where nothing could be read.
    package var step: Step?
    /// The moment that it was decided for.
    package var now = ServerTime(milliseconds: 0)
    /// The tick's number, from 1; 0 where nothing is kept of it.
    package var tick: Int64 = 0
    /// Requests sent to read, lists and ids, without details and workflows; bytes of lists; rows listed; details asked for.
    package var requests = 0, bytes = 0, rows = 0, details = 0
    /// Rows, and data of runs, that are kept in memory.
    package var heldRows = 0, heldDetails = 0
    /// Whether everything was seen.
    package var completeness = Completeness.complete
    /// Reads that failed.
    package var failures: [ReadFailure] = []
    /// Reads of single executions, for what somebody wants to know of them, that failed.
    package var unanswered: [ReadFailure] = []
    /// Executions whose facts could not be read this time, and why.
    package var unread: [ExecutionID: ReadFailure] = [:]
    /// Whether more could be read or asked at once, which there was no room for.
    package var hasMore = false
    /// How far the walk over what is older than the look-back is, for policies that delete.
    package var oldRows = OldRows.done
    /// How many of these rows were looked at in this survey.
    package var oldRowsRead = 0
    /// How many executions were not asked for their data, because another one is what somebody wants to know about.
    package var passedOver = 0
    /// How long the server asked to be left alone, where it did so while single executions were asked for.
    package var askedToWait: Period?
    /// What is worth telling.
    package var remarks: [Remark] = []

    package init() {}

    /// How far the walk over what is older than the look-back is.
    package enum OldRows: Sendable {
        /// At its end, or nothing more may be deleted now.
        case done
        /// There are further pages.
        case left
        /// Nothing of it was looked at, because something else is done.
        case postponed
    }

    /// This survey as the end of one that began with another.
    package func after(_ earlier: Survey) -> Survey {
        var survey = self
        survey.requests += earlier.requests
        survey.bytes += earlier.bytes
        survey.details += earlier.details
        survey.rows = max(rows, earlier.rows)
        survey.unread.merge(earlier.unread) { newer, _ in newer }
        survey.unanswered = earlier.unanswered + unanswered
        survey.remarks = earlier.remarks + remarks
        return survey
    }
}
