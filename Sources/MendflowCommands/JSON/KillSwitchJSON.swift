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
}
