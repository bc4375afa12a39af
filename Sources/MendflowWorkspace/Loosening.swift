import MendflowCore
package import MendflowLedger
import MendflowPolicy

/// Something that holds the agent back, and would not any more if a change of the files came into force (decision 0049).
package struct Loosening: Sendable, Hashable {
    /// What is lost, so that it can be kept.
    enum Subject: Sendable, Hashable {
        /// No file has the policy any more.
        case gone(policy: String)
        /// A policy holds itself back less.
        case loosened(policy: String)
        /// A protection, of an instance or (nil) of all.
        case protection(Protection, instance: String?)
        /// The limits of an instance.
        case limits(instance: String)
    }
    var subject: Subject
    /// What is lost, in words.
    package var words: String
    /// What holds until a person has let it go, in words.
    var meanwhile: String {
        switch subject {
        case .gone: "what it matches is held meanwhile"
        case .loosened: "it stays as it was meanwhile"
        case .protection: "it holds meanwhile"
        case .limits: "they stay as they were meanwhile"
        }
    }

    /// What of it goes on record.
    package var recorded: ReloadLoss {
        let subject: ReloadLoss.Subject =
            switch subject {
            case .gone(let policy), .loosened(let policy): .policy(policy)
            case .protection(_, let instance): .protection(instance: instance)
            case .limits(let instance): .limits(instance: instance)
            }
        return ReloadLoss(subject, words)
    }

    /// The policy that no file has any more; nil where it is something else.
    package var gonePolicy: String? { if case .gone(let policy) = subject { policy } else { nil } }
}

extension Workspace {
    /// What would be lost if another reading of the files came into force: what only a person may let through.
    package func loosenings(to read: Workspace) -> [Loosening] {
        let now = ClockOffset.zero.server(clock.now())
        return policies.compactMap { loosening(of: $0, in: read, now) } + lostProtections(in: read)
            + looserLimits(in: read)
    }

    private func loosening(of policy: Policy, in read: Workspace, _ now: ServerTime) -> Loosening? {
        guard let new = read.policies.first(where: { $0.continues(policy) }) else {
            // What only looked on and was taken out of its file is missed by nobody; a file may be lost.
            let isFileGone = !read.policyFiles.contains(policy.place.file)
            guard isFileGone || policy.mode == .enforce || policy.isOrphan else { return nil }
            let why = isFileGone ? "its file \(policy.place.file) is gone" : "\(policy.place.file) has it no more"
            return Loosening(
                subject: .gone(policy: policy.name),
                words: "policy '\(policy.name)': \(why)")
        }
        guard new.mode == .enforce else { return nil }
        let losses = policy.losses(in: new, now)
        guard !losses.isEmpty else { return nil }
        return Loosening(
            subject: .loosened(policy: policy.name),
            words: "policy '\(policy.name)': \(losses.joined(separator: "; "))")
    }

    private func lostProtections(in read: Workspace) -> [Loosening] {
        var found: [Loosening] = []
        func compare(_ old: [Protection], _ new: [Protection], _ instance: String?) {
            let kept = Set(new.map(\.match.placeless))
            for protection in old where !kept.contains(protection.match.placeless) {
                let place = protection.place.map { " (it stood in \($0))" } ?? ""
                let whose = instance.map { " of '\($0)'" } ?? ""
                found.append(
                    Loosening(
                        subject: .protection(protection, instance: instance),
                        words: "the protection\(whose) by \(protection.match.summary)\(place)"))
            }
        }
        compare(configuration.protections, read.configuration.protections, nil)
        for (old, new) in instancePairs(read) { compare(old.protections, new.protections, old.name) }
        return found
    }

    private func looserLimits(in read: Workspace) -> [Loosening] {
        instancePairs(read).compactMap { old, new in
            var losses = ActionCap.losses(from: old.limits.maxActions, to: new.limits.maxActions)
            if new.limits.maxInFlight > old.limits.maxInFlight {
                losses.append("max_in_flight was \(old.limits.maxInFlight)")
            }
            guard !losses.isEmpty else { return nil }
            return Loosening(
                subject: .limits(instance: old.name),
                words:
                    "the limits of '\(old.name)': \(losses.joined(separator: "; "))")
        }
    }

    private func instancePairs(_ read: Workspace) -> [(Configuration.Instance, Configuration.Instance)] {
        configuration.instances.compactMap { old in
            read.configuration.instances.first { $0.name == old.name }.map { (old, $0) }
        }
    }
}

extension Policy {
    /// Whether it is another one, or what became of it.
    fileprivate func continues(_ old: Policy) -> Bool { name == old.name || renamedFrom == old.name }

    /// What holds this policy back and would not hold another text of it back.
    fileprivate func losses(in new: Policy, _ now: ServerTime) -> [String] {
        exceptionLosses(in: new, now) + matchLosses(in: new) + actionLosses(in: new) + guards.losses(in: new.guards)
    }

    private func exceptionLosses(in new: Policy, _ now: ServerTime) -> [String] {
        (isOrphan ? exceptions.dropFirst() : exceptions[...]).compactMap { old in
            guard old.until.map({ $0 > now }) ?? true else { return nil }
            let same = new.exceptions.filter { $0.match.placeless == old.match.placeless }
            guard !same.isEmpty else { return "its exception '\(old.reason)' is gone" }
            let lasts = same.contains { one in one.until.map { end in old.until.map { end >= $0 } ?? false } ?? true }
            return lasts ? nil : "its exception '\(old.reason)' ends earlier"
        }
    }

