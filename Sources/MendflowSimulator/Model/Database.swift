extension Simulator {
    /// What n8n's database holds; a copy of it is a backup.
    public struct Database: Sendable {
        /// The executions by id.
        public private(set) var executions: [Int: Execution] = [:]
        /// Their ids, ascending.
        public private(set) var ids: [Int] = []
        /// The next id of the sequence.
        public var nextID = 1
        /// The workflows by id.
        public var workflows: [String: Workflow] = [:]
        /// Names of the annotation tags by id.
        public var annotationTags: [String: AnnotationTag] = [:]
        /// Versions of workflows that were saved once and may still be run, by version.
        var versions: [String: Version] = [:]

        /// What lists filter by, beside `ids` and in the same order. A page can be found without touching the rows that
        /// it leaves out.
        private(set) var statuses: [Status] = []
        private(set) var starts: [Int64] = []
        private(set) var places: [Int32] = []
        private var workflowNumbers: [String: Int32] = [:]
        /// The ids of each status except success, ascending. They are few among many and asked for most often.
        private var rare: [Status: [Int]] = [:]

        /// Makes an empty one.
        public init() {}

        /// The execution of that id.
        public subscript(id: Int) -> Execution? { executions[id] }

        /// Adds or replaces an execution.
        public mutating func put(_ execution: Execution) {
            nextID = max(nextID, execution.id + 1)
            if executions.updateValue(execution, forKey: execution.id) != nil { return note(execution) }
            let place = ids.last.map { $0 < execution.id } ?? true ? ids.count : position(of: execution.id)
            ids.insert(execution.id, at: place)
            statuses.insert(execution.status, at: place)
            starts.insert(execution.startedAt ?? .min, at: place)
            places.insert(number(ofWorkflow: execution.workflowID), at: place)
            enter(execution.id, execution.status)
        }

        /// Removes an execution.
        public mutating func remove(_ id: Int) {
            guard let row = executions.removeValue(forKey: id) else { return }
            let place = position(of: id)
            ids.remove(at: place)
            statuses.remove(at: place)
            starts.remove(at: place)
            places.remove(at: place)
            leave(id, row.status)
        }

        /// Removes executions.
        public mutating func removeAll(_ gone: Set<Int>) {
            for id in gone { executions[id] = nil }
            let staying = ids.indices.filter { !gone.contains(ids[$0]) }
            statuses = staying.map { statuses[$0] }
            starts = staying.map { starts[$0] }
            places = staying.map { places[$0] }
            ids = staying.map { ids[$0] }
            rare = rare.mapValues { $0.filter { !gone.contains($0) } }
        }

        mutating func change(_ id: Int, _ change: (inout Execution) -> Void) {
            guard var execution = executions.removeValue(forKey: id) else { return }
            change(&execution)
            executions[id] = execution
            note(execution)
        }

        private mutating func note(_ execution: Execution) {
            let place = position(of: execution.id)
            if statuses[place] != execution.status {
                leave(execution.id, statuses[place])
                enter(execution.id, execution.status)
                statuses[place] = execution.status
            }
            starts[place] = execution.startedAt ?? .min
            places[place] = number(ofWorkflow: execution.workflowID)
        }

        private mutating func enter(_ id: Int, _ status: Status) {
            guard status != .success else { return }
            let place = Self.position(of: id, in: rare[status] ?? [])
            rare[status, default: []].insert(id, at: place)
        }

        private mutating func leave(_ id: Int, _ status: Status) {
            guard let known = rare[status] else { return }
            let place = Self.position(of: id, in: known)
            if place < known.count, known[place] == id { rare[status]?.remove(at: place) }
        }

        /// The ids of rows with one of these statuses, ascending.
        func ids(with wanted: Set<Status>) -> [Int] {
            if wanted.contains(.success) {
                return ids.indices.compactMap { wanted.contains(statuses[$0]) ? ids[$0] : nil }
            }
            if wanted.count == 1, let status = wanted.first { return rare[status] ?? [] }
            return wanted.flatMap { rare[$0] ?? [] }.sorted()
        }

        /// The number that stands for a workflow in `places`; nil if no execution is of it.
        func knownNumber(ofWorkflow id: String) -> Int32? { workflowNumbers[id] }

        private mutating func number(ofWorkflow id: String) -> Int32 {
            if let number = workflowNumbers[id] { return number }
            workflowNumbers[id] = Int32(workflowNumbers.count)
            return Int32(workflowNumbers.count - 1)
        }

        /// The position of an id in `ids`, or where it would be inserted.
        func position(of id: Int) -> Int { Self.position(of: id, in: ids) }

        static func position(of id: Int, in ids: [Int]) -> Int {
            var low = 0
            var high = ids.count
            while low < high {
                let middle = (low + high) / 2
                if ids[middle] < id { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// A version of a workflow that is not its draft.
    struct Version: Sendable {
        var snapshot: JSON
        var script: Script
    }

    /// An annotation tag.
    public struct AnnotationTag: Sendable, Hashable {
        /// The id, 16 letters and digits.
        public var id: String
        /// The name.
        public var name: String
        /// When it was made, in milliseconds since 1970.
        public var createdAt: Int64

        /// Makes a tag.
        public init(id: String, name: String, createdAt: Int64) {
            self.id = id
            self.name = name
            self.createdAt = createdAt
        }

        var json: JSON {
            [
                "id": .string(id), "name": .string(name), "createdAt": .init(time: createdAt),
                "updatedAt": .init(time: createdAt),
            ]
        }
    }
}
