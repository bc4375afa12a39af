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
        /// The scripts of versions that were saved once and may still be run as snapshots, by version.
        var oldScripts: [String: Script] = [:]

        /// The execution of that id.
        public subscript(id: Int) -> Execution? { executions[id] }

        /// Adds or replaces an execution.
        public mutating func put(_ execution: Execution) {
            if executions.updateValue(execution, forKey: execution.id) == nil {
                let place = ids.last.map { $0 < execution.id } ?? true ? ids.count : position(of: execution.id)
                ids.insert(execution.id, at: place)
            }
            nextID = max(nextID, execution.id + 1)
        }

        /// Removes an execution.
        public mutating func remove(_ id: Int) {
            guard executions.removeValue(forKey: id) != nil else { return }
            ids.remove(at: position(of: id))
        }

        mutating func change(_ id: Int, _ change: (inout Execution) -> Void) {
            guard var execution = executions.removeValue(forKey: id) else { return }
            change(&execution)
            executions[id] = execution
        }

        /// Where an id stands, or would stand.
        func position(of id: Int) -> Int {
            var low = 0
            var high = ids.count
            while low < high {
                let middle = (low + high) / 2
                if ids[middle] < id { low = middle + 1 } else { high = middle }
            }
            return low
        }
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
