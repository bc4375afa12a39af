/// That what a policy would do waits for a person's yes.
public struct ApprovalRule: Sendable, Hashable {
    /// How long an ask stands, and a yes to it counts.
    public var expires: Period
    /// How many asks of the policy may be open at once.
    public var maxOpen: Int

    /// The longest time that an ask may stand: it is what people have to look back over.
    public static let longest = Period.days(30)
    /// How many asks may be open where the policy does not say.
    public static let defaultMaxOpen = 20

    /// Makes a rule.
    public init(expires: Period, maxOpen: Int = ApprovalRule.defaultMaxOpen) {
        self.expires = expires
        self.maxOpen = maxOpen
    }
}
