internal import MendflowCore
internal import MendflowLedger

/// Cells that are known, and questions to which no answer is known yet. The rules run over it, and run again once those are
/// answered, until they ask nothing new: they are pure, so that a run which came too early does no harm. In one run everything is
/// found out that can be asked at once.
final class PostgresAnswers: LedgerCells {
    private var known: [PostgresQuestion: PostgresQuestion.Answer] = [:]
    /// What the last run asked in vain, in its order.
    private(set) var missing: [PostgresQuestion] = []

    /// Runs something once; nil where answers are missing, and what it made of their lack is nothing.
    func run<T>(_ body: (PostgresAnswers) throws(LedgerFailure) -> T) throws(LedgerFailure) -> T? {
        missing = []
        do throws(LedgerFailure) {
            let made = try body(self)
            return missing.isEmpty ? made : nil
        } catch {
            if missing.isEmpty { throw error }
            return nil
        }
    }

    /// Takes in an answer.
    func learn(_ question: PostgresQuestion, _ answer: PostgresQuestion.Answer) { known[question] = answer }

    private func answer(_ question: PostgresQuestion) -> PostgresQuestion.Answer? {
        if let answer = known[question] { return answer }
        if !waits(question) { missing.append(question) }
        return nil
    }

    /// Whether a question follows from answers that are missing, and would be another one with them.
    private func waits(_ question: PostgresQuestion) -> Bool {
        missing.contains { earlier in
            switch (earlier, question) {
            case (.since, .since), (.about, .since): false
            case (.since(let one, _), .about(let other, _)), (.about(let one, _), .about(let other, _)): one == other
            case (_, .since), (_, .about): true
            default: earlier == question
            }
        }
    }

    private func cells(_ question: PostgresQuestion) -> [LedgerCell] {
        if case .cells(let cells) = answer(question) { cells } else { [] }
    }

    func cells(of tables: Set<LedgerCell.Table>, instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        cells(.tables(tables, instance: instance))
    }

    func cells(_ keys: Set<LedgerCell.Key>) throws(LedgerFailure) -> [LedgerCell] { cells(.keys(keys)) }

    func cells(holding exclusives: Set<String>) throws(LedgerFailure) -> [LedgerCell] { cells(.holding(exclusives)) }

    func cells(of instance: InstanceKey, since: AgentTime) throws(LedgerFailure) -> [LedgerCell] {
        cells(.since(instance, since))
    }

    func cells(of instance: InstanceKey, about ids: Set<ExecutionID>) throws(LedgerFailure) -> [LedgerCell] {
        cells(.about(instance, ids))
    }

    func openIntents(instance: String?) throws(LedgerFailure) -> [LedgerCell] { cells(.open(instance: instance)) }

    func instances(ofEntries numbers: Set<Int64>) throws(LedgerFailure) -> [Int64: InstanceKey] {
        if case .places(let places) = answer(.places(numbers)) { places } else { [:] }
    }
}

extension PostgresAnswers {
    /// What appending entries makes of the ledger that ends as was found. The first run of the rules knows no end yet: what
    /// they need is asked for then all the same, together with the end.
    func append(
        _ entries: [LedgerEntry], to found: LedgerHead, expecting head: LedgerHead
    ) throws(LedgerFailure) -> LedgerAppend {
        guard found.chain == head.chain else {
            _ = try state(judging: entries, head: head)
            throw .moved(found)
        }
        var state = try state(judging: entries, head: found)
        do throws(LedgerRefusal) { return try state.append(entries) } catch { throw .refused(error) }
    }
}
