/// Sebastiano Vigna's SplitMix64: small, and the same everywhere, so that a failing run can be had again.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64
    /// Makes a generator.
    public init(seed: UInt64) { state = seed }
    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below a bound.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