    /// Conditions that were only taken away. Which of two other conditions asks for more nobody can tell.
    private func matchLosses(in new: Policy) -> [String] {
        var losses: [String] = []
        let (old, left) = (Policy.parts(match), Policy.parts(new.match))
        if left.isSubset(of: old) {
            losses += old.subtracting(left).map { "it asks no more for \($0.summary)" }.sorted()
        }
        if when != nil, new.when == nil { losses.append("its `when` is gone") }
        if let here = instances.map(Set.init), new.instances.map({ !here.isSuperset(of: $0) }) ?? true {
            losses.append("it applies to more instances")
        }
        if approval != nil, new.approval == nil { losses.append("it asks nobody any more") }
        if demotion != nil, new.demotion == nil { losses.append("it goes back to dry-run by itself no more") }
        if let share = rollout?.percent, new.rollout.map({ $0.percent > share }) ?? true {
            losses.append("it took part in \(share) of a hundred chains")
        }
        return losses
    }

    private static func parts(_ condition: Condition?) -> Set<Condition> {
        switch condition {
        case nil: []
        case .all(let parts)?: Set(parts.map(\.placeless))
        case let one?: [one.placeless]
        }
    }

    private func actionLosses(in new: Policy) -> [String] {
        guard case .retry(let old)? = remediation, case .retry(let retry)? = new.remediation else { return [] }
        var losses: [String] = []
        if retry.maxRetries > old.maxRetries { losses.append("max_retries was \(old.maxRetries)") }
        if !retry.acceptedRisks.isSubset(of: old.acceptedRisks) { losses.append("it accepts repeats that it held") }
        if retry.whenUnresolved == .resend, old.whenUnresolved == .hold {
            losses.append("it sends again what was lost")
        }
        if retry.allowDraft, !old.allowDraft { losses.append("it may run drafts") }
        return losses
    }
}

extension Guards {
    fileprivate func losses(in new: Guards) -> [String] {
        var losses = ActionCap.losses(from: maxActions, to: new.maxActions)
        for old in rateLimits
        where !new.rateLimits.contains(where: { $0.per == old.per && $0.groupBy == old.groupBy && $0.max <= old.max }) {
            losses.append("its rate limit of \(old.max) per \(old.per) is gone or higher")
        }
        func note(_ isLost: Bool, _ words: @autoclosure () -> String) { if isLost { losses.append(words()) } }
        if let old = maxInFlight { note(new.maxInFlight.map { $0 > old } ?? true, "max_in_flight was \(old)") }
        if let old = cooldown { note(new.cooldown.map { $0 < old } ?? true, "its cooldown was \(old)") }
        if let old = giveUpAfter { note(new.giveUpAfter.map { $0 > old } ?? true, "give_up_after was \(old)") }
        note(new.yieldToHumans < yieldToHumans, "yield_to_humans was \(yieldToHumans)")
        if let old = circuitBreaker {
            note(
                new.circuitBreaker.map { !$0.isAsStrict(as: old) } ?? true, "its circuit breaker is gone or opens later"
            )
        }
        note(!activeDuring.isEmpty && activeDuring != new.activeDuring, "its active_during was another")
        note(!notDuring.allSatisfy(new.notDuring.contains), "its not_during was longer")
        return losses
    }
}

extension CircuitBreaker {
    fileprivate func isAsStrict(as old: CircuitBreaker) -> Bool {
        failureThreshold <= old.failureThreshold && window >= old.window && openFor >= old.openFor
            && groupBy == old.groupBy
    }
}

extension ActionCap {
    /// Caps to which no other one is as low.
    fileprivate static func losses(from old: [ActionCap], to new: [ActionCap]) -> [String] {
        old.filter { cap in !new.contains { $0.isAsLow(as: cap) } }.map { "its cap of \($0) is gone or higher" }
    }

    private func isAsLow(as old: ActionCap) -> Bool {
        per == old.per && amount <= old.amount
            && old.percent.map { most in percent.map { $0 <= most } ?? false } ?? true
    }
}

extension Condition {
    /// The fields that it looks at, with the texts that it wants of them: two conditions on one field are told apart.
    fileprivate var summary: String { Set(parts).sorted().joined(separator: ", ") }

    private var parts: [String] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.parts)
        case .not(let part): part.parts.map { "not \($0)" }
        case .test(let test): [test.summary]
        }
    }
}

extension FieldTest {
    /// So many texts are named.
    private static let mostNamed = 5

    fileprivate var summary: String {
        let texts = operators.flatMap { operation -> [String] in
            switch operation {
            case .anyOf(let matches): matches.map { "'\($0.source)'" }
            case .noneOf(let matches): matches.map { "not '\($0.source)'" }
            default: []
            }
        }
        guard !texts.isEmpty else { return field.name }
        let more = texts.count > Self.mostNamed ? " or \(texts.count - Self.mostNamed) others" : ""
        return "\(field.name) \(texts.prefix(Self.mostNamed).joined(separator: " or "))\(more)"
    }
}
