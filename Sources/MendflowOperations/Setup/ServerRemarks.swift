public import MendflowCore
import MendflowText
import MendflowYAML

/// What one server cannot do for a policy, or knows by another name.
public struct ServerRemark: Sendable, Hashable {
    /// The kind, in kebab-case.
    public var id: String
    /// What is so, and what it means.
    public var message: String
    /// The policy; nil for a protection.
    public var policy: String?
    /// Where the policy, or the word in question, stands.
    public var place: SourcePlace
    /// The nearest name that the server knows.
    public var suggestion: String?

    /// Makes a remark.
    public init(id: String, message: String, policy: String?, place: SourcePlace, suggestion: String? = nil) {
        self.id = id
        self.message = message
        self.policy = policy
        self.place = place
        self.suggestion = suggestion
    }

    /// The remark as a finding of its file.
    var finding: Finding {
        let start = SourcePosition(line: place.line, column: place.column)
        return Finding(
            .warning, id, message, file: place.file, range: SourceRange(at: start), suggestion: suggestion)
    }
}

/// Compares policies and protections with what a server can do and has.
struct ServerRemarks {
    let set: PolicySet
    let capabilities: ServerCapabilities
    /// Nil where they cannot be read.
    let workflows: [WorkflowInfo]?
    let learnedTags: Set<String>
    let gapBudget: Int
    /// How far back the server has runs, where that is less than the look-back.
    var kept: KeptRuns?

    /// All remarks, by place.
    func all() -> [ServerRemark] {
        var found: [ServerRemark] = []
        for policy in set.policies {
            if let match = policy.match { found += names(match, policy.place, policy.name) }
            for exception in policy.exceptions {
                found += names(exception.match, exception.place ?? policy.place, policy.name)
            }
            found += hidden(policy) + unsaved(policy) + tags(policy) + notOffered(policy) + scopes(policy)
            found += removed(policy)
        }
        for protection in set.protections {
            found += names(protection.match, protection.place ?? SourcePlace(file: "", line: 1, column: 1), nil)
        }
        var seen: Set<ServerRemark> = []
        return found.filter { seen.insert($0).inserted }.sorted {
            ($0.place.file, $0.place.line, $0.place.column, $0.id) < (
                $1.place.file, $1.place.line, $1.place.column, $1.id
            )
        }
    }

    /// Names, ids and tags that no workflow bears, and names that several do (semantics 5).
    private func names(_ condition: Condition, _ fallback: SourcePlace, _ policy: String?) -> [ServerRemark] {
        guard let workflows else { return [] }
        var found: [ServerRemark] = []
        for test in condition.tests {
            let place = test.place ?? fallback
            for word in test.literals {
                func none(_ id: String, _ message: String, of known: [String]) {
                    let near = Spelling.nearest(to: word, among: Array(Set(known)).sorted())
                    found.append(ServerRemark(id: id, message: message, policy: policy, place: place, suggestion: near))
                }
                switch test.field {
                case .workflowName:
                    let ids = workflows.filter { $0.name == word }.map(\.id.text).sorted()
                    if ids.isEmpty {
                        none("unknown-workflow", "the key sees no workflow named '\(word)'", of: workflows.map(\.name))
                    } else if ids.count > 1 {
                        let message = "\(ids.count) workflows are named '\(word)': \(ids.joined(separator: ", "))"
                        let effect =
                            policy == nil ? "all of them are protected" : "held as ambiguous_workflow; name ids"
                        found.append(
                            ServerRemark(
                                id: "ambiguous-workflow", message: "\(message); \(effect)", policy: policy, place: place
                            ))
                    }
                case .workflowID where !workflows.contains { $0.id.text == word }:
                    none(
                        "unknown-workflow", "the key sees no workflow with the id '\(word)'",
                        of: workflows.map(\.id.text))
                case .workflowTag
                where !workflows.contains(where: \.hidesTags) && !workflows.contains { $0.tags.contains(word) }:
                    none("unknown-workflow-tag", "no workflow bears the tag '\(word)'", of: workflows.flatMap(\.tags))
                case .workflowProject where workflows.contains { !$0.projects.isEmpty }:
                    guard !workflows.contains(where: { $0.projects.contains(word) }) else { continue }
                    none("unknown-project", "no workflow is of a project '\(word)'", of: workflows.flatMap(\.projects))
                default: continue
                }
            }
        }
        return found
    }

