import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
import MendflowText
import MendflowWorkspace

/// Who an agent is among those that share a ledger.
struct Seat: Sendable {
    /// Its name, which no other has: a restart is another agent, for it does not know what the one before was about to send.
    var name: AgentName
    /// Where it runs, for people.
    var place: String
    /// How long a lease lasts, and how long it must last still where something is sent.
    var period: Period, margin: Period
    /// Whether others may sit beside it.
    var isShared = true

    /// The seat of an agent that has its ledger to itself: nobody ever takes it.
    static let alone = Seat(
        name: AgentName("alone"), place: "", period: .days(3650), margin: .zero, isShared: false)
}

extension Seat {
    init(_ workspace: Workspace) {
        let (environment, cluster) = (workspace.environment, workspace.configuration.cluster)
        let machine = Seat.machine(environment)
        let number = UInt16(truncatingIfNeeded: environment.random())
        name = AgentName("\(cluster.name ?? machine)-\(Hex.text([UInt8(number >> 8), UInt8(number & 0xFF)]))")
        place = "\(machine), mendflow \(Version.text)"
        period = cluster.lease
        margin = cluster.sendWithin
    }

    /// What the machine calls itself.
    private static func machine(_ environment: Environment) -> String {
        if let name = environment.variables["HOSTNAME"], !name.isEmpty { return name }
        guard case .success(let bytes) = environment.files.read("/etc/hostname", limit: 256) else { return "agent" }
        let name = String(decoding: bytes, as: UTF8.self).prefix { !$0.isWhitespace }
        return name.isEmpty ? "agent" : String(name)
    }
}
