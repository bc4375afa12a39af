import MendflowCore
import MendflowOperations

/// What came of a saved plan, for programs.
struct ApplyJSON: Encodable {
    struct Item: Encodable {
        var action: String
        var execution: String
        var policy: String
        var request: String
        var result: String
        var state: String?
        var words: String
        var was: String
        var now: String?
        /// What is otherwise than when the plan was made.
        var changes: [String]?
    }
    var plan: String
    var items: [Item]

    init(_ plan: SavedPlan, _ outcomes: [Applying.Outcome]) {
        self.plan = plan.digest
        items = outcomes.map { one in
            let chosen = one.item.chosen
            var item = Item(
                action: chosen.action.rawValue, execution: chosen.execution.text, policy: chosen.policy,
                request: chosen.request, result: "", state: nil, words: "", was: one.item.status.rawValue, now: nil)
            switch one.result {
            case .done(let state, let note): (item.result, item.state, item.words) = ("done", state.rawValue, note)
            case .doneBefore(let intent, let state):
                (item.result, item.state, item.words) = ("done_before", state.rawValue, "intent \(intent)")
            case .drifted(let why, let now, let changes):
                (item.result, item.words, item.now) = ("drifted", why ?? "", now?.rawValue)
                item.changes = changes.isEmpty ? nil : changes
            }
            return item
        }
    }
}
