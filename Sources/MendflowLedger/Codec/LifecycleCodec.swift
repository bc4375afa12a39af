import MendflowCore
import MendflowText

// How what happened to the agent itself is stored: `what` tells which of it.

extension Lifecycle {
    /// Its name in a record.
    package var name: String {
        switch self {
        case .started: "agent_started"
        case .reloaded: "policies_reloaded"
        case .confirmed: "reload_confirmed"
        case .stopped: "agent_stopped"
        case .restored: "ledger_restored"
        case .silenced: "server_asks_to_wait"
        case .hinted: "hints_arrive"
        }
    }

    func store(_ members: inout Members) {
        members.set("what", name)
        switch self {
        case .started(let started): started.store(&members)
        case .reloaded(let reload): reload.store(&members)
        case .confirmed(let word):
            members.set("contents", word.contents)
            members.set("by", word.by)
            members.set("reason", word.reason)
            members.set("losses", word.losses.map(\.stored))
        case .stopped(let why, let version, let agent):
            members.set("why", why)
            members.set("version", version)
            members.set("agent", agent?.text)
        case .restored(let restored): restored.store(&members)
        case .silenced(let instance, let end):
            members.set("instance", instance)
            members.set("until", end)
        case .hinted(let hints):
            members.set("instance", hints.instance)
            members.set("last", hints.last)
            members.set("received", hints.received)
            members.set("last_hour", hints.lastHour)
            members.set("release", hints.release)
        }
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        let name = try fields.text("what")
        switch name {
        case "agent_started": self = .started(try AgentStarted(&fields))
        case "policies_reloaded": self = .reloaded(try FilesReloaded(&fields))
        case "reload_confirmed":
            self = .confirmed(
                ReloadConfirmed(
                    contents: try fields.text("contents"), by: try fields.text("by"),
                    reason: try fields.textIfAny("reason"), losses: try fields.all("losses", ReloadLoss.init)))
        case "agent_stopped":
            self = .stopped(
                why: try fields.text("why"), version: try fields.text("version"),
                agent: try fields.textIfAny("agent").map(AgentName.init))
        case "ledger_restored": self = .restored(try LedgerRestored(&fields))
        case "server_asks_to_wait":
            self = .silenced(instance: try fields.text("instance"), until: try fields.time("until"))
        case "hints_arrive":
            self = .hinted(
                HintsArrived(
                    try fields.text("instance"), last: try fields.time("last"),
                    received: Int(try fields.number("received")), lastHour: Int(try fields.number("last_hour")),
                    release: try fields.textIfAny("release")))
        default: throw MalformedRecord("what is '\(name)'")
        }
    }
}

extension InForce {
    fileprivate func store(_ members: inout Members) {
        members.set("contents", contents)
        members.set("agent", agent?.text)
        let policies = policies.map { name, policy in
            (name, JSONValue.object(["version": .text(policy.version), "mode": .text(policy.mode.rawValue)]))
        }
        members.set("policies", value: .object(JSONObject(policies)))
        members.set(
            "instances", value: .object(JSONObject(modes.map { ($0.key, JSONValue.text($0.value.rawValue)) })))
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        var found = InForce(contents: try fields.text("contents"))
        found.agent = try fields.textIfAny("agent").map(AgentName.init)
        for (name, value) in try fields.object("policies").members {
            var policy = try Fields(value)
            found.policies[name] = Policy(version: try policy.text("version"), mode: try policy.word("mode"))
            try policy.finish()
        }
        var modes = try fields.object("instances")
        for name in modes.members.keys { found.modes[name] = try modes.word(name) }
        self = found
    }
}

extension AgentStarted {
    fileprivate func store(_ members: inout Members) {
        inForce.store(&members)
        members.set("version", version)
        members.set("mode", mode)
        members.set("unconfirmed", unconfirmed.map(\.stored))
        switch errand {
        case nil: break
        case .plan(let digest, let user):
            members.set("applies", digest)
            members.set("by", user)
        case .replay(let name, let user):
            members.set("replays", name)
            members.set("by", user)
        }
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try InForce(&fields), version: try fields.text("version"), mode: try fields.word("mode"),
            unconfirmed: try fields.all("unconfirmed", ReloadLoss.init))
        if let digest = try fields.textIfAny("applies") {
            errand = .plan(digest, by: try fields.text("by"))
        } else if let name = try fields.textIfAny("replays") {
            errand = .replay(name, by: try fields.text("by"))
        }
    }
}

extension FilesReloaded {
    fileprivate func store(_ members: inout Members) {
        inForce.store(&members)
        members.set("why", why)
        members.set("held", value: .texts(held))
        members.set("waiting", waiting.map(\.stored))
        members.set("needs_restart", needsRestart.map(\.rawValue))
        members.set("same_policies", hasSamePolicies)
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try InForce(&fields), why: try fields.word("why"), held: try fields.texts("held"),
            waiting: try fields.all("waiting", ReloadLoss.init))
        for name in try fields.texts("needs_restart") {
            guard let setting = RestartSetting(rawValue: name) else {
                throw MalformedRecord("needs_restart is '\(name)'")
            }
            needsRestart.append(setting)
        }
        hasSamePolicies = try fields.flag("same_policies")
    }
}

extension LedgerRestored {
    fileprivate func store(_ members: inout Members) {
        members.set("by", by)
        members.set("reason", reason)
        members.set("copy", copy)
        members.set("head", head)
        guard let lost else { return }
        members.set("lost", lost.records)
        members.set("sent", value: .texts(lost.sent))
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            by: try fields.text("by"), reason: try fields.textIfAny("reason"), copy: try fields.text("copy"),
            head: try fields.text("head"))
        guard let records = try fields.numberIfAny("lost") else { return }
        lost = Lost(records: records, sent: try fields.texts("sent"))
    }
}

extension ReloadLoss {
    fileprivate var stored: JSONValue {
        var members = Members()
        switch subject {
        case .policy(let name):
            members.set("of", "policy")
            members.set("policy", name)
        case .protection(let instance):
            members.set("of", "protection")
            members.set("instance", instance)
        case .limits(let instance):
            members.set("of", "limits")
            members.set("instance", instance)
        }
        members.set("words", words)
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        let of = try fields.text("of")
        let subject: Subject =
            switch of {
            case "policy": .policy(try fields.text("policy"))
            case "protection": .protection(instance: try fields.textIfAny("instance"))
            case "limits": .limits(instance: try fields.text("instance"))
            default: throw MalformedRecord("of is '\(of)'")
            }
        self.init(subject, try fields.text("words"))
        try fields.finish()
    }
}