    /// Policies that look at runs which this server shows in no list.
    private func hidden(_ policy: Policy) -> [ServerRemark] {
        guard let statuses = policy.match?.statuses else { return [] }
        var found: [ServerRemark] = []
        func say(_ id: String, _ message: String) {
            found.append(ServerRemark(id: id, message: message, policy: policy.name, place: policy.place))
        }
        let price = "found by asking ids, up to \(gapBudget) per tick; where more ids are missing, the rest waits"
        if statuses.contains(.queued) {
            say(
                "hidden-queued",
                capabilities.hidesQueued
                    ? "queued runs are in no list of this server (queue mode): \(price)"
                    : "in queue mode queued runs are in no list, and whether this server runs so is not known yet: \(price)"
            )
        }
        if statuses.contains(.waiting), capabilities.hidesWaiting {
            say("hidden-waiting", "waiting runs are in no list of this server: \(price)")
        }
        let mayBeHidden = statuses.contains(.queued) || statuses.contains(.waiting) && capabilities.hidesWaiting
        if policy.remediation?.kind == .bulkStop, mayBeHidden {
            say(
                "bulk-stop-price",
                "a bulk stop reaches runs that no list shows: it is held until every id is asked for, and where "
                    + "more than \(gapBudget) per tick are missing single stops go on meanwhile")
        }
        return found
    }

    /// Policies that build on rows which workflows do not keep.
    private func unsaved(_ policy: Policy) -> [ServerRemark] {
        guard let workflows, let match = policy.match else { return [] }
        let reached = workflows.filter { match.mayMatch($0) }
        var found: [ServerRemark] = []
        func say(_ id: String, _ some: [WorkflowInfo], _ message: String) {
            guard !some.isEmpty else { return }
            let names = some.map { "'\($0.name)'" }.sorted().prefix(3).joined(separator: ", ")
            let more = some.count > 3 ? " and \(some.count - 3) more" : ""
            found.append(
                ServerRemark(
                    id: id, message: "\(names)\(more) \(message)", policy: policy.name, place: policy.place))
        }
        let noSuccesses = reached.filter { $0.savesSuccesses == false }
        let noFailures = reached.filter { $0.savesFailures == false }
        if match.fields.contains(.succeededSince) {
            say("successes-not-saved", noSuccesses, "save no successes: succeeded_since is unknown there")
        }
        if policy.absence != nil {
            let statuses = match.statuses
            if statuses?.contains(.success) ?? true {
                say(
                    "successes-not-saved", noSuccesses,
                    "save no successes: that no run is seen proves nothing, so nobody is told that none was")
            }
            if statuses?.contains(.error) ?? true {
                say(
                    "failures-not-saved", noFailures,
                    "save no failures: a run that failed is not seen, so nobody is told that none was; "
                        + "status: success asks for less")
            }
        }
        if policy.remediation?.kind == .retry {
            say("failures-not-saved", noFailures, "save no failures: there is nothing to retry")
            say(
                "successes-not-saved", noSuccesses,
                "save no successes: a retry that works leaves no trace, so a lost answer stays unresolved")
        }
        return found
    }

    /// Policies that need runs which the server has removed.
    private func removed(_ policy: Policy) -> [ServerRemark] {
        guard let kept, let reach = policy.reach, reach > kept.since else { return [] }
        let since = Period.hours(max(1, kept.since.milliseconds / 3_600_000))
        let message =
            "it needs the runs of the last \(reach), and n8n has none older than \(since) (its oldest is \(kept.oldest)): "
            + "where it removed them, raise EXECUTIONS_DATA_MAX_AGE and EXECUTIONS_DATA_PRUNE_MAX_COUNT there, or ask for less"
        return [
            ServerRemark(id: "beyond-what-is-kept", message: message, policy: policy.name, place: policy.place)
        ]
    }

