import MendflowCore
import Synchronization

/// A reader that remembers why the data of executions was not to be had, for those who ask afterwards.
final class NotingReader: ExecutionReader {
    private let base: any ExecutionReader
    private let noted = Mutex<[ExecutionID: ReadFailure]>([:])

    init(_ base: any ExecutionReader) { self.base = base }

    /// The last failure of each execution's data.
    var failures: [ExecutionID: ReadFailure] { noted.withLock { $0 } }

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage { try await base.list(query) }

    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? { try await base.execution(id) }

    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? {
        do throws(ReadFailure) {
            let found = try await base.detail(id)
            noted.withLock { $0[id] = nil }
            return found
        } catch {
            noted.withLock { $0[id] = error }
            throw error
        }
    }

    func workflows() async throws(ReadFailure) -> [WorkflowInfo] { try await base.workflows() }

    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? { try await base.tags(of: id) }

    func capabilities() async throws(ReadFailure) -> ServerCapabilities { try await base.capabilities() }
}
