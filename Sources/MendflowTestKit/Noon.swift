public import MendflowCore

extension Moment {
    /// 2026-05-04T12:00:00Z, when tests like to happen.
    public static var noon: Self { Self(milliseconds: 1_777_896_000_000) }
}
