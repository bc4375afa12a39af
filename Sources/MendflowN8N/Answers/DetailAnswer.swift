internal import MendflowCore

/// Turns what was kept of an execution's data into evidence (n8n facts 9).
struct DetailAnswer {
    let tree: JSONTree
    let execution: Execution
    let scrub: EvidenceScrub

    private var data: JSONTree? { tree["data"] }
    private var result: JSONTree? { data?["resultData"] }
    private var stack: JSONTree? { data?["executionData"]?["nodeExecutionStack"] }
    private var stackNode: JSONTree? { stack?[0]?["node"] }

    /// The evidence.
    func detail() -> ExecutionDetail {
        let error = errorTree
        let node = lastNode(error)
        let start = startNode(error)
        let resumes = resumesAt(error?["node"]?["name"]?.word)
        let notes = customData
        var detail = ExecutionDetail(
            readability: readability, status: execution.status, createdAt: execution.createdAt,
            error: error.map { ErrorAnswer(tree: $0, nodeType: node?.type, scrub: scrub.text).evidence },
            lastNode: node,
            finishedNodes: finishedNodes, resumesAtNode: resumes, startNode: start,
            hasEmptyStack: stack?.elementCount == 0, ranToItsEnd: ranToItsEnd(error),
            ranPastStack: ranPastStack, tools: tools(of: stackNode),
            waitKind: waitKind,
            customData: notes, unreadCustomData: unreadCustomData(besides: notes),
            parentExecution: data?["parentExecution"]?["executionId"]?.word.map { ExecutionID($0) },
            workflowVersion: tree["workflowVersionId"]?.word, reachedTimeLimit: reachedTimeLimit)
        if resumes == true { detail.itemsToRepeat = itemsToRepeat }
        return detail
    }

    private var readability: ExecutionDetail.Readability {
        if tree["dataTooLargeToDisplay"]?.bool == true { return .oversized }
        if data?["redactionInfo"]?["isRedacted"]?.bool == true { return .redacted }
        if let redacted = result?["redactedError"], redacted != .null { return .redacted }
        return result?["runData"]?.members == nil ? .unreadable("n8n's answer holds no run data") : .readable
    }

    // MARK: - The error

    /// The run's error, else the error of the node that ran last. If that node was set to go on in spite of errors, its
    /// error did not fail the run and is not taken.
    private var errorTree: JSONTree? {
        if let error = result?["error"], error.members != nil { return error }
        if let error = result?["redactedError"], error.members != nil { return error }
        guard execution.status.isFailed, let last = lastNodeName else { return nil }
        let run = result?["runData"]?[last]?[0]
        guard let error = run?["error"], error.members != nil, run?["executionStatus"]?.word != "success" else {
            return nil
        }
        return error
    }

    /// Whether the run lasted as long as its workflow allows, which n8n writes in seconds; a negative limit is none.
    private var reachedTimeLimit: Bool? {
        guard let limit = tree["workflowData"]?["settings"]?["executionTimeout"]?.integer, limit > 0, limit < 1 << 32,
            let start = execution.startedAt, let end = execution.stoppedAt
        else { return nil }
        return end - start >= .seconds(limit)
    }

    /// Whether the run went to its end although it counts as failed: n8n says that it is finished, or the error is older
    /// than the run by more than clocks of one server differ.
    private func ranToItsEnd(_ error: JSONTree?) -> Bool {
        guard execution.status.isFailed else { return false }
        if tree["finished"]?.bool == true { return true }
        guard let at = ErrorAnswer.time(error?["timestamp"]), let start = execution.startedAt else { return false }
        return at + .seconds(1) < start
    }

    // MARK: - The nodes

    private var lastNodeName: String? { result?["lastNodeExecuted"]?.word }

    /// The failed node: the one that the error names, else the one that ran last, else the only one with an error in
    /// its run data.
    private func lastNode(_ error: JSONTree?) -> NodeEvidence? {
        let failing = failingRuns
        let named = error?["node"]?["name"]?.word
        guard let name = named ?? lastNodeName ?? (failing.count == 1 ? failing[0] : nil) else { return nil }
        let candidates = [error?["node"], stackNode].compactMap(\.self) + workflowNodes
        let node = candidates.first { $0["name"]?.word == name }
        return NodeReading(node ?? .null, name: name, request: error?["context"]?["request"], scrub: scrub).evidence
    }

    private var workflowNodes: [JSONTree] { tree["workflowData"]?["nodes"]?.items ?? [] }

    /// The first node of the stack. What the error says of its request is taken where the error is this node's.
    private func startNode(_ error: JSONTree?) -> NodeEvidence? {
        guard let stackNode, let name = stackNode["name"]?.word else { return nil }
        let named = error?["node"]?["name"]?.word
        let isItsError = named == nil || named == name
        var node = NodeReading(
            stackNode, name: name, request: isItsError ? error?["context"]?["request"] : nil, scrub: scrub
        ).evidence
        node.assurances = NodeReading.assurances(stackNode)
        if hasSubRuns(below: name) { node.assurances.insert(.subRunsStored) }
        return node
    }

