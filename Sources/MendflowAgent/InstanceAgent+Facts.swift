import MendflowCore

/// What a tick has asked for so far because its plan needed it.
struct FactFetching: Sendable {
    /// When it began, on the clock that nobody sets.
    let begun: Period
    /// Everything is asked for once at most in a tick.
    var asked: Set<Need> = []
    /// Requests that brought no answer; with a few of them the server is left alone until the next tick.
    var unanswered = 0

    static let mostUnanswered = 4
}

/// A fact that could not be read: how often it was asked for, and when to ask again.
struct UnreadableFact: Sendable {
    private(set) var tries: Int
    private(set) var askAgain: Timestamp

    /// After 5 minutes, then 10, up to 160: a passing fault must not hold an execution for ever.
    init(after earlier: UnreadableFact?, at now: Timestamp) {
        tries = min((earlier?.tries ?? 0) + 1, 6)
        askAgain = now + .minutes(Int64(5 << (tries - 1)))
    }
}

extension InstanceAgent {
    /// After so many answers that did not come a fact counts as unreadable.
    private static let mostTries = 3

    func forgetUnreadable(_ now: Timestamp) {
        for (id, trouble) in unreadable where trouble.askAgain <= now { book.details[id] = nil }
        unreadable = unreadable.filter { book.executions[$0.key] != nil }
        unreadableTags = unreadableTags.filter { book.executions[$0.key] != nil && $0.value.askAgain > now }
        unansweredNeeds = unansweredNeeds.filter { book.executions[$0.key.execution] != nil }
    }

    private func noteReadability(_ id: ExecutionID, _ readability: ExecutionDetail.Readability, _ now: Timestamp) {
        guard let trouble = readability.trouble else {
            unreadable[id] = nil
            return
        }
        if unreadable[id] == nil {
            emit(
                .info, "detail.unreadable", "execution \(id): \(trouble); what its data would tell is unknown",
                [("execution", id.text)])
        }
        unreadable[id] = UnreadableFact(after: unreadable[id], at: now)
    }

    /// Fetches facts, within the tick's budget of requests and time; what did not answer before comes last. False where
    /// nothing was learned.
    func fetch(_ needs: [Need], _ fetching: inout FactFetching, _ report: inout TickReport) async -> Bool {
        let budget = configuration.detailsPerTick - report.details
        let unanswered = unansweredNeeds
        let open = needs.filter { !fetching.asked.contains($0) }.sorted { one, other in
            let (first, second) = (unanswered[one] ?? 0, unanswered[other] ?? 0)
            return first == second ? one < other : first < second
        }
        guard budget > 0, !open.isEmpty else { return false }
        let reader = reader
        var rest = open.prefix(budget).makeIterator()
        var learned = 0
        func next(_ fetching: FactFetching) -> Need? {
            let isLate = clock.monotonic() - fetching.begun >= configuration.readingTime
            return isLate || fetching.unanswered >= FactFetching.mostUnanswered ? nil : rest.next()
        }
        await withTaskGroup(of: (Need, Result<FetchedFact, ReadFailure>).self) { group in
            func start(_ need: Need) {
                fetching.asked.insert(need)
                report.details += 1
                group.addTask { (need, await FetchedFact.fetch(need, reader)) }
            }
            for _ in 0..<4 { if let need = next(fetching) { start(need) } }
            while let (need, result) = await group.next() {
                if case .failure(let failure) = result, !failure.concernsOneRow { fetching.unanswered += 1 }
                if take(need, result, now: report.now) { learned += 1 }
                if let need = next(fetching) { start(need) }
            }
        }
        return learned > 0
    }

    private func take(_ need: Need, _ result: Result<FetchedFact, ReadFailure>, now: Timestamp) -> Bool {
        let id = need.execution
        if case .success = result { unansweredNeeds[need] = nil }
        switch result {
        case .success(.detail(let detailed)):
            do throws(EpochWatch.Contradiction) { try book.note(detailed.execution, at: now) } catch {
                raiseAlarm(error)
                return false
            }
            book.details[id] = detailed.detail
            noteReadability(id, detailed.detail.readability, now)
        case .success(.tags(let found)):
            tags[id] = found
            unreadableTags[id] = nil
            keepTags(found)
        case .success(.gone):
            book.noteMissing(id)
            let latch = Latch(.gone, id, at: now)
            _ = commit([.latch(instance, latch, shadow: false)], [.latched(latch, instance: instance, at: now)])
        case .failure(let failure):
            emit(failure)
            return take(need, failure, now: now)
        }
        return true
    }

    /// What this row alone cannot tell, or the key may not read, is unknown from now on, which is a fact too. What was not
    /// answered is asked for again, a few times.
    private func take(_ need: Need, _ failure: ReadFailure, now: Timestamp) -> Bool {
        let tries = unansweredNeeds[need, default: 0] + 1
        guard failure.concernsOneRow || failure.kind == .forbidden || tries >= InstanceAgent.mostTries else {
            unansweredNeeds[need] = tries
            return false
        }
        unansweredNeeds[need] = nil
        let id = need.execution
        switch need {
        case .detail:
            guard let row = book.executions[id] else { return false }
            let readability = ExecutionDetail.Readability.unreadable(failure.description)
            book.details[id] = ExecutionDetail(
                readability: readability, status: row.status, createdAt: row.createdAt)
            noteReadability(id, readability, now)
        case .tags: unreadableTags[id] = UnreadableFact(after: unreadableTags[id], at: now)
        }
        return true
    }

    /// Keeps the ids of tags that an execution bears, for policies that name them.
    func keepTags(_ found: [AnnotationTag]) {
        let new = found.filter { policies.tagIDs[$0.name] == nil && learnedTags[$0.name] != $0.id }
        guard !new.isEmpty else { return }
        _ = commit(new.map { .learnTag(instance, name: $0.name, id: $0.id) }, [])
        learn(Dictionary(new.map { ($0.name, $0.id) }) { _, last in last })
        emit(.info, "tag.learned", "learned the ids of tags: \(new.map(\.name).sorted().joined(separator: ", "))")
    }

    func learn(_ tags: [String: String]) {
        learnedTags.merge(tags) { _, new in new }
        policies.learn(learnedTags)
    }
}

/// A fact that a plan asked for.
enum FetchedFact: Sendable {
    case detail(DetailedExecution)
    case tags([AnnotationTag])
    case gone

    static func fetch(_ need: Need, _ reader: any ExecutionReader) async -> Result<FetchedFact, ReadFailure> {
        do throws(ReadFailure) {
            switch need {
            case .detail(let id): return .success(try await reader.detail(id).map { .detail($0) } ?? .gone)
            case .tags(let id): return .success(try await reader.tags(of: id).map { .tags($0) } ?? .gone)
            }
        } catch {
            return .failure(error)
        }
    }
}
