package import MendflowCore
package import MendflowLedger
import MendflowText

/// Plannings and evidence of decisions, with everything that they can have.
extension RandomEvents {
    package mutating func planning() -> Planning {
        var snapshot = Snapshot(
            instance: instance(), now: time(), clockOffset: clockOffset(),
            baseline: time(), coverage: coverage())
        if oneIn(2) { snapshot.completeness = .partial(some(2) { $0.text() }) }
        snapshot.highest = maybe { $0.execution() }
        if oneIn(3) { snapshot.notOffered = Set(some(3) { $0.pick(ActionKind.allCases) }) }
        snapshot.counted = CountedFacts(
            judged: [], oldestSeen: maybe { $0.execution() }, seesDefaultSuccesses: oneIn(2),
            oldestKnownCreation: maybe { $0.time() })
        return Planning(
            snapshot, at: Planning.Place(head: number(), reconciled: below(3), between: below(3)), acts: oneIn(2),
            deletesOld: oneIn(3), policies: hash(), terms: maybe { $0.text() }, pieces: some(3) { $0.piece() })
    }

    private mutating func coverage() -> Coverage {
        Coverage(
            lookBack: Period(milliseconds: number()), retriesKnownFrom: maybe { $0.execution() },
            rowsKnownFrom: maybe { $0.execution() }, idsKnownFrom: maybe { $0.execution() }, unknownIDs: below(9),
            hidesWaiting: oneIn(2))
    }

    mutating func piece() -> EvidencePiece { EvidencePiece(value(2), about: maybe { $0.execution() }) }

    private mutating func hash() -> EvidenceHash { EvidenceHash(of: value(1)) }

    package mutating func decisionEvidence() -> DecisionEvidence? {
        let evidence = DecisionEvidence(enforced: maybe { $0.source() }, dryRun: maybe { $0.source() })
        return evidence == DecisionEvidence() ? nil : evidence
    }

    private mutating func source() -> DecisionEvidence.Source { oneIn(4) ? .joint(hash()) : .own(slice()) }

    private mutating func slice() -> EvidenceSlice {
        var slice = EvidenceSlice(judging: Set(some(2) { $0.execution() }))
        slice.rows = some(3) { $0.hash() }
        slice.facts = some(2) { $0.facts() }
        slice.workflows = maybe { $0.some(2) { $0.hash() } }
        slice.histories = some(2) { random in
            .init(
                WorkflowID(random.text()), newestSuccess: random.maybe { $0.execution() },
                runTimes: random.maybe { RunTimes(samples: $0.below(99), p95: Period(milliseconds: $0.number())) })
        }
        slice.groups = some(2) { random in
            GroupCount(
                policy: random.text(), workflow: random.maybe { WorkflowID($0.text()) }, count: random.below(9),
                pending: random.below(9), unknown: random.below(9), isComplete: random.oneIn(2),
                holds: random.maybe { $0.oneIn(2) })
        }
        slice.populations = some(2) { random in
            .init(
                policy: random.text(),
                per: random.oneIn(2) ? .tick : .window(Period(milliseconds: random.number())), chains: random.below(9))
        }
        return slice
    }

    private mutating func facts() -> EvidenceSlice.Facts {
        var facts = EvidenceSlice.Facts(execution())
        facts.detail = maybe { $0.hash() }
        facts.createdAt = maybe { $0.time() }
        facts.failedAt = maybe { $0.time() }
        facts.tags = maybe { $0.some(2) { AnnotationTag(id: $0.text(), name: $0.text()) } }
        facts.hidesTags = oneIn(2)
        facts.firstSeen = maybe { $0.time() }
        facts.lastSeenWaiting = maybe { $0.time() }
        facts.wasSeenLive = oneIn(2)
        return facts
    }

    /// Data of an execution with everything that it can tell.
    package mutating func detail() -> ExecutionDetail {
        let readings: [ExecutionDetail.Readability] = [.readable, .redacted, .oversized, .unreadable(text()), .unfound]
        var detail = ExecutionDetail(
            readability: pick(readings), status: pick(ExecutionStatus.allCases), createdAt: maybe { $0.time() },
            error: maybe { $0.errorEvidence() }, lastNode: maybe { $0.node() }, itemsToRepeat: maybe { $0.below(9) },
            finishedNodes: maybe { $0.below(9) }, resumesAtNode: maybe { $0.oneIn(2) },
            waitKind: maybe { $0.pick([.timer, .event]) },
            customData: Dictionary(some(2) { ($0.text(), $0.text()) }) { first, _ in first },
            parentExecution: maybe { $0.execution() }, workflowVersion: maybe { $0.text() },
            reachedTimeLimit: maybe { $0.oneIn(2) })
        detail.startNode = maybe { $0.node() }
        detail.hasEmptyStack = oneIn(3)
        detail.ranToItsEnd = oneIn(3)
        detail.ranPastStack = oneIn(3)
        detail.tools = maybe { $0.some(2) { $0.node() } }
        detail.unreadCustomData = maybe { Set($0.some(2) { $0.text() }) }
        return detail
    }

    private mutating func node() -> NodeEvidence {
        NodeEvidence(
            name: text(), type: maybe { $0.text() }, operation: maybe { $0.text() }, resource: maybe { $0.text() },
            method: maybe { $0.text() }, target: maybe { $0.text() },
            assurances: Set(some(3) { $0.pick(NodeAssurance.allCases) }))
    }

    private mutating func errorEvidence() -> ErrorEvidence {
        ErrorEvidence(
            name: maybe { $0.text() }, message: maybe { $0.text() }, description: maybe { $0.text() },
            httpCode: maybe { $0.text() }, cause: maybe { $0.text() }, messages: some(2) { $0.text() },
            status: maybe { $0.text() }, codes: some(2) { $0.text() }, answerCodes: some(2) { $0.text() },
            details: some(2) { $0.text() },
            at: maybe { $0.time() }, retryAfter: maybe { Period(milliseconds: $0.number()) },
            resetsAt: maybe { $0.time() }, itemIndex: maybe { $0.below(9) })
    }

    package mutating func workflow() -> WorkflowInfo {
        WorkflowInfo(
            id: WorkflowID(text()), name: text(), active: oneIn(2), tags: some(2) { $0.text() },
            projects: some(2) { $0.text() }, draftVersion: maybe { $0.text() }, publishedVersion: maybe { $0.text() },
            savesSuccesses: maybe { $0.oneIn(2) }, savesFailures: maybe { $0.oneIn(2) },
            savesProgress: maybe { $0.oneIn(2) }, errorWorkflow: maybe { WorkflowID($0.text()) },
            isArchived: oneIn(2), hidesTags: oneIn(2), hidesProjects: oneIn(2), nodes: maybe { $0.nodes() })
    }

    private mutating func nodes() -> WorkflowNodes {
        var nodes = WorkflowNodes()
        for _ in 0..<below(4) { nodes.add(name: text(), type: text(), isDisabled: oneIn(3)) }
        return nodes
    }
}
