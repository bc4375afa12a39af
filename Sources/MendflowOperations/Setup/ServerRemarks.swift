import MendflowCore
import MendflowText

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
            ($0.place.file, $0.place.line, $0.place.column, $0.matter.id) < (
                $1.place.file, $1.place.line, $1.place.column, $1.matter.id
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
                func none(_ matter: ServerRemark.Matter, of known: [String]) {
                    let near = Spelling.nearest(to: word, among: Array(Set(known)).sorted())
                    found.append(ServerRemark(matter, policy: policy, place: place, suggestion: near))
                }
                switch test.field {
                case .workflowName:
                    let ids = workflows.filter { $0.name == word }.map(\.id.text).sorted()
                    if ids.isEmpty {
                        none(.noWorkflowNamed(word), of: workflows.map(\.name))
                    } else if ids.count > 1 {
                        let matter = ServerRemark.Matter.severalNamed(word, ids: ids, isProtected: policy == nil)
                        found.append(ServerRemark(matter, policy: policy, place: place))
                    }
                case .workflowID where !workflows.contains { $0.id.text == word }:
                    none(.noWorkflowWithID(word), of: workflows.map(\.id.text))
                case .workflowTag
                where !workflows.contains(where: \.hidesTags) && !workflows.contains { $0.tags.contains(word) }:
                    none(.noWorkflowTag(word), of: workflows.flatMap(\.tags))
                case .workflowProject where workflows.contains { !$0.projects.isEmpty }:
                    guard !workflows.contains(where: { $0.projects.contains(word) }) else { continue }
                    none(.noProject(word), of: workflows.flatMap(\.projects))
                default: continue
                }
            }
        }
        return found
    }

    /// Policies that look at runs which this server shows in no list.
    private func hidden(_ policy: Policy) -> [ServerRemark] {
        guard let statuses = policy.match?.statuses else { return [] }
        var found: [ServerRemark.Matter] = []
        if statuses.contains(.queued) {
            found.append(.hiddenQueued(isKnown: capabilities.hidesQueued, gapBudget: gapBudget))
        }
        if statuses.contains(.waiting), capabilities.hidesWaiting { found.append(.hiddenWaiting(gapBudget: gapBudget)) }
        let mayBeHidden = statuses.contains(.queued) || statuses.contains(.waiting) && capabilities.hidesWaiting
        if policy.remediation?.kind == .bulkStop, mayBeHidden { found.append(.bulkStopPrice(gapBudget: gapBudget)) }
        return found.map { ServerRemark($0, policy: policy.name, place: policy.place) }
    }

    /// Policies that build on rows which workflows do not keep.
    private func unsaved(_ policy: Policy) -> [ServerRemark] {
        guard let workflows, let match = policy.match else { return [] }
        let reached = workflows.filter { match.mayMatch($0) }
        let noSuccesses = reached.filter { $0.savesSuccesses == false }.map(\.name).sorted()
        let noFailures = reached.filter { $0.savesFailures == false }.map(\.name).sorted()
        var found: [ServerRemark.Matter] = []
        if match.fields.contains(.succeededSince) {
            found.append(.successesNotSaved(noSuccesses, for: .succeededSince))
        }
        if policy.absence != nil {
            let statuses = match.statuses
            if statuses?.contains(.success) ?? true { found.append(.successesNotSaved(noSuccesses, for: .absence)) }
            if statuses?.contains(.error) ?? true { found.append(.failuresNotSaved(noFailures, for: .absence)) }
        }
        if policy.remediation?.kind == .retry {
            found += [.failuresNotSaved(noFailures, for: .retry), .successesNotSaved(noSuccesses, for: .retry)]
        }
        return found.filter(\.concernsAny).map { ServerRemark($0, policy: policy.name, place: policy.place) }
    }

    /// Policies that need runs which the server has removed.
    private func removed(_ policy: Policy) -> [ServerRemark] {
        guard let kept, let reach = policy.reach, reach > kept.since else { return [] }
        let since = Period.hours(max(1, kept.since.milliseconds / 3_600_000))
        let matter = ServerRemark.Matter.beyondKept(reach: reach, since: since, oldest: kept.oldest)
        return [ServerRemark(matter, policy: policy.name, place: policy.place)]
    }

    /// Annotation tags whose id nobody knows.
    private func tags(_ policy: Policy) -> [ServerRemark] {
        let known = Set(set.tagIDs.keys).union(learnedTags)
        return Set(policy.tags + policy.onExhausted.tags).subtracting(known).sorted().map { name in
            ServerRemark(
                .unmappedTag(name), policy: policy.name, place: policy.place,
                suggestion: Spelling.nearest(to: name, among: known.sorted()))
        }
    }

    /// The actions that the policy may ask for.
    private func kinds(_ policy: Policy) -> [ActionKind] {
        let tags = !policy.tags.isEmpty || !policy.onExhausted.tags.isEmpty
        return [policy.remediation?.kind, tags ? .tag : nil].compactMap { $0 }
    }

    /// Actions of the policy, and what its conditions read, that the server has no request for.
    private func notOffered(_ policy: Policy) -> [ServerRemark] {
        let stopsOneByOne = !capabilities.notOffered.contains(.stop)
        var found = kinds(policy).filter(capabilities.notOffered.contains).map { kind in
            ServerRemark.Matter.notOffered(kind, stopsOneByOne: kind == .bulkStop && stopsOneByOne)
        }
        if policy.match?.fields.contains(.executionTag) == true, capabilities.notOffered.contains(.tag) {
            found.append(.tagsNotTold)
        }
        return found.map { ServerRemark($0, policy: policy.name, place: policy.place) }
    }

    /// Scopes that the policy's actions need and the key lacks.
    private func scopes(_ policy: Policy) -> [ServerRemark] {
        var wanted: [(kind: ActionKind?, scopes: [String])] = kinds(policy).map { ($0, Array($0.scopes)) }
        if policy.match?.fields.contains(.executionTag) == true { wanted.append((nil, ["executionTags:list"])) }
        return wanted.flatMap { kind, scopes in
            scopes.filter { capabilities.lacks($0) == true }.map {
                ServerRemark(.missingScope($0, neededBy: kind), policy: policy.name, place: policy.place)
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
