import MendflowCore

extension ServerRemark.Matter {
    /// The kind, in kebab-case.
    public var id: String {
        switch self {
        case .noWorkflowNamed, .noWorkflowWithID: "unknown-workflow"
        case .severalNamed: "ambiguous-workflow"
        case .noWorkflowTag: "unknown-workflow-tag"
        case .noProject: "unknown-project"
        case .hiddenQueued: "hidden-queued"
        case .hiddenWaiting: "hidden-waiting"
        case .bulkStopPrice: "bulk-stop-price"
        case .successesNotSaved: "successes-not-saved"
        case .failuresNotSaved: "failures-not-saved"
        case .beyondKept: "beyond-what-is-kept"
        case .unmappedTag: "unmapped-tag"
        case .notOffered, .tagsNotTold: "not-offered"
        case .missingScope: "missing-scope"
        }
    }

    /// What is so, and what it means.
    public var words: String {
        switch self {
        case .noWorkflowNamed(let name): "the key sees no workflow named '\(name)'"
        case .noWorkflowWithID(let id): "the key sees no workflow with the id '\(id)'"
        case .severalNamed(let name, let ids, let isProtected):
            "\(ids.count) workflows are named '\(name)': \(ids.joined(separator: ", ")); "
                + (isProtected ? "all of them are protected" : "held as ambiguous_workflow; name ids")
        case .noWorkflowTag(let tag): "no workflow bears the tag '\(tag)'"
        case .noProject(let project): "no workflow is of a project '\(project)'"
        case .hiddenQueued(true, let budget):
            "queued runs are in no list of this server (queue mode): \(Self.price(budget))"
        case .hiddenQueued(false, let budget):
            "in queue mode queued runs are in no list, and whether this server runs so is not known yet: \(Self.price(budget))"
        case .hiddenWaiting(let budget): "waiting runs are in no list of this server: \(Self.price(budget))"
        case .bulkStopPrice(let budget):
            "a bulk stop reaches runs that no list shows: it is held until every id is asked for, and where "
                + "more than \(budget) per tick are missing single stops go on meanwhile"
        case .successesNotSaved(let names, let need):
            "\(Self.some(names)) save no successes: \(Self.withoutSuccesses(need))"
        case .failuresNotSaved(let names, let need):
            "\(Self.some(names)) save no failures: \(Self.withoutFailures(need))"
        case .beyondKept(let reach, let since, let oldest):
            "it needs the runs of the last \(reach), and n8n has none older than \(since) (its oldest is \(oldest)): "
                + "where it removed them, raise EXECUTIONS_DATA_MAX_AGE and EXECUTIONS_DATA_PRUNE_MAX_COUNT there, or ask for less"
        case .unmappedTag(let name):
            "tag '\(name)' has no id: not in `tags:` of the instance, and no execution seen bears it; it is "
                + "held as unmapped_tag until one does"
        case .notOffered(let kind, let stopsOneByOne):
            "this n8n has no request for `\(kind.rawValue)`: "
                + (stopsOneByOne ? "runs are stopped one by one" : "it is held as not_offered")
        case .tagsNotTold: "this n8n does not tell the tags of executions: execution_tag is unknown"
        case .missingScope(let scope, let kind):
            "the key lacks the scope \(scope), which \(kind.map { "`\($0.rawValue)`" } ?? "execution_tag") needs"
        }
    }

    private static func price(_ budget: Int) -> String {
        "found by asking ids, up to \(budget) per tick; where more ids are missing, the rest waits"
    }

    private static func some(_ names: [String]) -> String {
        let shown = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        return "\(shown)\(names.count > 3 ? " and \(names.count - 3) more" : "")"
    }

    private static func withoutSuccesses(_ need: ServerRemark.Need) -> String {
        switch need {
        case .succeededSince: "succeeded_since is unknown there"
        case .absence: "that no run is seen proves nothing, so nobody is told that none was"
        case .retry: "a retry that works leaves no trace, so a lost answer stays unresolved"
        }
    }

    private static func withoutFailures(_ need: ServerRemark.Need) -> String {
        switch need {
        case .succeededSince, .retry: "there is nothing to retry"
        case .absence:
            "a run that failed is not seen, so nobody is told that none was; status: success asks for less"
        }
    }
}
