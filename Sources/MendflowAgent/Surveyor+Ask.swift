import MendflowCore
import MendflowCycle

/// What a survey has asked so far because its steps wanted to know it.
struct Asking: Sendable {
    /// When it began, in monotonic time.
    let begun: Period
    /// What was asked and answered; everything is asked once at most in a survey.
    var answers = Cycle.Answers()
    /// Requests for facts, and those that brought no answer: with a few of them the server is left alone for now.
    var details = 0, unanswered = 0

    static let mostUnanswered = 4
    /// How many requests are open at once.
    static let mostOpen = 4
    /// How long the server asked to be left alone, where it did.
    var askedToWait: Period?
    /// Executions that the lists of this survey's poll showed.
    var listed: Set<ExecutionID> = []
    static let mostRounds = 12
}

/// What was answered.
private enum Answer: Sendable {
    case detail(DetailedExecution)
    case tags([AnnotationTag])
    case row(Execution)
    case gone
    case page(ExecutionPage)
}

extension Surveyor {
    /// Asks what is to be known, four at a time and the next one as soon as one is answered, within the survey's
    /// budget of requests and time. False where nothing was learned.
    func ask(_ questions: [Question], _ asking: inout Asking, _ survey: inout Survey) async -> Bool {
        let facts = memory.facts.inTurn(
            questions.compactMap { if case .fact(let need) = $0 { need } else { nil } })
        let others = questions.filter { if case .fact = $0 { false } else { true } }
        // The lists of this tick are read, and the next one would read them again: all that n8n's limit leaves is asked for.
        let room = max(
            0,
            min(
                configuration.detailsPerTick - asking.details,
                reader.keyLimits.reads?.room(at: clock.monotonic()) ?? .max))
        let all = others + facts.prefix(room).map { .fact($0) }
        var rest = all.filter { !asking.answers.questions.contains($0) }[...]
        let contradiction = memory.contradiction
        let (reader, query) = (reader, oldPageQuery(survey.now))
        var learned = false
        await withTaskGroup(of: (Question, Result<Answer, ReadFailure>).self) { group in
            var open = 0
            while true {
                while open < Asking.mostOpen, !isLate(asking), let question = rest.popFirst() {
                    group.addTask { (question, await Answer.of(question, query, reader)) }
                    open += 1
                }
                guard let (question, answer) = await group.next() else { break }
                open -= 1
                asking.answers.questions.insert(question)
                if case .fact = question { asking.details += 1 }
                if keep(answer, to: question, &asking, &survey) { learned = true }
            }
        }
        // A row may have shown that the database is another one: then another step must be taken, whatever was learned.
        return learned || contradiction == nil && memory.contradiction != nil
    }

    private func isLate(_ asking: Asking) -> Bool {
        clock.monotonic() - asking.begun >= configuration.readingTime
            || asking.unanswered >= Asking.mostUnanswered || asking.askedToWait != nil
    }

    /// Where the walk over old rows goes on: at the look-back's edge, or where the server cannot bound lists at the top.
    private func oldPageQuery(_ now: ServerTime) -> ListQuery {
        memory.walk
            ?? (memory.capabilities?.boundsByStart == true
                ? ListQuery(startedBefore: now - configuration.lookBack) : ListQuery())
    }

    private func keep(
        _ answer: Result<Answer, ReadFailure>, to question: Question, _ asking: inout Asking, _ survey: inout Survey
    ) -> Bool {
        if case .failure(let failure) = answer { survey.unanswered.append(failure) }
        switch (question, answer) {
        case (.row(let id), .success(let found)):
            if case .row(let row) = found { note(row, survey.now) }
            asking.answers.rows[id] = .some(found.row)
            noteStopLook(id, survey)
            return true
        case (.row(let id), .failure(let failure)):
            survey.remarks.append(Remark(failure))
            noteStopLook(id, survey)
            return false
        case (.oldPage, .success(.page(let page))):
            keepOld(page, &asking, &survey)
            return true
        case (.oldPage, .failure(let failure)):
            // The round begins anew, and with what the server can do now.
            memory.walk = nil
            if memory.capabilities?.contradiction(by: failure) != nil { memory.mustProbeServer = true }
            survey.remarks.append(Remark(failure))
            return false
        case (.fact(let need), .success(let found)): return keep(found, for: need, &asking, &survey)
        case (.fact(let need), .failure(let failure)): return keep(failure, for: need, &asking, &survey)
        case (.oldPage, .success): return false
        }
    }

    private func noteStopLook(_ id: ExecutionID, _ survey: Survey) {
        for intent in survey.step?.view.intents ?? []
        where intent.draft.action == .stop && intent.draft.execution == id && intent.state == .applied {
            memory.stopLooks[intent.id, default: 0] += 1
        }
    }

