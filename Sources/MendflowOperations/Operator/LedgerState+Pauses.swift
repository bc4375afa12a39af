import MendflowCore
import MendflowLedger

extension LedgerState {
    /// The pauses that hold an instance at a time, that of all instances first.
    func pauses(on name: String, at time: AgentTime) -> [Pause] {
        allPauses(at: time).filter { $0.instance == nil || $0.instance == name }
    }

    /// Why an instance is paused, and until when, of each pause that holds it; nil where none does.
    func pauseWords(on name: String, at time: AgentTime) -> String? {
        let all = pauses(on: name, at: time)
        return all.isEmpty ? nil : all.map(\.words).joined(separator: "; ")
    }

    /// When an instance that is paused may be acted on again by itself; nil where it is not paused, or somebody has to lift that.
    func pauseEnds(on name: String, at time: AgentTime) -> AgentTime? {
        let all = pauses(on: name, at: time)
        guard all.allSatisfy({ $0.until != nil }) else { return nil }
        return all.compactMap(\.until).max()
    }
}
