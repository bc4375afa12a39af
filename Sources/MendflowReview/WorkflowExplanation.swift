public import MendflowCore

/// Why runs of a workflow count as missed or not, for each policy that looks for what did not happen.
public struct WorkflowExplanation: Sendable, Hashable {
    /// What one policy wants of the workflow, and what it found.
    public struct Wish: Sendable, Hashable {
        /// The policy's name, mode and place.
        public var policy: String, mode: Mode, place: SourcePlace
        /// What it found.
        public var finding: AbsenceFinding
        /// Since when a run is on record as missing; nil where none is.
        public var toldSince: ServerTime?

        /// By when a run has to be there; where one is missed, by when it had to be. Nil while a run goes on, and where
        /// nobody can tell.
        public var wantedBy: ServerTime? {
            switch finding.standing {
            case .ran(_, let until): until
            case .absent(let absence): absence.since
            case .untold: nil
            }
        }
    }

    /// The instance, and the moment by its clock.
    public var instance: String, now: ServerTime
    /// The workflow, its name, and whether it is switched on.
    public var workflow: WorkflowID, name: String, isSwitchedOn: Bool
    /// The policies that look for its missing runs, in order.
    public var wishes: [Wish]
    /// Policies that look for missing runs of other workflows.
    public var others: [String]

    /// Explains a workflow by what policies found of all; `open` are the absences that the ledger holds.
    public init(
        of info: WorkflowInfo, on instance: String, now: ServerTime, _ findings: [AbsenceFinding], _ policies: [Policy],
        open: [AbsenceKey: Absence]
    ) {
        (self.instance, self.now) = (instance, now)
        (workflow, name, isSwitchedOn) = (info.id, info.name, info.isSwitchedOn)
        let watching = policies.filter { $0.absence != nil && $0.mode != .off }
        wishes = watching.compactMap { policy in
            findings.first { $0.key == AbsenceKey(policy.name, info.id) }.map { finding in
                Wish(
                    policy: policy.name, mode: policy.mode, place: policy.place, finding: finding,
                    toldSince: open[finding.key]?.since)
            }
        }
        let own = Set(wishes.map(\.policy))
        others = watching.map(\.name).filter { !own.contains($0) }
    }
}