    /// Takes a row in; one that contradicts what is known is another database's.
    @discardableResult
    func note(_ row: Execution, _ now: ServerTime) -> Bool {
        do throws(EpochWatch.Contradiction) {
            try memory.observed.note(row, at: now)
            memory.facts.forget(memory.observed.takeChanged())
            return true
        } catch {
            memory.contradiction = error
            return false
        }
    }

    private func keepOld(_ page: ExecutionPage, _ asking: inout Asking, _ survey: inout Survey) {
        survey.requests += 1
        var next = oldPageQuery(survey.now)
        next.cursor = page.nextCursor
        memory.walk = page.nextCursor == nil ? nil : next
        asking.answers.oldPage = OldPage(rows: page.executions)
    }

    private func keep(
        _ found: Answer, for need: Need, _ asking: inout Asking, _ survey: inout Survey
    ) -> Bool {
        let id = need.execution
        let isOld = memory.observed.executions[id] == nil
        switch found {
        case .detail(let detailed):
            if isOld {
                asking.answers.oldPage?.details[id] = detailed.detail
            } else {
                guard note(detailed.execution, survey.now) else { return false }
                let trouble = memory.facts.note(detailed.detail, of: id, at: survey.now)
                if let trouble { survey.remarks.append(.unreadable(id, trouble)) }
            }
        case .tags(let tags):
            if isOld { asking.answers.oldPage?.tags[id] = tags } else { memory.facts.note(tags: tags, of: id) }
            asking.answers.learnedTags += learn(from: tags, &survey.remarks)
        case .gone:
            if isOld {
                asking.answers.oldPage?.rows.removeAll { $0.id == id }
            } else if let row = memory.observed.executions[id],
                asking.listed.contains(id) || memory.facts.wasUnreadable(need)
            {
                // A list and the answer by id contradict each other, as a moment after the list it may have been deleted.
                let trouble = memory.facts.noteUnfound(need, of: row, at: survey.now)
                if let trouble { survey.remarks.append(.unreadable(id, trouble)) }
            } else {
                memory.observed.noteMissing(id)
                memory.facts.forget(memory.observed.takeChanged())
                asking.answers.vanished.append(id)
            }
        case .row, .page: return false
        }
        return true
    }

    private func keep(
        _ failure: ReadFailure, for need: Need, _ asking: inout Asking, _ survey: inout Survey
    ) -> Bool {
        survey.remarks.append(Remark(failure))
        survey.unread[need.execution] = failure
        if !failure.concernsOneRow { asking.unanswered += 1 }
        if failure.kind == .throttled {
            asking.askedToWait = max(asking.askedToWait ?? .zero, failure.retryAfter ?? .zero)
        }
        let row = memory.observed.executions[need.execution]
        guard row != nil || asking.answers.oldPage == nil else { return false }
        switch memory.facts.note(failure, for: need, of: row, at: survey.now) {
        case .again: return false
        case .detailUnknown(let trouble):
            if let trouble { survey.remarks.append(.unreadable(need.execution, trouble)) }
            return true
        case .tagsUnknown: return true
        }
    }

    /// Tags whose ids were not known before.
    func learn(from found: [AnnotationTag], _ remarks: inout [Remark]) -> [AnnotationTag] {
        let new = found.filter { policies.tagIDs[$0.name] == nil && memory.learnedTags[$0.name] != $0.id }
        guard !new.isEmpty else { return [] }
        let names = new.map(\.name).sorted().joined(separator: ", ")
        remarks.append(Remark(.info, "tag.learned", "learned the ids of tags: \(names)"))
        learn(Dictionary(new.map { ($0.name, $0.id) }) { _, last in last })
        return new
    }
}

extension Remark {
    fileprivate static func unreadable(_ id: ExecutionID, _ trouble: String) -> Remark {
        Remark(
            .info, "detail.unreadable", "execution \(id): \(trouble); what its data would tell is unknown",
            [("execution", id.text)])
    }
}

extension Answer {
    fileprivate var row: Execution? { if case .row(let row) = self { row } else { nil } }

    fileprivate static func of(
        _ question: Question, _ query: ListQuery, _ reader: any ExecutionReader
    ) async -> Result<Answer, ReadFailure> {
        do throws(ReadFailure) {
            switch question {
            case .row(let id): return .success(try await reader.execution(id).map { .row($0) } ?? .gone)
            case .fact(.detail(let id)): return .success(try await reader.detail(id).map { .detail($0) } ?? .gone)
            case .fact(.tags(let id)): return .success(try await reader.tags(of: id).map { .tags($0) } ?? .gone)
            case .oldPage: return .success(.page(try await reader.list(query)))
            }
        } catch { return .failure(error) }
    }
}
