import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

extension KillSwitch.Outcome {
    /// What a program is told that ordered it; a browser is sent to the page that shows it.
    var told: JSONValue {
        var members: [(String, JSONValue)] = [
            ("instances", .texts(instances)), ("paused", .flag(standing != nil)),
        ]
        if let standing {
            members += [
                ("reason", .text(standing.reason)), ("by", .text(standing.by)), ("since", .text(standing.at.rfc3339)),
                ("until", standing.until.map { .text($0.rfc3339) } ?? .null),
            ]
        }
        // A pause of all may be over while that of one instance holds on.
        let held = paused.map { instance, until in
            JSONValue.object(["instance": .text(instance), "until": until.map { .text($0.rfc3339) } ?? .null])
        }
        members.append(("paused_instances", .list(held)))
        return .object(JSONObject(members))
    }
}
