import MendflowLedger
import MendflowOperations

/// `pause` and `resume` as JSON.
struct KillSwitchJSON: Encodable {
    var instances: [String], lifted: [String], stillPaused: String?, isOutlasted: Bool

    init(_ outcome: KillSwitch.Outcome) {
        instances = outcome.instances
        lifted = outcome.lifted.map(KillSwitchJSON.words)
        stillPaused = outcome.stillPaused
        isOutlasted = outcome.isOutlasted
    }

    /// A pause with the reason that it was set for.
    static func words(_ pause: LedgerState.Pause) -> String {
        "\(pause.instance ?? "all instances"): \(pause.words)"
    }

    /// That a pause beside the one that was asked for holds longer, and until when.
    static func longer(_ pause: LedgerState.Pause) -> String {
        let whose = pause.instance.map { "a pause of \($0) alone" } ?? "a pause of all instances"
        let end = pause.until == nil ? "until it is lifted" : "until then"
        return "\(whose) holds longer, \(end): \(pause.words)"
    }
}
