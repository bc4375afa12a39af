import MendflowCore

/// One run among those of several n8n: each numbers its own, and begins anew with another database.
struct RunKey: Sendable, Hashable {
    var instance: InstanceKey, execution: ExecutionID

    init(_ instance: InstanceKey, _ execution: ExecutionID) { (self.instance, self.execution) = (instance, execution) }
}
