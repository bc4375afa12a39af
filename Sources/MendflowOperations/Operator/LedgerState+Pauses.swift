import MendflowCore
import MendflowLedger

extension LedgerState {
    /// When an instance that is paused may be acted on again by itself; nil where it is not paused, or somebody has to lift that.
    func pauseEnds(on name: String, at time: AgentTime) -> AgentTime? {
        let all = allPauses(at: time).filter { $0.instance == nil || $0.instance == name }
        guard all.allSatisfy({ $0.until != nil }) else { return nil }
        return all.compactMap(\.until).max()
    }
}
