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
        var instance: String, url: String, reachable: Bool, era: String?, capabilities: [String: Bool]
        var checks: [Check], ok: Bool
    }

    var instances: [Instance], ok: Bool

    init(_ doctor: Doctor) {
        instances = doctor.instances.map { Instance($0) }
        ok = doctor.isWell && doctor.isReachable
    }
}

extension DoctorJSON.Instance {
    fileprivate init(_ diagnosis: InstanceDiagnosis) {
        instance = diagnosis.instance
        url = diagnosis.url.description
        reachable = diagnosis.isReachable
        era = diagnosis.era?.rawValue
        capabilities = diagnosis.capabilities
        checks = diagnosis.checks.map { check in
            DoctorJSON.Check(
                topic: check.topic.rawValue, level: check.level.rawValue, words: check.message, id: check.remark?.id,
                policy: check.remark?.policy, place: check.remark?.place.description,
                suggestion: check.remark?.suggestion)
        }
        ok = diagnosis.isWell
    }
}