    /// A node that is run once takes the first of its items and leaves the others alone.
    private var itemsToRepeat: Int? {
        let items = stack?[0]?["data"]?["main"]?[0]?.elementCount
        return stackNode?["executeOnce"]?.bool == true ? items.map { min($0, 1) } : items
    }

    /// Whether the run may have gone on past the stored stack. n8n stores a run's data when the run goes to sleep and, after
    /// it was woken, not before the next node has ended; and what its event log tells of a run that died, it adds.
    private var ranPastStack: Bool {
        guard execution.status == .crashed || execution.status == .canceled, let stackNode else { return false }
        let name = stackNode["name"]?.word
        let wentOn = (result?["runData"]?.members?.entries ?? []).contains { node, run in
            let item = run[0]?["data"]?["main"]?[0]?[0]
            return (run[0]?["executionStatus"]?.word == "crashed" && node != name)
                || item?["json"]?["isArtificialRecoveredEventItem"]?.bool == true
        }
        if wentOn { return true }
        let till = ErrorAnswer.time(data?["waitTill"]) ?? execution.waitTill
        let sleeps =
            till != nil || stackNode["type"]?.word == "n8n-nodes-base.wait"
            || name.flatMap { result?["runData"]?[$0]?[0]?["executionStatus"]?.word } == "waiting"
        guard sleeps else { return false }
        // A timer wakes nobody early, so that a stop before its time found the run asleep.
        let isTimer = ["timeInterval", "specificTime"].contains(stackNode["parameters"]?["resume"]?.word)
        guard execution.status == .canceled, isTimer, let till, let end = execution.stoppedAt else { return true }
        return end >= till
    }

    private var failingRuns: [String] {
        let runs = result?["runData"]?.members?.entries ?? []
        return runs.filter { $0.value[0]?["executionStatus"]?.word == "error" }.map(\.key).sorted()
    }

    /// Host and path of a URL, without user, query and fragment; nil for anything that is not one.
    static func target(_ url: String) -> String? {
        guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")), url.utf8[colon...].starts(with: "://".utf8) else {
            return nil
        }
        let bare = url[colon...].dropFirst(3).prefix { $0 != "?" && $0 != "#" }
        let authority = bare.prefix { $0 != "/" }
        guard let host = authority.split(separator: "@").last, !host.isEmpty else { return nil }
        return ErrorAnswer.capped(String(host) + bare[authority.endIndex...], to: 512)
    }

    /// Whether a retry goes on at the first node of the stored stack instead of starting at the trigger. An entry that has
    /// a source is past the trigger; of one without, it is known where that node itself failed.
    private func resumesAt(_ failing: String?) -> Bool? {
        guard let entries = stack?.items else { return nil }
        guard let onStack = stackNode?["name"]?.word else { return false }
        if entries[0]["source"]?.members != nil { return true }
        let isFailing = failing == onStack || result?["runData"]?[onStack]?[0]?["executionStatus"]?.word == "error"
        return execution.status == .error && isFailing
    }

    /// The number of nodes whose successful run is stored, not counting what n8n made up from its event log after a
    /// crash.
    private var finishedNodes: Int? {
        guard let runs = result?["runData"]?.members else { return nil }
        return runs.entries.count { entry in
            let run = entry.value[0]
            let item = run?["data"]?["main"]?[0]?[0]
            return run?["executionStatus"]?.word == "success"
                && item?["json"]?["isArtificialRecoveredEventItem"]?.bool != true
        }
    }

    // MARK: - Waiting and notes

    private var waitKind: ExecutionDetail.WaitKind? {
        guard execution.status == .waiting else { return nil }
        if let till = execution.waitTill ?? ErrorAnswer.time(data?["waitTill"]),
            till >= ExecutionDetail.WaitKind.indefinite
        {
            return .event
        }
        let nodes = [stackNode] + workflowNodes.map(Optional.some)
        let name = lastNodeName ?? stackNode?["name"]?.word
        guard let node = nodes.lazy.compactMap({ $0 }).first(where: { $0["name"]?.word == name }) else { return nil }
        switch node["parameters"]?["resume"]?.word {
        case "timeInterval", "specificTime": return .timer
        case "webhook", "form": return .event
        case nil where node["parameters"]?["operation"]?.word == "sendAndWait": return .event
        case nil where node["type"]?.word == "n8n-nodes-base.wait" && node["parameters"]?.members != nil:
            return .timer
        default: return nil
        }
    }

    /// The notes whose values are texts and were kept whole. n8n writes only texts, and a value that was cut would be a
    /// different value.
    private var customData: [String: String] {
        var notes: [String: String] = [:]
        for (key, value) in tree["customData"]?.members?.entries ?? [] {
            if case .text(let text, true) = value { notes[key] = scrub.text(text) }
        }
        return notes
    }

    /// Keys of notes whose value could not be taken. Nil if the notes as a whole cannot be known: there are none to
    /// read, or there are more than are kept.
    private func unreadCustomData(besides read: [String: String]) -> Set<String>? {
        guard case .object(let members, let count) = tree["customData"], members.count == count else { return nil }
        return Set(members.entries.map(\.key)).subtracting(read.keys)
    }
}
