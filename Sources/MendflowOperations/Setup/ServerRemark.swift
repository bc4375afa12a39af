public import MendflowCore
import MendflowYAML

/// What one server cannot do for a policy, or knows by another name.
public struct ServerRemark: Sendable, Hashable {
    /// What policies need rows for that workflows may not keep.
    public enum Need: Sendable, Hashable {
        /// The condition `succeeded_since`.
        case succeededSince
        /// To know that no run was there.
        case absence
        /// To retry, and to see what came of it.
        case retry
    }

    /// What is so.
    public enum Matter: Sendable, Hashable {
        /// The key sees no workflow of this name, or with this id.
        case noWorkflowNamed(String), noWorkflowWithID(String)
        /// Several workflows bear a name; a protection protects all of them.
        case severalNamed(String, ids: [String], isProtected: Bool)
        /// No workflow bears this tag, or is of this project.
        case noWorkflowTag(String), noProject(String)
        /// Queued runs are in no list, which may not be known yet; so many ids are asked for at a tick.
        case hiddenQueued(isKnown: Bool, gapBudget: Int)
        /// Waiting runs are in no list.
        case hiddenWaiting(gapBudget: Int)
        /// A bulk stop waits until every id is asked for.
        case bulkStopPrice(gapBudget: Int)
        /// These workflows keep no successes, or no failures, which something is needed for.
        case successesNotSaved([String], for: Need), failuresNotSaved([String], for: Need)
        /// Runs are needed that the server has removed: it has none older than that, and its oldest is this one.
        case beyondKept(reach: Period, since: Period, oldest: ExecutionID)
        /// The id of an annotation tag is not known.
        case unmappedTag(String)
        /// The server has no request for a kind of action; of a bulk stop, whether runs are stopped one by one instead.
        case notOffered(ActionKind, stopsOneByOne: Bool)
        /// The server does not tell the tags of executions.
        case tagsNotTold
        /// The key lacks a scope that a kind of action needs, or (nil) the condition `execution_tag`.
        case missingScope(String, neededBy: ActionKind?)

        /// Whether there is a workflow that it is about, where it is about workflows.
        var concernsAny: Bool {
            switch self {
            case .successesNotSaved(let names, _), .failuresNotSaved(let names, _): !names.isEmpty
            default: true
            }
        }
    }

    /// What is so.
    public var matter: Matter
    /// The policy; nil for a protection.
    public var policy: String?
    /// Where the policy, or the word in question, stands.
    public var place: SourcePlace
    /// The nearest name that the server knows.
    public var suggestion: String?

    /// Makes a remark.
    public init(_ matter: Matter, policy: String?, place: SourcePlace, suggestion: String? = nil) {
        self.matter = matter
        self.policy = policy
        self.place = place
        self.suggestion = suggestion
    }

    /// The remark as a finding of its file.
    var finding: Finding {
        let start = SourcePosition(line: place.line, column: place.column)
        return Finding(
            .warning, matter.id, matter.words, file: place.file, range: SourceRange(at: start), suggestion: suggestion)
    }
}
