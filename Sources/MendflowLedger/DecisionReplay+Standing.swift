public import MendflowCore

extension DecisionReplay {
    /// One pass of a planning, made again: what it saw, the ledger as it stood, and what came of it.
    public struct Pass: Sendable {
        /// Which policies were judged.
        public var pass: Planner.Pass
        /// What was seen, the ledger as it stood, and what came of it.
        public var snapshot: Snapshot, view: LedgerView, plan: Plan
    }

    /// A decision that stood at some moment, for no newer one had been made.
    public struct Standing: Sendable {
        /// The number of its record, and what was recorded.
        public var number: Int64, recorded: DecidedExecution
        /// Whether the agent acted then.
        public var acts: Bool
        /// How far n8n's clock was ahead.
        public var clockOffset: ClockOffset
        /// The policies that were in force; nil where they cannot be made again, and then there are no passes.
        public var policies: PolicySet?
        /// Whether it leans on records that were sealed, and cannot be made again for that.
        public var leansOnSealed: Bool
        /// The policies whose action was due and not begun, where others were chosen alone.
        public var notBegun: [String] = []
        /// The passes that it comes from.
        public var passes: [Pass]
    }

    /// The decision about an execution's chain that stood at a moment; where an agent acted, the one of the policies in
    /// dry-run behind it. None where nothing had been decided yet.
    ///
    /// - Parameter policies: finds the policies of the instance by their list.
    /// - Throws: `corrupt` where the evidence is not whole.
    public func standing(
        about execution: ExecutionID, of key: InstanceKey, at time: ServerTime,
        policies: (EvidencePiece) -> PolicySet?
    ) throws(LedgerFailure) -> [Standing] {
        let made = decisions(about: execution, of: key).filter { $0.decided.now <= time }
        guard let newest = made.last else { return [] }
        var found = [try standing(newest, of: key, policies)]
        guard found[0].acts, let other = made.last(where: { $0.decided.isShadow != newest.decided.isShadow }) else {
            return found
        }
        let beside = try standing(other, of: key, policies)
        if beside.acts { found.append(beside) }
        return found.sorted { !$0.recorded.isShadow && $1.recorded.isShadow }
    }

    /// When something was decided first about an execution's chain; nil where that never was.
    public func firstDecision(about execution: ExecutionID, of key: InstanceKey) -> ServerTime? {
        decisions(about: execution, of: key).first?.decided.now
    }

    /// The ledger as it stood at a moment by the agent's clock.
    public func state(at time: AgentTime) throws(LedgerFailure) -> LedgerState {
        let last = floor + Int64(entries.prefix { $0.at <= time }.count)
        return try states(at: [last])[last] ?? LedgerState()
    }

    /// Decisions with evidence about an execution or its chain, by the position of their entries.
    private func decisions(
        about execution: ExecutionID, of key: InstanceKey
    ) -> [(index: Int, decided: DecidedExecution)] {
        let all: [(index: Int, decided: DecidedExecution)] = entries.enumerated().compactMap { index, entry in
            guard case .decided(let decided) = entry.event, decided.instance == key, decided.evidence != nil else {
                return nil
            }
            return (index, decided)
        }
        let roots = Set(all.filter { $0.decided.execution == execution }.map(\.decided.root)).union([execution])
        return all.filter { roots.contains($0.decided.root) }
    }

    private func standing(
        _ made: (index: Int, decided: DecidedExecution), of key: InstanceKey, _ policies: (EvidencePiece) -> PolicySet?
    ) throws(LedgerFailure) -> Standing {
        let start = entries[..<made.index].lastIndex { $0.planning != nil && $0.event.instance == key }
        guard let start, let planning = entries[start].planning else {
            guard leaning.decisions.contains(made.index) else {
                throw .corrupt("record \(number(made.index)): a decision without its planning")
            }
            return Standing(
                number: number(made.index), recorded: made.decided, acts: false, clockOffset: .zero, policies: nil,
                leansOnSealed: true, passes: [])
        }
        let leans = leaning.plannings.contains(start)
        var found = Standing(
            number: number(made.index), recorded: made.decided, acts: planning.acts,
            clockOffset: planning.clockOffset, policies: leans ? nil : list(of: planning).flatMap(policies),
            leansOnSealed: leans, passes: [])
        if planning.acts, !made.decided.isShadow {
            let begun = reserved(made.decided, at: made.index)
            found.notBegun = made.decided.parts.filter { $0.label == "act" && !begun.contains($0) }
                .compactMap(\.verdict.policy)
        }
        guard let set = found.policies else { return found }
        var replay = try replay(planning, of: key, at: start, set, try states(at: [planning.head]))
        found.passes = try replay.passes(made.decided)
        return found
    }
}
