/// The rule for the tokens that others show when they ask the agent something.
public enum AccessToken {
    /// The least number of characters: what is shorter can be guessed.
    public static let shortest = 16
}
