package import MendflowCore

/// The kinds of evidence. The list is complete: a new case does not compile without its kind here, nor a kind without
/// evidence that is made of it.
package enum EvidenceKind: String, CaseIterable, Sendable {
    case notSent, proof, accounted, answered, failed, unanswered, agentEnded, child, toldBySpan, stopVerified,
        endedOtherwise, goesOn
    case bulkAnswered, bulkVerified, tagsPresent, tagsVerified, tagsMissing, tagsUnverified, tagsMayBeWrittenAgain
    case deletionVerified, notDeleted, sentAgain, resolved

    package init(_ evidence: OutcomeEvidence) {
        switch evidence {
        case .notSent: self = .notSent
        case .proof: self = .proof
        case .accounted: self = .accounted
        case .answered: self = .answered
        case .failed: self = .failed
        case .unanswered: self = .unanswered
        case .agentEnded: self = .agentEnded
        case .child: self = .child
        case .toldBySpan: self = .toldBySpan
        case .stopVerified: self = .stopVerified
        case .endedOtherwise: self = .endedOtherwise
        case .goesOn: self = .goesOn
        case .bulkAnswered: self = .bulkAnswered
        case .bulkVerified: self = .bulkVerified
        case .tagsPresent: self = .tagsPresent
        case .tagsVerified: self = .tagsVerified
        case .tagsMissing: self = .tagsMissing
        case .tagsUnverified: self = .tagsUnverified
        case .tagsMayBeWrittenAgain: self = .tagsMayBeWrittenAgain
        case .deletionVerified: self = .deletionVerified
        case .notDeleted: self = .notDeleted
        case .sentAgain: self = .sentAgain
        case .resolved: self = .resolved
        }
    }
}

extension RandomEvents {
    /// Evidence of a kind.
    package mutating func evidence(_ kind: EvidenceKind) -> OutcomeEvidence {
        switch kind {
        case .notSent: .notSent(objection: maybe { $0.text() })
        case .proof: .proof(proof(), status: maybe { $0.below(600) }, message: text())
        case .accounted: .accounted(from: maybe { $0.execution() }, upTo: execution())
        case .answered: .answered(maybe { $0.status() })
        case .failed: .failed(message: text())
        case .unanswered: .unanswered(status: maybe { $0.below(600) }, message: text())
        case .agentEnded: .agentEnded
        case .child: .child(execution(), status(), isDoubtful: oneIn(2))
        case .toldBySpan: .toldBySpan(execution(), status(), at: maybe { $0.time() })
        case .stopVerified: .stopVerified
        case .endedOtherwise: .endedOtherwise(status(), wasCanceled: oneIn(2))
        case .goesOn: .goesOn(status())
        case .bulkAnswered: .bulkAnswered(expected: below(9), stopped: below(9))
        case .bulkVerified: .bulkVerified(before: maybe { $0.text() }, canceled: below(9), live: below(9))
        case .tagsPresent: .tagsPresent
        case .tagsVerified: .tagsVerified
        case .tagsMissing: .tagsMissing
        case .tagsUnverified: .tagsUnverified(text())
        case .tagsMayBeWrittenAgain: .tagsMayBeWrittenAgain
        case .deletionVerified: .deletionVerified
        case .notDeleted: .notDeleted
        case .sentAgain: .sentAgain
        case .resolved: .resolved(by: text(), reason: text())
        }
    }

    private mutating func status() -> ExecutionStatus { pick(ExecutionStatus.allCases) }

    package mutating func proof() -> Proof {
        pick([
            .notSent, .refusal(text()), .refusal("not_found"), .refusal("a:b"), .redirect, .throttled, .startingUp,
            .neverSent, .accounted,
        ])
    }
}
