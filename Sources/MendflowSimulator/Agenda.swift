extension Simulator {
    /// Something that will happen at a later time.
    struct Event: Sendable {
        var at: Int64
        /// The order among events of the same time: first in, first out.
        var turn: Int
        var kind: Kind

        enum Kind: Sendable {
            case runEnds(Int, token: Int)
            case wakes(Int, till: Int64)
            case triggers(schedule: Int)
            case replies(CallID, Reply)
            case processes(CallID)
            case isUp(boot: Int)
            case workerIsUp(Int)
            case recovers
            case prunes
            case processDies(of: Int, back: Int64)
            case personRetries(Int)
            case tells
        }
    }

    /// The events to come as a binary heap, the next one on top; there may be a hundred thousand.
    struct Agenda: Sendable {
        private var heap: [Event] = []
        private var turn = 0

        var first: Event? { heap.first }

        mutating func put(_ kind: Event.Kind, at: Int64) {
            turn += 1
            heap.append(Event(at: at, turn: turn, kind: kind))
            var place = heap.count - 1
            while place > 0, comes(place, before: (place - 1) / 2) {
                heap.swapAt(place, (place - 1) / 2)
                place = (place - 1) / 2
            }
        }

        mutating func popFirst() -> Event? {
            guard let first = heap.first, let last = heap.popLast() else { return nil }
            if heap.isEmpty { return first }
            heap[0] = last
            var place = 0
            while true {
                var next = place
                for child in [2 * place + 1, 2 * place + 2] where child < heap.count && comes(child, before: next) {
                    next = child
                }
                if next == place { return first }
                heap.swapAt(place, next)
                place = next
            }
        }

        private func comes(_ one: Int, before other: Int) -> Bool {
            (heap[one].at, heap[one].turn) < (heap[other].at, heap[other].turn)
        }
    }
}
