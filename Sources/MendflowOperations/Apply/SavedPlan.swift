public import MendflowCore
public import MendflowLedger
public import MendflowReview
import MendflowText

/// A plan that was put into a file, so that exactly what somebody read is what is done.
public struct SavedPlan: Sendable, Hashable {
    /// An action of it, with what was seen of the execution then.
    public struct Item: Sendable, Hashable {
        /// What is to be done.
        public var chosen: ChosenAction
        /// The execution's status, and its workflow's name.
        public var status: ExecutionStatus, workflow: String
        /// What else was seen, so that it can be told what has changed; a plan of an earlier version tells nothing.
        public var seen = SeenFacts()
    }

    /// The instance and the epoch of its database.
    public var instance: InstanceKey
    /// When it was made, and from when on it is not applied any more, by the agent's clock.
    public var madeAt: AgentTime, expiresAt: AgentTime
    /// The end of the ledger that it was made with, and the policies in force.
    public var ledger: AuditHead, policies: EvidenceHash
    /// What is to be done, in order.
    public var items: [Item]

    /// Why a file is no plan that can be applied.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong with it.
        public var description: String
    }

    private static let version: Int64 = 1

    /// The digest of everything in it.
    public var digest: String { SHA256.hex(of: String(decoding: CanonicalJSON.encode(content), as: UTF8.self)) }

    /// The file's text.
    public var text: String {
        let sealed = JSONValue.object(["digest": .text(digest), "plan": content])
        return String(decoding: CanonicalJSON.encode(sealed), as: UTF8.self) + "\n"
    }

    private var content: JSONValue {
        .object([
            "version": .integer(SavedPlan.version), "instance": .text(instance.name),
            "epoch": .integer(Int64(instance.epoch)), "made_at": .integer(madeAt.milliseconds),
            "expires_at": .integer(expiresAt.milliseconds), "ledger": .text(ledger.description),
            "policies": .text(policies.description), "actions": .list(items.map(\.content)),
        ])
    }

    /// Reads a file's text.
    public init(_ text: String) throws(Fault) {
        let bytes = Array(text.utf8)
        let line = bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
        let sealed: JSONValue
        do throws(CanonicalJSONError) { sealed = try CanonicalJSON.decode(line) } catch {
            throw Fault(description: "is no saved plan: \(error)")
        }
        guard case .object(let members) = sealed, case .text(let digest)? = members["digest"],
            case .object(let plan)? = members["plan"]
        else { throw Fault(description: "is no saved plan: `mendflow plan --out FILE` makes one") }
        guard SHA256.hex(of: String(decoding: CanonicalJSON.encode(.object(plan)), as: UTF8.self)) == digest else {
            throw Fault(description: "was changed since it was made: its digest does not fit")
        }
        guard plan["version"] == .integer(SavedPlan.version) else {
            throw Fault(description: "was made by another version of mendflow")
        }
        guard case .text(let instance)? = plan["instance"], case .integer(let epoch)? = plan["epoch"],
            case .integer(let made)? = plan["made_at"], case .integer(let expires)? = plan["expires_at"],
            case .text(let head)? = plan["ledger"], let ledger = AuditHead(head),
            case .text(let hash)? = plan["policies"], let policies = EvidenceHash(hash),
            case .list(let actions)? = plan["actions"]
        else { throw Fault(description: "is no whole plan") }
        let items = actions.compactMap(Item.init)
        guard items.count == actions.count else { throw Fault(description: "has an action that is not whole") }
        self.init(
            instance: InstanceKey(name: instance, epoch: Int(epoch)), madeAt: AgentTime(milliseconds: made),
            expiresAt: AgentTime(milliseconds: expires), ledger: ledger, policies: policies, items: items)
    }

    /// Makes a plan.
    init(
        instance: InstanceKey, madeAt: AgentTime, expiresAt: AgentTime, ledger: AuditHead, policies: EvidenceHash,
        items: [Item]
    ) {
        self.instance = instance
        self.madeAt = madeAt
        self.expiresAt = expiresAt
        self.ledger = ledger
        self.policies = policies
        self.items = items
    }
}

extension SavedPlan.Item {
    fileprivate var content: JSONValue {
        .object([
            "action": .text(chosen.action.rawValue), "execution": .text(chosen.execution.text),
            "policy": .text(chosen.policy), "request": .text(chosen.request), "status": .text(status.rawValue),
            "workflow": .text(workflow), "seen": .object(JSONObject(seen.words.map { ($0.key, .text($0.value)) })),
        ])
    }

    fileprivate init?(_ value: JSONValue) {
        guard case .object(let members) = value, case .text(let word)? = members["action"],
            let action = ActionKind(rawValue: word), case .text(let execution)? = members["execution"],
            case .text(let policy)? = members["policy"], case .text(let request)? = members["request"],
            case .text(let state)? = members["status"], let status = ExecutionStatus(rawValue: state),
            case .text(let workflow)? = members["workflow"]
        else { return nil }
        self.init(
            chosen: ChosenAction(
                action: action, execution: ExecutionID(execution), policy: policy, request: request),
            status: status, workflow: workflow)
        guard case .object(let facts)? = members["seen"] else { return }
        for (name, fact) in facts { if case .text(let words) = fact { seen.words[name] = words } }
    }
}