    /// Annotation tags whose id nobody knows.
    private func tags(_ policy: Policy) -> [ServerRemark] {
        let known = Set(set.tagIDs.keys).union(learnedTags)
        return Set(policy.tags + policy.onExhausted.tags).subtracting(known).sorted().map { name in
            ServerRemark(
                id: "unmapped-tag",
                message:
                    "tag '\(name)' has no id: not in `tags:` of the instance, and no execution seen bears it; it is "
                    + "held as unmapped_tag until one does",
                policy: policy.name, place: policy.place, suggestion: Spelling.nearest(to: name, among: known.sorted()))
        }
    }

    /// The actions that the policy may ask for.
    private func kinds(_ policy: Policy) -> [ActionKind] {
        let tags = !policy.tags.isEmpty || !policy.onExhausted.tags.isEmpty
        return [policy.remediation?.kind, tags ? .tag : nil].compactMap { $0 }
    }

    /// Actions of the policy, and what its conditions read, that the server has no request for.
    private func notOffered(_ policy: Policy) -> [ServerRemark] {
        func remark(_ words: String) -> ServerRemark {
            ServerRemark(id: "not-offered", message: words, policy: policy.name, place: policy.place)
        }
        var found = kinds(policy).filter(capabilities.notOffered.contains).map { kind in
            let effect =
                kind == .bulkStop && !capabilities.notOffered.contains(.stop)
                ? "runs are stopped one by one" : "it is held as not_offered"
            return remark("this n8n has no request for `\(kind.rawValue)`: \(effect)")
        }
        if policy.match?.fields.contains(.executionTag) == true, capabilities.notOffered.contains(.tag) {
            found.append(remark("this n8n does not tell the tags of executions: execution_tag is unknown"))
        }
        return found
    }

    /// Scopes that the policy's actions need and the key lacks.
    private func scopes(_ policy: Policy) -> [ServerRemark] {
        var wanted = kinds(policy).map { ("`\($0.rawValue)`", $0.scopes) }
        if policy.match?.fields.contains(.executionTag) == true {
            wanted.append(("execution_tag", ["executionTags:list"]))
        }
        return wanted.flatMap { what, scopes in
            scopes.filter { capabilities.lacks($0) == true }.map {
                ServerRemark(
                    id: "missing-scope", message: "the key lacks the scope \($0), which \(what) needs",
                    policy: policy.name,
                    place: policy.place)
            }
        }
    }
}

extension ServerCapabilities {
    /// Whether the key lacks a scope; nil where that is not known.
    func lacks(_ scope: String) -> Bool? {
        if missingScopes.contains(scope) { return true }
        return scopes.map { !$0.contains(scope) }
    }
}

extension Condition {
    /// Every test of the tree.
    var tests: [FieldTest] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.tests)
        case .not(let part): part.tests
        case .test(let test): [test]
        }
    }

    /// Whether the tree leaves a workflow's executions a chance, judged from what is known of the workflow alone.
    func mayMatch(_ workflow: WorkflowInfo) -> Bool {
        switch self {
        case .all(let parts): return parts.allSatisfy { $0.mayMatch(workflow) }
        case .any(let parts): return parts.contains { $0.mayMatch(workflow) }
        case .not: return true
        case .test(let test):
            let value: FieldValue
            switch test.field {
            case .workflowName: value = .text(workflow.name)
            case .workflowID: value = .text(workflow.id.text)
            case .workflowTag where !workflow.hidesTags: value = .set(workflow.tags)
            case .workflowProject where !workflow.hidesProjects: value = .set(workflow.projects)
            case .workflowActive: value = .flag(workflow.isSwitchedOn)
            default: return true
            }
            return test.operators.allSatisfy { FieldOperator.holds($0, value) }
        }
    }
}

extension FieldTest {
    /// The texts that it names exactly.
    fileprivate var literals: [String] {
        operators.flatMap { operation -> [String] in
            switch operation {
            case .anyOf(let matches), .noneOf(let matches): matches.filter(\.isLiteral).map(\.source)
            default: []
            }
        }
    }
}
