public import MendflowCore

extension Timestamp {
    /// 2026-05-04T12:00:00Z, when tests like to happen.
    public static let noon = Timestamp(milliseconds: 1_777_896_000_000)
}
