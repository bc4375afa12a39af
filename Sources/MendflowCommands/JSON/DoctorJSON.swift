import MendflowCore
import MendflowOperations
import MendflowText

/// What the doctor found, as JSON.
struct DoctorJSON: Encodable {
    struct Check: Encodable {
        var topic: String, level: String, words: String
        var id: String?, policy: String?, place: String?, suggestion: String?
    }
    struct Instance: Encodable {
        var instance: String, url: String, reachable: Bool, keyRefused: Bool?, era: String?,
            capabilities: [String: Bool]
        var checks: [Check], ok: Bool
    }

    /// What concerns the agent whichever instance it looks at; left out where there is nothing.
    var agent: [Check]?
    var instances: [Instance], ok: Bool

    init(_ doctor: Doctor) {
        agent = doctor.agent.isEmpty ? nil : doctor.agent.map { Check($0) }
        instances = doctor.instances.map { Instance($0) }
        ok = doctor.isWell && doctor.isReachable
    }
}

extension DoctorJSON.Check {
    fileprivate init(_ check: Doctor.Check) {
        (topic, level, words) = (check.topic.rawValue, check.level.rawValue, check.message)
        (id, policy) = (check.remark?.matter.id, check.remark?.policy)
        (place, suggestion) = (check.remark?.place.description, check.remark?.suggestion)
    }
}

extension DoctorJSON.Instance {
    fileprivate init(_ diagnosis: InstanceDiagnosis) {
        instance = diagnosis.instance
        url = diagnosis.url.description
        reachable = diagnosis.isReachable
        keyRefused = diagnosis.isKeyRefused ? true : nil
        era = diagnosis.era?.rawValue
        capabilities = diagnosis.capabilities
        checks = diagnosis.checks.map { DoctorJSON.Check($0) }
        ok = diagnosis.isWell
    }
}
