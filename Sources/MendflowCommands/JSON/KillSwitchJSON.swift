import MendflowCore
import MendflowLedger
import MendflowOperations

/// `pause` and `resume` as JSON.
struct KillSwitchJSON: Encodable {
    /// An instance that is paused now; `until`: when acting begins there again by itself, left out where somebody has to
    /// lift a pause.
    struct Paused: Encodable { var instance: String, until: String? }
    var instances: [String], lifted: [String], stillPaused: String?, isOutlasted: Bool
    var paused: [Paused], longer: [String]?

    init(_ outcome: KillSwitch.Outcome) {
        instances = outcome.instances
        lifted = outcome.lifted.map(KillSwitchJSON.words)
        stillPaused = outcome.stillPaused
        isOutlasted = outcome.isOutlasted
        paused = outcome.paused.map { Paused(instance: $0.instance, until: $0.until?.rfc3339) }
        longer = outcome.longer.isEmpty ? nil : outcome.longer.map(KillSwitchJSON.longer)
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
