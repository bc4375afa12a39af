extension BinaryInteger {
    /// A number of things in words: `1 record`, `2 records`.
    public func words(_ one: String, _ many: String) -> String { "\(self) \(self == 1 ? one : many)" }
}
