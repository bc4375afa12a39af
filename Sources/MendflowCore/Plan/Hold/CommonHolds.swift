/// What holds actions of every kind.
enum CommonHolds {
    /// What the policy itself says.
    static let ofPolicy = [
        HoldRule(.excepted, "An exception of the policy is true of it, or nobody can tell.", isExcepted),
        HoldRule(
            .ambiguousWorkflow, "The policy names its workflow, and several workflows bear that name.", hasSharedName),
    ]

    /// What other policies say: whoever writes an exception means that the execution is left alone, and not that the next
    /// policy may have it.
    static let ofOthers = [
        HoldRule(
            .excepted, "An exception of another enforced policy that matches is true of it, or nobody can tell.",
            isExceptedElsewhere)
    ]

    /// What the configuration and the state of the instance say.
    static let ofInstance = [
        HoldRule(.protected, "A protection of the configuration is true of it, or nobody can tell.", isProtected),
        HoldRule(.notOffered, "This n8n has no request for this kind of action.") {
            $0.context.snapshot.notOffered.contains($0.kind)
                ? .held("this n8n has no request for \($0.kind.rawValue)") : .clear
        },
        HoldRule(.forbidden, "The API key may not do this kind of action.") {
            .held(by: $0.context.view.suspended[$0.kind])
        },
        HoldRule(.incompletePoll, "This poll was incomplete, and nothing is concluded from what it does not show.") {
            guard case .partial(let why) = $0.context.snapshot.completeness else { return .clear }
            return .held(why.joined(separator: "; "))
        },
        HoldRule(
            .clockDisputed,
            "It depends on n8n's time, as every retry and deletion does, and `Date`, rows and the agent's clock disagree."
        ) {
            .held(by: $0.dependsOnTime && $0.context.clockOffset.isDisputed ? $0.context.clockOffset.trouble : nil)
        },
        HoldRule(
            .clockDisputed,
            "It is a deletion, which is for ever, and n8n's clock and the agent's are more than an hour apart."
        ) {
            let apart = $0.context.clockOffset.ahead.magnitude
            guard $0.kind == .delete, apart > .hours(1) else { return .clear }
            return .held("n8n's clock and this machine's are \(apart) apart, and a deletion is for ever")
        },
        HoldRule(.epochAlarm, "n8n's database seems to be another one than it was.") {
            .held(by: $0.context.view.alarm)
        },
        HoldRule(.paused, "Acting is paused.") { .held(by: $0.context.view.paused) },
    ]

    /// What n8n said before to the same request.
    static let ofAnswers = [
        HoldRule(.closed, "n8n said that it cannot be done to this execution.") {
            .held(by: $0.context.view.isClosed($0.subject.row.id, for: $0.kind) ? "n8n refuses it" : nil)
        },
        HoldRule(
            .refused, "Three tries were refused; those for n8n's limit of requests count 11 hours after the first."
        ) {
            let refusals = $0.refusalsForGood
            guard refusals.count >= 3 else { return .clear }
            return .held("three tries were refused: \(refusals.last?.note ?? "")")
        },
    ]

    /// The status is none that the action fits.
    static let ofStatus = HoldRule(.noPolicy, "Its status is none that the action fits.") {
        .held(if: !$0.kind.definition.fittingStatuses.contains($0.subject.row.status))
    }

    private static func isExcepted(_ proposal: Proposal) -> HoldAnswer {
        proposal.answer(of: proposal.policy.exceptions) { $0.reason }
    }

    private static func isExceptedElsewhere(_ proposal: Proposal) -> HoldAnswer {
        for position in proposal.excepting where position != proposal.shared.position {
            let other = proposal.context.set.policies[position]
            let answer = proposal.answer(of: other.sharedExceptions) { "\(other.name) leaves it alone: \($0.reason)" }
            if !answer.isClear { return answer }
        }
        return .clear
    }

    private static func isProtected(_ proposal: Proposal) -> HoldAnswer {
        for protection in proposal.context.set.protections {
            let words = protection.place?.description ?? ""
            let answer = HoldAnswer.held(where: protection.match, isTrueOf: proposal.subject, words)
            if !answer.isClear { return answer }
        }
        return .clear
    }

    /// A name is a handle for one workflow: where several bear it, nobody can tell which was meant (semantics 5).
    private static func hasSharedName(_ proposal: Proposal) -> HoldAnswer {
        let context = proposal.context
        guard !context.sharedNames.isEmpty, let name = proposal.subject.workflow?.name,
            let bearers = context.sharedNames[name],
            let match = proposal.policy.match, match.names(.workflowName, name)
        else { return .clear }
        return .held("\(bearers) workflows are named '\(name)'; match by id")
    }
}

extension Proposal {
    /// Whether anything that leads to it goes by n8n's time: a wait before it, what was compared with now while the row was
    /// judged, what is counted over a time for its policy, and hours.
    fileprivate var dependsOnTime: Bool {
        let policies = [shared] + tags.map(\.shared)
        return kind.definition.hasDueTime || context.validity.comparesRow || context.judged.hasGroups
            || settledAt != nil || policies.contains { $0.policy.guards.goByTheClock }
    }

    /// What the first exception in force that is not plainly untrue of the execution says.
    fileprivate func answer(of exceptions: some Sequence<PolicyException>, _ words: (PolicyException) -> String)
        -> HoldAnswer
    {
        for exception in exceptions where exception.until.map({ !context.validity.hasCome($0) }) ?? true {
            let answer = HoldAnswer.held(where: exception.match, isTrueOf: subject, words(exception))
            if !answer.isClear { return answer }
        }
        return .clear
    }
}
