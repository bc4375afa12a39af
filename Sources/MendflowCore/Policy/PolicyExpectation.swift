/// What a policy's author expects of it in a backtest. It is for reviewers and for CI; no decision
/// looks at it, unless the policy goes back to dry-run by it (`DemotionRule`).
public struct PolicyExpectation: Sendable, Hashable {
    /// What is counted, as observed: the way in which retries turn out that the history suggests.
    public enum Measure: String, Sendable, Hashable, CaseIterable {
        /// Requests of any kind; the most of them on one day (UTC).
        case actions
        case actionsPerDay = "actions_per_day"
        /// Chains and live runs that it acts on; failed chains that it owns and never acts on.
        case chains, held
        /// Failed chains that its retries heal, and how many that is of a hundred that it retries.
        case healed
        case healRate = "heal_rate"
        /// Chains that it gives up.
        case exhausted
        /// Retries after which something may have been done twice.
        case mayRepeat = "may_repeat"
        /// Chains that people ended and that it would have run again.
        case againstPeople = "against_people"

        /// The largest number that makes sense.
        public var most: Int { self == .healRate ? 100 : 1_000_000_000 }

        /// What is counted, in words.
        public var words: String {
            switch self {
            case .actions: "requests"
            case .actionsPerDay: "requests on the busiest day"
            case .chains: "chains that it acts on"
            case .held: "failed chains that it owns and never acts on"
            case .healed: "failed chains that it heals"
            case .healRate: "of a hundred chains that it retries, healed"
            case .exhausted: "chains that it gives up"
            case .mayRepeat: "retries after which something may have been done twice"
            case .againstPeople: "chains that people ended and it would have run again"
            }
        }
    }
    /// What is counted.
    public var measure: Measure
    /// What must hold of the number: operators, all of which must hold.
    public var operators: [FieldOperator]
    /// Where it stands.
    public var place: SourcePlace?

    /// Makes an expectation.
    public init(_ measure: Measure, _ operators: [FieldOperator], place: SourcePlace? = nil) {
        self.measure = measure
        self.operators = operators
        self.place = place
    }

    /// Whether a number is as expected.
    public func holds(_ number: Int) -> Bool {
        operators.allSatisfy { FieldOperator.holds($0, .number(Int64(number))) }
    }

    /// What is wanted of the number: `<= 20`.
    public var wanted: String {
        operators.map { operation in
            if case .numberIn(let numbers) = operation, numbers.count == 1 { return "\(numbers[0])" }
            return operation.text
        }.joined(separator: " and ")
    }
}
