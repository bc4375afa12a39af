extension LeaseBoard {
    /// What is led like an instance: the telling of messages, which one of the agents does for all. No instance has such a name.
    public static let desk = "(messages)"
}
